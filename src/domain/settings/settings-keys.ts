/** Single keys of a session's settings. */
import { CoatcheckError } from '../../errors.ts'
import type { Store, Write, Written } from '../../store/port.ts'
import { requireComparable, requireReadable, requireWritable } from '../credentials/access.ts'
import { type Caller, refOf } from '../credentials/caller.ts'
import type { Repeatable } from '../idempotency.ts'
import { incrementText } from '../json/json-number.ts'
import { LONGEST_KEY_BYTES, type PolicyOf } from '../policy.ts'
import type { Look } from '../sessions/look.ts'
import { orThrow, throwIfAbsent } from '../store-refusals.ts'
import { checkForm, checkKey, checkValues } from './check-settings.ts'
import { type Condition, isConditional, requireKeyCondition } from './preconditions.ts'
import type { ApplyChange } from './read-modify-write.ts'
import { createPut, writeBase } from './write-request.ts'

export type KeyWriteOptions = {
  readonly condition: Condition
  readonly repeatable?: Repeatable | undefined
  readonly use: boolean
  /** What the writer says of itself. */
  readonly origin?: string | undefined
}

export const createKeys = ({
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
  const base = (caller: Caller, id: string, { repeatable, use, origin }: KeyWriteOptions, begins: boolean): Write =>
    writeBase(caller, id, policyOf(caller.namespace), { repeatable, use, origin, begins })

  const put = createPut({ store, policyOf })

  const limitsOf = (caller: Caller) => policyOf(caller.namespace).limits

  /** A write of one key: plain if it is unconditional, else by what is there. */
  const write = async (
    caller: Caller,
    id: string,
    key: string,
    text: string | undefined,
    options: KeyWriteOptions,
  ): Promise<Written> => {
    const limits = limitsOf(caller)
    const [set, remove] = text === undefined ? [undefined, [key]] : [new Map([[key, text]]), undefined]
    const plain = base(caller, id, options, text !== undefined)
    if (isConditional(options.condition)) {
      requireComparable(caller, new Set([key]))
      return applyChange(caller, id, plain, limits, (lookup) => {
        requireKeyCondition(options.condition, lookup(key))
        return { set, remove }
      })
    }
    return put(caller, id, { ...plain, set, remove })
  }

  return {
    /** The key's JSON text. Throws key_not_found and what reading a session throws. */
    async get(caller: Caller, id: string, key: string, use: boolean): Promise<string> {
      checkKey(key, LONGEST_KEY_BYTES)
      requireReadable(caller, [key])
      const found = await look(caller, id, use)
      throwIfAbsent(found, caller)
      const text = found.settings.get(key)
      if (text === undefined) throw new CoatcheckError('key_not_found')
      return text
    },

    /** Puts one key; the answer says whether it is new. */
    async put(caller: Caller, id: string, key: string, text: string, options: KeyWriteOptions): Promise<boolean> {
      const policy = policyOf(caller.namespace)
      checkForm([[key, text]], policy.limits)
      requireWritable(caller, [key])
      checkValues([[key, text]], policy)
      return (await write(caller, id, key, text, options)).added > 0
    },

    /** Removes one key; one that is not there stays away. Throws session_not_found: nothing is made by removing. */
    async remove(caller: Caller, id: string, key: string, options: KeyWriteOptions): Promise<void> {
      checkKey(key, LONGEST_KEY_BYTES)
      requireWritable(caller, [key])
      await write(caller, id, key, undefined, options)
    },

    /** Reads and removes in one step: of any number of callers, one gets the text. Throws key_not_found. */
    async take(caller: Caller, id: string, key: string, options: KeyWriteOptions): Promise<string> {
      const limits = limitsOf(caller)
      checkKey(key, LONGEST_KEY_BYTES)
      requireReadable(caller, [key])
      requireWritable(caller, [key])
      const write = base(caller, id, options, false)
      if (isConditional(options.condition)) {
        requireComparable(caller, new Set([key]))
        const { result } = await applyChange(caller, id, write, limits, (lookup) => {
          const text = lookup(key)
          requireKeyCondition(options.condition, text)
          if (text === undefined) throw new CoatcheckError('key_not_found')
          return { remove: [key], result: text }
        })
        return result as string
      }
      const outcome = orThrow(
        await store.write(refOf(caller, id), {
          ...write,
          expect: new Map([[key, 'present']]),
          remove: [key],
          take: key,
        }),
        limits,
        caller,
      )
      if (outcome.state === 'mismatch' || outcome.taken === null) throw new CoatcheckError('key_not_found')
      return outcome.taken
    },

    /** Adds to a number and answers the sum's text; an absent key counts as 0. Throws not_incrementable. */
    async increment(caller: Caller, id: string, key: string, by: string, options: KeyWriteOptions): Promise<string> {
      const policy = policyOf(caller.namespace)
      const { limits } = policy
      checkKey(key, limits.keyBytes)
      requireReadable(caller, [key])
      requireWritable(caller, [key])
      if (isConditional(options.condition)) requireComparable(caller, new Set([key]))
      const write = base(caller, id, options, true)
      const written = await applyChange(caller, id, write, limits, (lookup) => {
        requireKeyCondition(options.condition, lookup(key))
        const sum = incrementText(lookup(key), by)
        checkValues([[key, sum]], policy)
        return { set: new Map([[key, sum]]), result: sum }
      })
      return written.result as string
    },
  }
}

export type Keys = ReturnType<typeof createKeys>
