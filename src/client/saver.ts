/**
 * Saves what somebody types: the first change at once, and what follows a moment after the last one; of each key the latest
 * value, and one save after the other, so that an earlier value never comes after a later one. What could not be saved because
 * the service was away is saved when it is back, with what was typed meanwhile.
 */
import { patchOf } from './difference.ts'
import { isCoatcheckError, staysRefused } from './errors.ts'
import type { Session } from './session.ts'
import { revisionIn } from './told.ts'
import { pause, pauseBefore } from './waiting.ts'

export type SaverSettings = {
  readonly session: Pick<Session<Record<string, unknown>>, 'patch'>
  /** How long after the last change; as soon as the save before is answered if left out. In ms. */
  readonly debounceMs?: number
  /** Told of a refusal that stays, key by key; what was refused is not tried again. */
  readonly onError: (error: unknown) => void
}

export type Saver = ReturnType<typeof createSaver>

/** The latest value that was typed for a key. */
type Typed = {
  readonly value: unknown
  /** The first revision of the settings that has it; undefined until it is saved. */
  revision?: number
}

export const createSaver = ({ session, debounceMs = 0, onError }: SaverSettings) => {
  const unsaved = new Map<string, unknown>()
  /** What is shown in place of what the service tells, until that is as new. */
  const typed = new Map<string, Typed>()
  const stopped = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isFirst = false
  let lastAt = Number.NEGATIVE_INFINITY
  let saving: Promise<void> | undefined
  let latest = 0

  /** Those of the keys that nobody has typed anew meanwhile. */
  const latestOf = (values: readonly (readonly [string, unknown])[]): readonly string[] =>
    values.map(([key]) => key).filter((key) => !unsaved.has(key))

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
        const { etag } = await session.patch(patchOf({ set: Object.fromEntries(values), removed: [] }))
        for (const key of latestOf(values)) (typed.get(key) as Typed).revision = revisionIn(etag)
        failures = 0
      } catch (error) {
        if (isCoatcheckError(error, 'closed')) return
        if (staysRefused(error)) {
          if (values.length === 1) {
            for (const key of latestOf(values)) typed.delete(key)
            onError(error)
          } else putBack(values)
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
    isFirst = false
    saving ??= saveAll().finally(() => {
      saving = undefined
    })
    return saving
  }

  return {
    /** What is to be saved of a key, from now on. */
    put(key: string, value: unknown): void {
      unsaved.set(key, value)
      typed.set(key, { value })
      const now = performance.now()
      isFirst ||= now - lastAt > debounceMs && !saving
      lastAt = now
      clearTimeout(timer)
      timer = setTimeout(() => void flush(), isFirst ? 0 : debounceMs)
    },

    /**
     * What there is to show where an event tells of these settings: of a key that was put the latest value, until a revision
     * tells of it. So nothing that is shown is ever older than what was shown before. Revisions go back only when the store has
     * lost writes, in a fail-over: what was saved, and is not told of, is then saved again.
     */
    over<Settings extends object>(settings: Settings, revision: number): Settings {
      const hasLost = revision < latest
      latest = revision
      for (const [key, one] of typed) {
        if (one.revision === undefined) continue
        if (one.revision <= revision) typed.delete(key)
        else if (hasLost) {
          unsaved.set(key, one.value)
          delete one.revision
        }
      }
      if (hasLost) void flush()
      return { ...settings, ...Object.fromEntries([...typed].map(([key, { value }]) => [key, value])) } as Settings
    },

    flush,
    /** Tries no more; what is not saved by now is lost. */
    stop(): void {
      clearTimeout(timer)
      stopped.abort()
    },
  }
}
