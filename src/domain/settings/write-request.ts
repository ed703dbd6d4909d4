/** What the calls that write settings have in common: how a write is meant, as the store takes it. */
import type { Precondition, Store, Write, Written } from '../../store/port.ts'
import { mayUse } from '../credentials/access.ts'
import { type Caller, credentialOf, refOf } from '../credentials/caller.ts'
import { type Repeatable, repeatOf } from '../idempotency.ts'
import { limitsIn, type Policy, type PolicyOf } from '../policy.ts'
import { orThrow } from '../store-refusals.ts'

export type WriteBase = Omit<Write, 'set' | 'remove' | 'expect' | 'result'>

export type WriteIntent = {
  readonly repeatable?: Repeatable | undefined
  /** Whether this counts as use. */
  readonly use: boolean
  /** What the writer says of itself. */
  readonly origin?: string | undefined
  readonly precondition?: Precondition | undefined
  /** Whether the answer is to hold the settings after the write. */
  readonly readBack?: boolean
  /** Whether the write makes what is missing, and unwritten settings written. */
  readonly begins: boolean
}

/**
 * How a write is meant; the caller fills in what it changes. Each write passes here. All members are there, since an object that
 * gets new members when it is copied by a spread takes V8 several µs.
 */
export const writeBase = (
  caller: Caller,
  id: string,
  policy: Policy,
  { repeatable, use, origin, precondition, readBack = false, begins }: WriteIntent,
): Write => ({
  credential: credentialOf(caller),
  create: caller.kind === 'api-key' && begins ? 'if-missing' : 'never',
  clocks: policy.clocks.anonymous,
  subject: undefined,
  keepsBoundAt: undefined,
  idleUntilWrittenSeconds: undefined,
  precondition,
  expect: undefined,
  set: undefined,
  remove: undefined,
  replace: undefined,
  writes: begins,
  take: undefined,
  result: undefined,
  origin,
  limits: limitsIn(policy),
  use: use && mayUse(caller),
  repeat: repeatOf(caller, id, repeatable),
  readBack,
})

/** A write that depends on nothing that is there. */
export const createPut =
  ({ store, policyOf }: { store: Store; policyOf: PolicyOf }) =>
  async (caller: Caller, id: string, write: Write): Promise<Written> =>
    orThrow(await store.write(refOf(caller, id), write), policyOf(caller.namespace).limits, caller) as Written
