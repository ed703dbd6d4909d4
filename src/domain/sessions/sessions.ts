/** Sessions as a whole: begin, look at, use, end. */
import { CoatcheckError } from '../../errors.ts'
import { drawId } from '../../store/layout/partition.ts'
import type { SessionRecord, Settings, Store } from '../../store/port.ts'
import { type ApiKeyCaller, type Caller, credentialOf, refOf } from '../credentials/caller.ts'
import { partitionFor, type Repeatable, repeatOf } from '../idempotency.ts'
import { clocksFor, limitsIn, type PolicyOf } from '../policy.ts'
import { orThrow, throwIfAbsent } from '../store-refusals.ts'
import type { Look } from './look.ts'
import type { Session, SessionPage } from './session.ts'
import type { SubjectLimits } from './subject-limits.ts'
import { checkSubject, IN_FLIGHT_SECONDS, type Subjects } from './subjects.ts'

export type NewSession = {
  readonly id?: string
  readonly settings?: Settings
  readonly subject?: string
  readonly idleTimeoutSeconds?: number
  readonly lifetimeSeconds?: number
}

export type Batch = {
  readonly sessions: readonly Session[]
  readonly missing: readonly string[]
  readonly gone: readonly { readonly id: string; readonly reason: string; readonly endedAt: number }[]
}

/** The idle timeout of a session that was begun for a token or a hand-off, and that nobody has written yet. */
const UNWRITTEN_IDLE_SECONDS = 3600

const USED_AT_ONCE = 16

