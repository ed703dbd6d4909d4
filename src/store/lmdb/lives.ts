/** Decides what happens to a session as a whole: a use, an end, a new generation. As pure as `write.ts`. */
import { touchIsDue } from '../layout/clocks.ts'
import type { End, Ended, EndReason, Revoked, Touched } from '../port.ts'
import type { StoredGone, StoredLive } from './codec.ts'
import { type Draw, GEN_BYTES, type Present, refusal, slide } from './judge.ts'

/** `next` is what to store; null to change nothing. */
export type Decided<Outcome> = {
  readonly outcome: Outcome
  readonly next: StoredLive | StoredGone | null
  /** What to tell the listeners, if anything. */
  readonly tells?: Tells
}

type Tells = { readonly kind: 'ended'; readonly reason: EndReason } | { readonly kind: 'revoked' }

export const decideTouch = (present: Present, credential: End['credential'], now: number): Decided<Touched> => {
  const refused = refusal(present, credential)
  if (refused !== null) return { outcome: refused, next: null }
  if (present.state !== 'live') return { outcome: present, next: null }
  if (!touchIsDue(present.record, now)) return { outcome: { state: 'live', record: present.record }, next: null }
  const record = slide(present.record, now)
  return { outcome: { state: 'live', record }, next: { ...present, record } }
}

export const decideEnd = (present: Present, end: End, now: number): Decided<Ended> => {
  const refused = refusal(present, end.credential)
  if (refused !== null) return { outcome: refused, next: null }
  if (present.state === 'gone') return { outcome: present, next: null }
  const record = present.state === 'live' ? present.record : null
  if (end.subject !== undefined && record !== null && record.subject !== end.subject) {
    return { outcome: { state: 'other' }, next: null }
  }
  const lapsesAt = now + end.tombstoneSeconds * 1000
  return {
    outcome: { state: 'ended', wasLive: record !== null },
    next: { state: 'gone', reason: end.reason, endedAt: now, life: record?.life ?? null, lapsesAt },
    // Also for an id that never had a session: a reader who watches it must hear that no session can begin here now.
    tells: { kind: 'ended', reason: end.reason },
  }
}

export const decideRevoke = (present: Present, draw: Draw): Decided<Revoked> => {
  if (present.state !== 'live') return { outcome: present, next: null }
  const gen = draw(GEN_BYTES)
  return {
    outcome: { state: 'revoked', gen },
    next: { ...present, record: { ...present.record, gen } },
    tells: { kind: 'revoked' },
  }
}
