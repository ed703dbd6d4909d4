/**
 * Where users are logged in. Each subject has a list of the ids of its sessions, and an id is listed before there is a
 * session under it: whatever binds a session draws the id, lists it, and then writes it in one step that refuses an id
 * which was ended meanwhile. So whoever ends all that is listed misses none, also none that is just being bound.
 *
 * The list heals itself: an entry without a session of the subject is dropped once it need not be kept any more. Some
 * entries are looked at whenever one is added.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { CoatcheckError } from '../../errors.ts'
import { runningTime } from '../../running-time.ts'
import type { Found, Listed, Live, Store, SubjectRef } from '../../store/port.ts'
import { StoreUnavailable } from '../../store/port.ts'
import { type ApiKeyCaller, refOf } from '../credentials/caller.ts'
import { isWellFormed } from '../json/json-text.ts'
import { type Limits, LONGEST_SUBJECT_BYTES, type PolicyOf } from '../policy.ts'
import type { Session, SessionPage } from './session.ts'

/** What is written under a listed id is written within ten seconds, or never. */
export const IN_FLIGHT_SECONDS = 20

/** How long a hand-off's code may be good at most. */
export const LONGEST_HANDOFF_SECONDS = 600

/** An id that was ended before there is a session under it stays gone for as long as anything might still bind it. */
const LEAST_TOMBSTONE_SECONDS = LONGEST_HANDOFF_SECONDS + IN_FLIGHT_SECONDS

/** What was listed while a limit was higher is found all the same. */
const LONGEST = { subjectBytes: LONGEST_SUBJECT_BYTES }

/** A log-out that was answered 503 can be sent again for so long at least. */
const REPEATED_MS = 600_000

/** How many entries are looked at when one is added. */
const SAMPLE = 5
/** How many entries are read, and ended, at once. */
const LOT = 100
/** How long ending all may take for a caller without a deadline. What is answered 503 goes on when it is asked for again. */
const LONGEST_MS = 1800

/** Throws invalid_request or limit_exceeded unless this may be a subject. */
export const checkSubject = (subject: string | undefined, { subjectBytes }: Pick<Limits, 'subjectBytes'>): void => {
  if (subject === undefined) return
  if (subject === '' || !isWellFormed(subject)) {
    throw new CoatcheckError('invalid_request', undefined, {
      errors: [{ pointer: '#/subject', detail: subject === '' ? 'is empty' : 'holds half of a surrogate pair' }],
    })
  }
  if (Buffer.byteLength(subject) > subjectBytes) {
    throw new CoatcheckError('limit_exceeded', undefined, {
      limit: subjectBytes,
      errors: [{ pointer: '#/subject', detail: `may have ${subjectBytes} bytes` }],
    })
  }
}

export const subjectOf = ({ namespace, by }: ApiKeyCaller, subject: string): SubjectRef => ({ namespace, subject, by })

/** The sessions of a subject's entries, in their order. */
export const lookAt = (store: Store, { namespace, by }: SubjectRef, entries: readonly Listed[]): Promise<Found[]> =>
  store.readMany(entries.map(({ id }) => ({ namespace, id, by })))

/** Whether a session lives that is bound to the subject. */
export const isTheirs = (found: Found | undefined, subject: string): found is Live =>
  found?.state === 'live' && found.record.subject === subject

export const createSubjects = ({ store, policyOf }: { store: Store; policyOf: PolicyOf }) => {
  /** Whether the call that has ended it may be sent again, and then has to find it. */
  const mayBeRepeated = (found: Found | undefined, namespace: string): boolean =>
    found?.state === 'gone' &&
    policyOf(namespace).durability === 'replicated' &&
    store.now() - found.endedAt < REPEATED_MS

  /** Drops those entries that stand for no session of the subject, and need not be kept. */
  const heal = async (ref: SubjectRef, entries: readonly Listed[], found: readonly Found[]): Promise<void> => {
    const dead = entries.filter(
      ({ keepUntil }, i) =>
        keepUntil <= store.now() && !isTheirs(found[i], ref.subject) && !mayBeRepeated(found[i], ref.namespace),
    )
    await store.unlist(
      ref,
      dead.map(({ id }) => id),
    )
  }

  const prune = async (ref: SubjectRef): Promise<void> => {
    const sample = await store.sampleListed(ref, SAMPLE)
    if (sample.length > 0) await heal(ref, sample, await lookAt(store, ref, sample))
  }

  return {
    /** Lists an id that is about to be bound: for so many seconds whatever becomes of it, and while its session may live. */
    async list(
      caller: ApiKeyCaller,
      subject: string,
      entry: { id: string; keepSeconds: number; lifetimeSeconds: number },
    ): Promise<void> {
      const ref = subjectOf(caller, subject)
      await Promise.all([prune(ref), store.list(ref, entry)])
    },

    /** A part of a subject's sessions. Throws limit_exceeded. */
    async sessions(
      caller: ApiKeyCaller,
      subject: string,
      page: { limit: number; cursor: string | null },
    ): Promise<SessionPage> {
      checkSubject(subject, LONGEST)
      const ref = subjectOf(caller, subject)
      const { entries, next } = await store.listed(ref, { after: page.cursor, limit: page.limit })
      const found = await lookAt(store, ref, entries)
      await heal(ref, entries, found)
      const sessions: Session[] = []
      for (const [i, one] of found.entries()) {
        const id = entries[i]?.id
        if (id !== undefined && isTheirs(one, subject)) sessions.push({ id, ...one })
      }
      return { sessions, next }
    },

    /**
     * Ends all sessions of a subject but one, and answers how many lived. What is listed while this is under way is ended,
     * too: the list is read again until it has only what was seen. Throws limit_exceeded.
     */
    async endAll(caller: ApiKeyCaller, subject: string, except: string | null): Promise<number> {
      checkSubject(subject, LONGEST)
      const { tombstoneSeconds: configured } = policyOf(caller.namespace)
      const tombstoneSeconds = Math.max(configured, LEAST_TOMBSTONE_SECONDS)
      const ref = subjectOf(caller, subject)
      const until = caller.by ?? runningTime() + LONGEST_MS
      const seen = new Set<string>(except === null ? [] : [except])

      const end = async (id: string): Promise<number> => {
        const ended = await store.end(refOf(caller, id), {
          credential: null,
          reason: 'revoked',
          tombstoneSeconds,
          subject,
        })
        return ended.state === 'ended' && ended.wasLive ? 1 : 0
      }

      /** Reads the list once from its beginning, and ends what was not seen before. */
      const pass = async (): Promise<{ fresh: number; ended: number }> => {
        let [fresh, ended] = [0, 0]
        for (let after: string | null = null; ; ) {
          if (runningTime() > until) throw new StoreUnavailable('There are too many sessions to end at once.')
          const { entries, next } = await store.listed(ref, { after, limit: LOT })
          const ids = entries.map(({ id }) => id).filter((id) => !seen.has(id))
          for (const id of ids) seen.add(id)
          fresh += ids.length
          for (const one of await Promise.all(ids.map(end))) ended += one
          await store.unlist(ref, ids)
          if (next === null) return { fresh, ended }
          after = next
        }
      }

      let total = 0
      for (;;) {
        const { fresh, ended } = await pass()
        total += ended
        if (fresh === 0) return total
        await delay(0)
      }
    },
  }
}

export type Subjects = ReturnType<typeof createSubjects>
