/** What a reading of its session means for a stream: that it must end, and why, or which version there is now. Pure. */
import type { Gone, Live, Missing, Refused, SessionRecord } from '../../store/port.ts'
import type { Caller } from '../credentials/caller.ts'
import { UNWRITTEN, versionOf } from '../etag.ts'
import type { Reading } from './follow-version.ts'
import type { EndedEvent, UnauthorizedEvent } from './stream-event.ts'
import { AFTER_MS } from './stream-instants.ts'

/** Why a credential is no longer taken: its time is over, or somebody has revoked it. */
export const unauthorized = (caller: Caller, now: number): UnauthorizedEvent => {
  const isOver = caller.kind === 'session' && caller.expiresAt <= now
  return { event: 'unauthorized', reason: isOver ? 'expired' : 'revoked' }
}

/**
 * Why a session is no longer there. A tombstone would say if somebody had ended it. If none of its clocks has, the store has
 * lost it: it came back empty, or from an older copy.
 */
const whyMissing = ({ endsAt, expiresAt }: SessionRecord, now: number): EndedEvent => {
  if (expiresAt > now + AFTER_MS) return { event: 'ended', reason: 'lost' }
  return { event: 'ended', reason: endsAt <= now + AFTER_MS ? 'lifetime' : 'idle' }
}

/** `known` is the session as the stream read it before; null if there was none. */
export const judgeReading = (
  caller: Caller,
  found: Live | Gone | Missing | Refused,
  known: SessionRecord | null,
  now: number,
): Reading | EndedEvent | UnauthorizedEvent => {
  if (found.state === 'live')
    return { version: versionOf(found.record), settings: found.settings, record: found.record }
  if (found.state === 'gone') return { event: 'ended', reason: found.reason }
  if (found.state === 'refused' && found.why === 'gen') return { event: 'unauthorized', reason: 'revoked' }
  if (known !== null) return whyMissing(known, now)
  // The life that the credential names was over before the stream could read it.
  if (caller.kind === 'session') return { event: 'unauthorized', reason: 'expired' }
  return { version: UNWRITTEN, settings: new Map(), record: null }
}
