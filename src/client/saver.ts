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
  /** Told of a refusal that stays; what was refused is not tried again. */
  readonly onError: (error: unknown) => void
}

export type Saver = ReturnType<typeof createSaver>

export const createSaver = ({ session, debounceMs, onError }: SaverSettings) => {
  const unsaved = new Map<string, unknown>()
  const stopped = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> | undefined

  const save = (values: readonly (readonly [key: string, value: unknown])[]): Promise<unknown> =>
    session.patch(patchOf({ set: Object.fromEntries(values), removed: [] }))

  /** A refusal is of all that was sent: one field that is not allowed keeps no other from being saved. */
  const saveEach = async (values: readonly (readonly [key: string, value: unknown])[]): Promise<void> => {
    for (const value of values) {
      await save([value]).catch((error) => {
        if (!staysRefused(error)) throw error
        onError(error)
      })
    }
  }

  const saveAll = async (): Promise<void> => {
    for (let failures = 0; unsaved.size > 0 && !stopped.signal.aborted; ) {
      const values = [...unsaved]
      unsaved.clear()
      try {
        await save(values).catch((error) => {
          if (!staysRefused(error) || isCoatcheckError(error, 'closed')) throw error
          return saveEach(values)
        })
        failures = 0
      } catch (error) {
        if (isCoatcheckError(error, 'closed')) return
        for (const [key, value] of values) if (!unsaved.has(key)) unsaved.set(key, value)
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
