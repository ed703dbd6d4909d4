/** The settings of a session as a whole. */
import { CoatcheckError } from '../errors.ts'
import type { Settings, Store, Version, Write, Written } from '../store/port.ts'
import { type Caller, credentialOf, refOf } from './caller.ts'
import type { ApplyChange, WriteBase } from './change.ts'
import { checkKey, checkSettings } from './check-settings.ts'
import { type Condition, isConditional, settingsPrecondition } from './condition.ts'
import { applyJsonPatch } from './json-patch.ts'
import { type MergePatch, mergeValue } from './merge-patch.ts'
import { orThrow, throwIfAbsent } from './outcome.ts'
import type { JsonPatch } from './read-json-patch.ts'
import { type Repeatable, repeatOf } from './repeat.ts'
import type { PolicyOf, Sessions } from './sessions.ts'
import { UNWRITTEN, versionOf } from './version.ts'

export type SettingsState = { readonly version: Version; readonly settings: Settings }

export type SettingsWritten = {
  readonly version: Version
  /** Whether this write began the settings. */
  readonly began: boolean
  /** The settings after the write, if they were asked for. */
  readonly settings: Settings | null
}

export type WriteOptions = {
  readonly condition: Condition
  readonly repeatable?: Repeatable | undefined
  /** Whether the answer is to hold the settings as they are after the write. */
  readonly readBack: boolean
  /** Whether this counts as use. */
  readonly use: boolean
}

export const createSettings = ({
  store,
  policyOf,
  sessions,
  applyChange,
}: {
  store: Store
  policyOf: PolicyOf
  sessions: Sessions
  applyChange: ApplyChange
}) => {
  const base = (caller: Caller, id: string, options: WriteOptions): WriteBase => {
    const { idleTimeoutSeconds, lifetimeSeconds } = policyOf(caller.namespace)
    const repeat = repeatOf(caller, id, options.repeatable)
    return {
      credential: credentialOf(caller),
      create: 'if-missing',
      clocks: { idleTimeoutSeconds, lifetimeSeconds },
      precondition: settingsPrecondition(options.condition),
      writes: true,
      use: options.use,
      readBack: options.readBack,
      ...(repeat === undefined ? {} : { repeat }),
    }
  }

  const answer = async (caller: Caller, id: string, written: Written, readBack: boolean): Promise<SettingsWritten> => {
    const { version, began } = written
    if (!readBack) return { version, began, settings: null }
    if (written.live) return { version, began, settings: written.live.settings }
    const found = await store.read(refOf(caller, id))
    throwIfAbsent(found)
    return { version: versionOf(found.record), began, settings: found.settings }
  }

  /** A write that depends on nothing that is there. */
  const put = async (caller: Caller, id: string, write: Omit<Write, 'limits'>): Promise<Written> => {
    const { limits } = policyOf(caller.namespace)
    const outcome = await store.write(refOf(caller, id), {
      ...write,
      limits: { bytes: limits.settingsBytes, keys: limits.keys },
    })
    return orThrow(outcome, limits) as Written
  }

  return {
    /** To an API key a missing session reads as unwritten. Throws session_gone. */
    async get(caller: Caller, id: string, use: boolean): Promise<SettingsState> {
      const found = await sessions.look(caller, id, use)
      if (found.state === 'missing') return { version: UNWRITTEN, settings: new Map() }
      throwIfAbsent(found)
      return { version: versionOf(found.record), settings: found.settings }
    },

    /** Replaces all. Throws precondition_required unless the call says what it replaces, and what `orThrow` throws. */
    async replace(caller: Caller, id: string, settings: Settings, options: WriteOptions): Promise<SettingsWritten> {
      if (!isConditional(options.condition)) throw new CoatcheckError('precondition_required')
      checkSettings(settings, policyOf(caller.namespace).limits)
      const written = await put(caller, id, { ...base(caller, id, options), set: settings, replace: true })
      return answer(caller, id, written, options.readBack)
    },

    /** RFC 7396: some keys, the others untouched. */
    async merge(caller: Caller, id: string, patch: MergePatch, options: WriteOptions): Promise<SettingsWritten> {
      const { limits } = policyOf(caller.namespace)
      for (const key of patch.remove) checkKey(key, limits.keyBytes)
      checkSettings(patch.set, limits)
      checkSettings(patch.merge, limits)
      const write = base(caller, id, options)
      const written =
        patch.merge.size === 0
          ? await put(caller, id, { ...write, set: patch.set, remove: patch.remove })
          : await applyChange(refOf(caller, id), write, limits, (lookup) => {
              const set = new Map(patch.set)
              for (const [key, text] of patch.merge) set.set(key, mergeValue(lookup(key), text))
              checkSettings(set, limits)
              return { set, remove: patch.remove }
            })
      return answer(caller, id, written, options.readBack)
    },

    /** RFC 6902: all or nothing. Throws test_failed, path_not_found and what a write throws. */
    async patch(caller: Caller, id: string, patch: JsonPatch, options: WriteOptions): Promise<SettingsWritten> {
      const { limits } = policyOf(caller.namespace)
      const written = await applyChange(refOf(caller, id), base(caller, id, options), limits, (lookup) => {
        const { set, remove } = applyJsonPatch(patch, lookup, { bytes: limits.settingsBytes })
        checkSettings(set, limits)
        return { set, remove: [...remove] }
      })
      return answer(caller, id, written, options.readBack)
    },
  }
}

export type SettingsCalls = ReturnType<typeof createSettings>
