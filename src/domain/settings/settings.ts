/** The settings of a session as a whole. */
import { CoatcheckError } from '../../errors.ts'
import type { Settings, Store, Write, Written } from '../../store/port.ts'
import { may, requireAllKeys, requireComparable, requireWritable, visibleTo } from '../credentials/access.ts'
import { type Caller, refOf } from '../credentials/caller.ts'
import { UNWRITTEN, versionOf, versionText } from '../etag.ts'
import type { Repeatable } from '../idempotency.ts'
import { LONGEST_KEY_BYTES, type PolicyOf } from '../policy.ts'
import type { Look } from '../sessions/look.ts'
import { judged, throwIfAbsent } from '../store-refusals.ts'
import { checkForm, checkKey, checkPatched, checkSettings } from './check-settings.ts'
import { applyJsonPatch } from './json-patch.ts'
import { type MergePatch, mergeValue } from './merge-patch.ts'
import { type Condition, isConditional, settingsPrecondition } from './preconditions.ts'
import type { JsonPatch } from './read-json-patch.ts'
import type { ApplyChange } from './read-modify-write.ts'
import { createPut, writeBase } from './write-request.ts'

export type SettingsState = {
  /** Without quotes, as this caller sees it. */
  readonly etag: string
  /** Whether the settings were ever written. */
  readonly exists: boolean
  /** Those that the caller may read. */
  readonly settings: Settings
}

export type SettingsWritten = {
  readonly etag: string
  /** Whether this write began the settings. */
  readonly began: boolean
  /** The settings after the write, if they were asked for and the caller may read. */
  readonly settings: Settings | null
}

export type WriteOptions = {
  readonly condition: Condition
  readonly repeatable?: Repeatable | undefined
  /** Whether the answer is to hold the settings as they are after the write. */
  readonly readBack: boolean
  /** Whether this counts as use. */
  readonly use: boolean
  /** What the writer says of itself. */
  readonly origin?: string | undefined
}

export const createSettings = ({
  store,
  policyOf,
  look,
  applyChange,
}: {
  store: Store
  policyOf: PolicyOf
  look: Look
  applyChange: ApplyChange
}) => {
  const base = (caller: Caller, id: string, { condition, repeatable, origin, readBack, use }: WriteOptions): Write =>
    writeBase(caller, id, policyOf(caller.namespace), {
      repeatable,
      origin,
      use,
      begins: true,
      precondition: settingsPrecondition(condition, caller),
      readBack: readBack && may(caller, 'read'),
    })

  const answer = async (caller: Caller, id: string, written: Written, readBack: boolean): Promise<SettingsWritten> => {
    const { version, began } = written
    if (!readBack || !may(caller, 'read')) return { etag: versionText(version, caller), began, settings: null }
    const found = written.live ?? judged(await store.read(refOf(caller, id)), caller)
    throwIfAbsent(found, caller)
    return {
      etag: versionText(versionOf(found.record), caller),
      began,
      settings: visibleTo(caller, found.settings),
    }
  }

  const put = createPut({ store, policyOf })

  return {
    /** To an API key a missing session reads as unwritten. Throws session_gone. */
    async get(caller: Caller, id: string, use: boolean): Promise<SettingsState> {
      const found = await look(caller, id, use)
      if (found.state === 'missing' && caller.kind === 'api-key') {
        return { etag: versionText(UNWRITTEN, caller), exists: false, settings: new Map() }
      }
      throwIfAbsent(found, caller)
      return {
        etag: versionText(versionOf(found.record), caller),
        exists: found.record.revision > 0,
        settings: visibleTo(caller, found.settings),
      }
    },

    /** Replaces all. Throws precondition_required unless the call says what it replaces, and what `orThrow` throws. */
    async replace(caller: Caller, id: string, settings: Settings, options: WriteOptions): Promise<SettingsWritten> {
      requireAllKeys(caller)
      if (!isConditional(options.condition)) throw new CoatcheckError('precondition_required')
      checkSettings(settings, policyOf(caller.namespace))
      const written = await put(caller, id, { ...base(caller, id, options), set: settings, replace: true })
      return answer(caller, id, written, options.readBack)
    },

    /** RFC 7396: some keys, the others untouched. */
    async merge(caller: Caller, id: string, patch: MergePatch, options: WriteOptions): Promise<SettingsWritten> {
      const policy = policyOf(caller.namespace)
      const { limits } = policy
      requireWritable(caller, [...patch.remove, ...patch.set.keys(), ...patch.merge.keys()])
      for (const key of patch.remove) checkKey(key, LONGEST_KEY_BYTES)
      checkSettings(patch.set, policy)
      checkForm(patch.merge, limits)
      const write = base(caller, id, options)
      const written =
        patch.merge.size === 0
          ? await put(caller, id, { ...write, set: patch.set, remove: patch.remove })
          : await applyChange(caller, id, write, limits, (lookup) => {
              const merged = new Map([...patch.merge].map(([key, text]) => [key, mergeValue(lookup(key), text)]))
              checkPatched(caller, merged, policy)
              return { set: new Map([...patch.set, ...merged]), remove: patch.remove }
            })
      return answer(caller, id, written, options.readBack)
    },

    /** RFC 6902: all or nothing. Throws test_failed, path_not_found and what a write throws. */
    async patch(caller: Caller, id: string, patch: JsonPatch, options: WriteOptions): Promise<SettingsWritten> {
      const policy = policyOf(caller.namespace)
      const { limits } = policy
      requireComparable(caller, patch.reads)
      requireWritable(caller, patch.writes)
      const written = await applyChange(caller, id, base(caller, id, options), limits, (lookup) => {
        const { set, remove } = applyJsonPatch(patch, lookup, { bytes: limits.settingsBytes })
        checkPatched(caller, set, policy)
        return { set, remove: [...remove] }
      })
      return answer(caller, id, written, options.readBack)
    },
  }
}

export type SettingsCalls = ReturnType<typeof createSettings>
