/**
 * How many sessions of one subject may live. A namespace says what becomes of one more.
 *
 * - `end-oldest`: whoever has bound a session reads the subject's list, before it answers, and ends all but those that were
 *   bound last. So of any number that are bound at once, the last one to look leaves as many as may be.
 * - `refuse`: an id is admitted before it is bound, in one step with the counting. Where there is no room, ids that are over
 *   are dismissed, and it is asked once more.
 */
import { CoatcheckError } from '../../errors.ts'
import { NotReplicated, type Repeat, type Store } from '../../store/port.ts'
import { type ApiKeyCaller, refOf } from '../credentials/caller.ts'
import type { PolicyOf, SubjectLimit } from '../policy.ts'
import { IN_FLIGHT_SECONDS, isTheirs, lookAt, subjectOf } from './subjects.ts'

export type Binding = {
  /** The id that is about to be bound, and the one that it takes the place of. */
  readonly id: string
  readonly replaced: string | null
  readonly lifetimeSeconds: number
  /** A call that was done already is not refused by its own success. `id`: any of the partition of its outcome. */
  readonly repeat?: Repeat | undefined
}

/** How many entries are read at once. */
const LOT = 100

/** The later bound first. What was bound before that was kept counts from when it began, as log-ins begin a life. */
const byBinding = (one: Bound, other: Bound): number => other.at - one.at || (other.id < one.id ? -1 : 1)

type Bound = { readonly id: string; readonly at: number }

export const createSubjectLimits = ({ store, policyOf }: { store: Store; policyOf: PolicyOf }) => {
  const limitOf = ({ namespace }: ApiKeyCaller): SubjectLimit | null => policyOf(namespace).sessionsPerSubject
  /** All sessions of the subject that live. */
  const bound = async (caller: ApiKeyCaller, subject: string): Promise<Bound[]> => {
    const all: Bound[] = []
    const ref = subjectOf(caller, subject)
    for (let after: string | null = null; ; ) {
      const { entries, next } = await store.listed(ref, { after, limit: LOT })
      for (const [i, found] of (await lookAt(store, ref, entries)).entries()) {
        const id = entries[i]?.id
        if (id === undefined || !isTheirs(found, subject)) continue
        all.push({ id, at: found.record.boundAt ?? found.record.createdAt })
      }
      if (next === null) return all
      after = next
    }
  }

  /** Those that count and are over: ended, or not there although their call has had its time. */
  const dismissOver = async (caller: ApiKeyCaller, subject: string): Promise<void> => {
    const ref = subjectOf(caller, subject)
    const entries = await store.admitted(ref)
    const found = await lookAt(store, ref, entries)
    const over = entries.filter(
      ({ keepUntil }, i) => found[i]?.state === 'gone' || (keepUntil <= store.now() && !isTheirs(found[i], subject)),
    )
    await store.dismiss(
      ref,
      over.map(({ id }) => id),
    )
  }

  const admit = async (
    caller: ApiKeyCaller,
    subject: string,
    { id, replaced, lifetimeSeconds }: Binding,
    most: number | null,
  ): Promise<boolean> => {
    const ref = subjectOf(caller, subject)
    const ask = (counted: readonly string[] | null) =>
      store.admit(ref, { id, replaced, most, keepSeconds: IN_FLIGHT_SECONDS, lifetimeSeconds, counted })
    const answer = await ask(null)
    if (answer !== 'uncounted') return answer === 'admitted'
    const all = await bound(caller, subject)
    return (await ask(all.map((one) => one.id))) === 'admitted'
  }

  return {
    /** Whether a session that is bound keeps when that was. */
    keepsBoundAt: (caller: ApiKeyCaller): boolean => limitOf(caller) !== null,

    /** Before a log-in binds an id. Throws too_many_sessions. */
    async admit(caller: ApiKeyCaller, subject: string, binding: Binding): Promise<void> {
      const limit = limitOf(caller)
      if (limit?.beyond !== 'refuse') return
      const { id, repeat } = binding
      if (repeat !== undefined && (await store.isKept(refOf(caller, id), repeat))) return
      if (await admit(caller, subject, binding, limit.most)) return
      await dismissOver(caller, subject)
      if (await admit(caller, subject, binding, limit.most)) return
      throw new CoatcheckError('too_many_sessions', undefined, { limit: limit.most })
    },

    /** Before a session that is bound moves to another id: it counts on, whatever the limit is by now. */
    async move(caller: ApiKeyCaller, subject: string, binding: Binding): Promise<void> {
      if (limitOf(caller)?.beyond === 'refuse') await admit(caller, subject, binding, null)
    },

    /**
     * After a log-in has bound a session, and before its answer: ends those that are too many, perhaps the one of this very
     * log-in. Answers whether there were none.
     */
    async settle(caller: ApiKeyCaller, subject: string): Promise<boolean> {
      const limit = limitOf(caller)
      if (limit?.beyond !== 'end-oldest') return true
      const tooMany = (await bound(caller, subject)).sort(byBinding).slice(limit.most)
      const { tombstoneSeconds } = policyOf(caller.namespace)
      // They are ended here at least. The login is done, and its answer has the new id: it must not be lost for that.
      const end = ({ id }: Bound) =>
        store
          .end(refOf(caller, id), { credential: null, reason: 'revoked', tombstoneSeconds, subject })
          .catch((error: Error) => {
            if (!(error instanceof NotReplicated)) throw error
          })
      await Promise.all(tooMany.map(end))
      return tooMany.length === 0
    },
  }
}

export type SubjectLimits = ReturnType<typeof createSubjectLimits>
