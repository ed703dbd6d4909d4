/**
 * Rotating: the same data go on under a new id, in a new life, and the old id is gone in the same step. With a subject the
 * session is bound to it: this is what a login does, so that an id which somebody knew before it is worth nothing after.
 */
import { CoatcheckError } from '../../errors.ts'
import { drawId, idBytes, partitionOf } from '../../store/layout/partition.ts'
import type { RotateOutcome, Rotation, Store } from '../../store/port.ts'
import { NotReplicated, StoreUnavailable } from '../../store/port.ts'
import { type ApiKeyCaller, refOf } from '../credentials/caller.ts'
import { type Repeatable, repeatOf } from '../idempotency.ts'
import { clocksFor, type PolicyOf } from '../policy.ts'
import { throwIfAbsent } from '../store-refusals.ts'
import type { Session } from './session.ts'
import type { SubjectLimits } from './subject-limits.ts'
import { checkSubject, IN_FLIGHT_SECONDS, type Subjects } from './subjects.ts'

export type RotationRequest = {
  readonly subject?: string
  readonly idleTimeoutSeconds?: number
  readonly lifetimeSeconds?: number
}

/** A session after a rotation, and on how many replicas of the store that is; null where none is needed. */
export type RotatedSession = Session & { readonly copies: number | null }

/** How often a rotation begins anew because the session was bound otherwise in between, or the new id was there. */
const MAX_TRIES = 3

/** Does a step that comes before a rotation. Answers whether enough replicas have it: the rotation goes on, and says so. */
export const prepare = async (step: Promise<void>): Promise<boolean> => {
  try {
    await step
    return true
  } catch (error) {
    if (error instanceof NotReplicated) return false
    throw error
  }
}

/** No replica is known to have all of a rotation if too few have what came before it. */
export const counted = (outcome: RotateOutcome, isPrepared: boolean): RotateOutcome =>
  outcome.state === 'rotated' && !isPrepared ? { ...outcome, copies: 0 } : outcome

export const createRotations = ({
  store,
  policyOf,
  subjects,
  subjectLimits,
}: {
  store: Store
  policyOf: PolicyOf
  subjects: Subjects
  subjectLimits: SubjectLimits
}) => {
  /** Whom the session is bound to now, and for how long it may live. */
  const boundTo = async (caller: ApiKeyCaller, id: string): Promise<{ subject: string | null; seconds: number }> => {
    const found = await store.read(refOf(caller, id))
    // Of what is gone the rotation itself answers: this may be one that was done already, and is repeated.
    if (found.state !== 'live') return { subject: null, seconds: 0 }
    const { subject, endsAt } = found.record
    return { subject, seconds: Math.max(1, Math.ceil((endsAt - store.now()) / 1000)) }
  }

  const once = async (
    caller: ApiKeyCaller,
    id: string,
    request: RotationRequest,
    repeatable: Repeatable | undefined,
  ): Promise<RotateOutcome> => {
    const policy = policyOf(caller.namespace)
    const binds = request.subject !== undefined
    const bound = binds ? null : await boundTo(caller, id)
    const defaults = clocksFor(policy, request.subject ?? bound?.subject)
    const clocks = {
      idleTimeoutSeconds: request.idleTimeoutSeconds ?? defaults.idleTimeoutSeconds,
      lifetimeSeconds: request.lifetimeSeconds ?? defaults.lifetimeSeconds,
    }
    const newId = drawId(partitionOf(idBytes(id)))
    const subject = request.subject ?? bound?.subject ?? null
    const repeat = repeatOf(caller, id, repeatable)
    let isPrepared = true
    if (subject !== null) {
      const lifetimeSeconds = Math.max(clocks.lifetimeSeconds, bound?.seconds ?? 0) + IN_FLIGHT_SECONDS
      const entry = { id: newId, keepSeconds: IN_FLIGHT_SECONDS, lifetimeSeconds }
      const isListed = await prepare(subjects.list(caller, subject, entry))
      const binding = { id: newId, replaced: id, lifetimeSeconds, repeat }
      const admit = binds ? subjectLimits.admit : subjectLimits.move
      isPrepared = (await prepare(admit(caller, subject, binding))) && isListed
    }
    const rotation: Rotation = {
      newId,
      life: null,
      clocks,
      newIdle: binds || request.idleTimeoutSeconds !== undefined,
      newLifetime: binds || request.lifetimeSeconds !== undefined,
      tombstoneSeconds: policy.tombstoneSeconds,
      ...(request.subject === undefined
        ? {}
        : { subject: request.subject, keepsBoundAt: subjectLimits.keepsBoundAt(caller) }),
      ...(bound === null ? {} : { boundTo: bound.subject }),
      ...(repeat === undefined ? {} : { repeat }),
    }
    return counted(await store.rotate(refOf(caller, id), rotation), isPrepared)
  }

  /**
   * The session after a rotation that was done, now or by the call that this one repeats. Throws session_gone, if it was one
   * too many.
   */
  const after = async (
    caller: ApiKeyCaller,
    { id, live, copies }: Extract<RotateOutcome, { state: 'rotated' }>,
    binds: boolean,
  ): Promise<RotatedSession> => {
    const found = live ?? (await store.read(refOf(caller, id)))
    throwIfAbsent(found, caller)
    const { subject } = found.record
    if (!binds || subject === null || (await subjectLimits.settle(caller, subject))) return { id, ...found, copies }
    const left = await store.read(refOf(caller, id))
    throwIfAbsent(left, caller)
    return { id, ...left, copies }
  }

  return {
    after,

    /**
     * Rotates a session; one that is missing is begun under the new id. Throws session_gone, subject_ended,
     * too_many_sessions, idempotency_key_reused.
     */
    async rotate(
      caller: ApiKeyCaller,
      id: string,
      request: RotationRequest,
      repeatable: Repeatable | undefined,
    ): Promise<RotatedSession> {
      checkSubject(request.subject, policyOf(caller.namespace).limits)
      for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
        const outcome = await once(caller, id, request, repeatable)
        throwIfAbsent(outcome, caller)
        if (outcome.state === 'rotated') return after(caller, outcome, request.subject !== undefined)
        if (outcome.state === 'reused') throw new CoatcheckError('idempotency_key_reused')
        if (outcome.state === 'taken' && outcome.by === 'gone') throw new CoatcheckError('subject_ended')
      }
      throw new StoreUnavailable('The session is bound anew again and again.')
    },
  }
}

export type Rotations = ReturnType<typeof createRotations>
