/**
 * Hand-offs: what happened in a socket, a login above all, reaches the HTTP side by a one-time code. A code is for one life
 * of one session, and is redeemed together with the id that the visitor's own browser holds: nobody can be logged in as
 * somebody else by a link. With a subject, the id that redeeming moves the session to is drawn and listed when the code is
 * made, so that ending all of a user's sessions kills a pending code as well.
 *
 * A code begins with its session's partition, two hex digits; 192 random bits follow. Only its SHA-256 is stored.
 */
import { createHash, randomBytes } from 'node:crypto'
import { CoatcheckError } from '../../errors.ts'
import { drawId, idBytes, partitionOf } from '../../store/layout/partition.ts'
import type { Handoff, HandoffRef, Rotation, Store } from '../../store/port.ts'
import { type ApiKeyCaller, refOf } from '../credentials/caller.ts'
import { type Repeatable, repeatOf } from '../idempotency.ts'
import { depth } from '../json/json-text.ts'
import type { Limits, PolicyOf } from '../policy.ts'
import { counted, prepare, type RotatedSession, type Rotations } from './rotations.ts'
import type { Sessions } from './sessions.ts'
import type { SubjectLimits } from './subject-limits.ts'
import { checkSubject, IN_FLIGHT_SECONDS, LONGEST_HANDOFF_SECONDS, type Subjects } from './subjects.ts'

export const HANDOFF_SECONDS = { default: 60, longest: LONGEST_HANDOFF_SECONDS } as const

export type HandoffRequest = {
  /** JSON text. */
  readonly payload: string | null
  readonly subject?: string
  readonly expiresInSeconds: number
}

export type Redeemed = { readonly payload: string | null; readonly session: RotatedSession }

const partitionFor = (id: string): string => partitionOf(idBytes(id))

const newCode = (partition: string): string => `${partition}${randomBytes(24).toString('base64url')}`

const codeRef = (caller: ApiKeyCaller, code: string): HandoffRef => ({
  namespace: caller.namespace,
  partition: code.slice(0, 2),
  hash: createHash('sha256').update(code).digest('hex'),
  by: caller.by,
})

/** Whatever is wrong with a code, whoever holds it learns no more than that. */
const over = (): CoatcheckError => new CoatcheckError('handoff_gone')

const checkPayload = (payload: string | null, limits: Limits): void => {
  if (payload === null) return
  const fault = (code: 'limit_exceeded' | 'too_deep', limit: number, detail: string) =>
    new CoatcheckError(code, undefined, { limit, errors: [{ pointer: '#/payload', detail }] })
  if (Buffer.byteLength(payload) > limits.settingsBytes) {
    throw fault('limit_exceeded', limits.settingsBytes, `may have ${limits.settingsBytes} bytes`)
  }
  if (depth(payload) > limits.depth) throw fault('too_deep', limits.depth, 'is nested too deeply')
}

export const createHandoffs = ({
  store,
  policyOf,
  sessions,
  subjects,
  subjectLimits,
  rotations,
}: {
  store: Store
  policyOf: PolicyOf
  sessions: Sessions
  subjects: Subjects
  subjectLimits: SubjectLimits
  rotations: Rotations
}) => {
  /** The id that redeeming moves the session to, listed as one of the subject's. */
  const drawFor = async (caller: ApiKeyCaller, id: string, subject: string, seconds: number) => {
    const newId = drawId(partitionFor(id))
    const keepSeconds = seconds + IN_FLIGHT_SECONDS
    const { lifetimeSeconds } = policyOf(caller.namespace).clocks.bound
    await subjects.list(caller, subject, {
      id: newId,
      keepSeconds,
      lifetimeSeconds: keepSeconds + lifetimeSeconds,
    })
    return { subject, newId }
  }

  const rotationOf = (caller: ApiKeyCaller, handoff: Handoff | null, hash: string): Omit<Rotation, 'repeat'> => {
    const { clocks, tombstoneSeconds } = policyOf(caller.namespace)
    const { bind, life, payload } = handoff ?? { bind: null, life: null, payload: null }
    return {
      newId: bind?.newId ?? null,
      life,
      clocks: clocks.bound,
      newIdle: bind !== null,
      newLifetime: bind !== null,
      tombstoneSeconds,
      handoff: hash,
      ...(bind === null ? {} : { subject: bind.subject, keepsBoundAt: subjectLimits.keepsBoundAt(caller) }),
      ...(payload === null ? {} : { result: payload }),
    }
  }

  return {
    /** Makes a code. A session that is missing is begun for it. Throws session_gone, limit_exceeded, too_deep. */
    async make(
      caller: ApiKeyCaller,
      id: string,
      request: HandoffRequest,
    ): Promise<{ code: string; expiresAt: number }> {
      const { limits } = policyOf(caller.namespace)
      const { subject, payload, expiresInSeconds } = request
      checkSubject(subject, limits)
      checkPayload(payload, limits)
      const { life } = await sessions.ensure(caller, id, expiresInSeconds)
      const bind = subject === undefined ? null : await drawFor(caller, id, subject, expiresInSeconds)
      const code = newCode(partitionFor(id))
      const expiresAt = store.now() + expiresInSeconds * 1000
      await store.addHandoff(codeRef(caller, code), { sessionId: id, life, payload, bind }, expiresInSeconds)
      return { code, expiresAt }
    },

    /**
     * Redeems a code for the session that the visitor holds. Throws handoff_gone, which spends no code unless it was
     * redeemed before; too_many_sessions, which spends none either; and idempotency_key_reused.
     */
    async redeem(
      caller: ApiKeyCaller,
      code: string,
      sessionId: string,
      repeatable: Repeatable | undefined,
    ): Promise<Redeemed> {
      const ref = codeRef(caller, code)
      if (ref.partition !== partitionFor(sessionId)) throw over()
      const handoff = await store.readHandoff(ref)
      if (handoff !== null && handoff.sessionId !== sessionId) throw over()
      const repeat = repeatOf(caller, sessionId, repeatable)
      // A code that is spent may have been so by the very call that this one repeats.
      if (handoff === null && repeat === undefined) throw over()
      let isPrepared = true
      if (handoff?.bind) {
        const { subject, newId } = handoff.bind
        const lifetimeSeconds = policyOf(caller.namespace).clocks.bound.lifetimeSeconds + IN_FLIGHT_SECONDS
        const binding = { id: newId, replaced: sessionId, lifetimeSeconds, repeat }
        isPrepared = await prepare(subjectLimits.admit(caller, subject, binding))
      }
      const rotation = { ...rotationOf(caller, handoff, ref.hash), ...(repeat === undefined ? {} : { repeat }) }
      const outcome = counted(await store.rotate(refOf(caller, sessionId), rotation), isPrepared)
      if (outcome.state === 'reused') throw new CoatcheckError('idempotency_key_reused')
      if (outcome.state !== 'rotated') throw over()
      const binds = handoff === null || handoff.bind !== null
      return { payload: outcome.result, session: await rotations.after(caller, outcome, binds) }
    },
  }
}

export type Handoffs = ReturnType<typeof createHandoffs>
