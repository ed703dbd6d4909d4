/**
 * Saves what somebody types: a moment after the last change, the latest value of each key, and one save after the other, so
 * that an earlier value never comes after a later one. What could not be saved because the service was away is saved when it
 * is back, with what was typed meanwhile.
 */
import { patchOf } from './difference.ts'
import { isCoatcheckError, staysRefused } from './errors.ts'
import type { Session } from './session.ts'
import { pause, pauseBefore } from './waiting.ts'

export type SaverSettings = {
  readonly session: Pick<Session<Record<string, unknown>>, 'patch'>
  /** How long after the last change. In ms. */
  readonly debounceMs: number
  /** Told of a refusal that stays, key by key; what was refused is not tried again. */
  readonly onError: (error: unknown) => void
}

export type Saver = ReturnType<typeof createSaver>

export const createSaver = ({ session, debounceMs, onError }: SaverSettings) => {
  const unsaved = new Map<string, unknown>()
  const stopped = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> | undefined

  const saveAll = async (): Promise<void> => {
    /** Whether each key is saved by itself: a patch is refused as a whole, perhaps for one of its keys. */
    let isApart = false
    const putBack = (values: readonly (readonly [string, unknown])[]): void => {
      for (const [key, value] of values) if (!unsaved.has(key)) unsaved.set(key, value)
    }
    for (let failures = 0; unsaved.size > 0 && !stopped.signal.aborted; ) {
      const values = [...unsaved].slice(0, isApart ? 1 : undefined)
      for (const [key] of values) unsaved.delete(key)
      try {
        await session.patch(patchOf({ set: Object.fromEntries(values), removed: [] }))
        failures = 0
      } catch (error) {
        if (isCoatcheckError(error, 'closed')) return
        if (staysRefused(error)) {
          if (values.length === 1) onError(error)
          else putBack(values)
          isApart = true
          continue
        }
        putBack(values)
        await pause(pauseBefore(failures++), stopped.signal).catch(() => {})
      }
    }
  }

  /** Saves what there is to save, now; settles when it is saved. */
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    saving ??= saveAll().finally(() => {
      saving = undefined
    })
    return saving
  }

  return {
    put(key: string, value: unknown): void {
      unsaved.set(key, value)
      clearTimeout(timer)
      timer = setTimeout(() => void flush(), debounceMs)
    },
    flush,
    /** Tries no more; what is not saved by now is lost. */
    stop(): void {
      clearTimeout(timer)
      stopped.abort()
    },
  }
}