export const createSessions = ({
  store,
  policyOf,
  subjects,
  subjectLimits,
  look,
}: {
  store: Store
  policyOf: PolicyOf
  subjects: Subjects
  subjectLimits: SubjectLimits
  look: Look
}) => {
  /** Some at a time, for the reason that reading many in Redis has. */
  const useMany = async (caller: Caller, ids: readonly string[]): Promise<Awaited<ReturnType<Look>>[]> => {
    const found: Awaited<ReturnType<Look>>[] = []
    for (let at = 0; at < ids.length; at += USED_AT_ONCE) {
      const some = ids.slice(at, at + USED_AT_ONCE)
      found.push(...(await Promise.all(some.map((id) => look(caller, id, true)))))
    }
    return found
  }

  return {
    /**
     * The session as it is, begun if it is missing: with a short idle timeout until its first write, but one of so many
     * seconds at least. Throws session_gone.
     */
    async ensure(caller: ApiKeyCaller, id: string, seconds: number): Promise<SessionRecord> {
      const policy = policyOf(caller.namespace)
      const outcome = orThrow(
        await store.write(refOf(caller, id), {
          credential: credentialOf(caller),
          create: 'if-missing',
          clocks: policy.clocks.anonymous,
          idleUntilWrittenSeconds: Math.max(UNWRITTEN_IDLE_SECONDS, seconds),
          writes: false,
          use: true,
          readBack: true,
          limits: limitsIn(policy),
        }),
        policy.limits,
        caller,
      )
      if (outcome.state !== 'written' || !outcome.live) throw new Error('A session was ensured, but not read back.')
      return outcome.live.record
    },

    /** Begins a session. Throws session_exists, session_gone, subject_ended, too_many_sessions. */
    async create(caller: ApiKeyCaller, begin: NewSession, repeatable?: Repeatable): Promise<Session> {
      const policy = policyOf(caller.namespace)
      checkSubject(begin.subject, policy.limits)
      const clocks = clocksFor(policy, begin.subject)
      const repeat = repeatOf(caller, begin.id, repeatable)
      const id = begin.id ?? drawId(repeat && partitionFor(repeat))
      const lifetimeSeconds = begin.lifetimeSeconds ?? clocks.lifetimeSeconds
      if (begin.subject !== undefined) {
        await subjects.list(caller, begin.subject, {
          id,
          keepSeconds: IN_FLIGHT_SECONDS,
          lifetimeSeconds: lifetimeSeconds + IN_FLIGHT_SECONDS,
        })
        const binding = { id, replaced: null, lifetimeSeconds: lifetimeSeconds + IN_FLIGHT_SECONDS, repeat }
        await subjectLimits.admit(caller, begin.subject, binding)
      }
      const written = await store.write(refOf(caller, id), {
        credential: credentialOf(caller),
        create: 'must-be-missing',
        clocks: { idleTimeoutSeconds: begin.idleTimeoutSeconds ?? clocks.idleTimeoutSeconds, lifetimeSeconds },
        subject: begin.subject ?? null,
        keepsBoundAt: begin.subject !== undefined && subjectLimits.keepsBoundAt(caller),
        set: begin.settings,
        writes: begin.settings !== undefined,
        limits: limitsIn(policy),
        use: true,
        readBack: true,
        repeat,
      })
      // An id that was drawn for this can only be gone because all of the subject's were ended.
      if (written.state === 'gone' && begin.id === undefined) throw new CoatcheckError('subject_ended')
      const outcome = orThrow(written, policy.limits, caller)
      const isSettled = begin.subject === undefined || (await subjectLimits.settle(caller, begin.subject))
      if (isSettled && outcome.state === 'written' && outcome.live) return { id: outcome.id, ...outcome.live }
      const made = outcome.state === 'written' ? outcome.id : id
      const found = await store.read(refOf(caller, made))
      throwIfAbsent(found, caller)
      return { id: made, ...found }
    },

    /** Throws session_not_found and session_gone. */
    async get(caller: Caller, id: string, use: boolean): Promise<Session> {
      const found = await look(caller, id, use)
      throwIfAbsent(found, caller)
      return { id, ...found }
    },

    /** Slides the idle clock, if that is due. Throws session_not_found and session_gone. */
    async touch(caller: Caller, id: string): Promise<{ id: string; record: SessionRecord }> {
      const touched = await store.touch(refOf(caller, id), credentialOf(caller))
      throwIfAbsent(touched, caller)
      return { id, record: touched.record }
    },

    /**
     * Ends a session for good; an id that is gone or was never there is ended as well. Throws session_gone for one that was
     * rotated: it lives on under another id, and nobody is to believe that it was logged out.
     */
    async end(caller: Caller, id: string): Promise<void> {
      const ended = await store.end(refOf(caller, id), {
        credential: credentialOf(caller),
        reason: 'deleted',
        tombstoneSeconds: policyOf(caller.namespace).tombstoneSeconds,
      })
      const isOver = ended.state === 'ended' || (ended.state === 'gone' && ended.reason !== 'rotated')
      if (!isOver) throwIfAbsent(ended, caller)
    },

    /** A part of all sessions of the caller's namespace that live. No use of them. */
    async list(caller: ApiKeyCaller, page: { limit: number; cursor: string | null }): Promise<SessionPage> {
      const { ids, next } = await store.sessionIds(caller.namespace, { after: page.cursor, limit: page.limit })
      const found = await store.readMany(ids.map((id) => refOf(caller, id)))
      const sessions: Session[] = []
      for (const [i, one] of found.entries()) if (one.state === 'live') sessions.push({ id: ids[i] as string, ...one })
      return { sessions, next }
    },

    /** Looks at many at once; each id once, in the order given. Throws limit_exceeded. */
    async batch(caller: ApiKeyCaller, ids: readonly string[], use: boolean): Promise<Batch> {
      const { batch } = policyOf(caller.namespace).limits
      if (ids.length > batch) {
        throw new CoatcheckError('limit_exceeded', undefined, {
          limit: batch,
          errors: [{ pointer: '#/ids', detail: `${ids.length} ids, where ${batch} may be.` }],
        })
      }
      const distinct = [...new Set(ids)]
      const found = use
        ? await useMany(caller, distinct)
        : await store.readMany(distinct.map((id) => refOf(caller, id)))
      const sessions: Session[] = []
      const missing: string[] = []
      const gone: { id: string; reason: string; endedAt: number }[] = []
      for (const [i, one] of found.entries()) {
        const id = distinct[i] as string
        if (one.state === 'live') sessions.push({ id, ...one })
        else if (one.state === 'gone') gone.push({ id, reason: one.reason, endedAt: one.endedAt })
        else missing.push(id)
      }
      return { sessions, missing, gone }
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
