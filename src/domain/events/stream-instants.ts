/**
 * What time alone has a stream tell: that its session or its credential ends soon, or that the credential has ended. Pure:
 * it says what to tell now, and when the stream must look at its session next. That is at the next instant at which there is
 * something to tell or to find out, and after `lookMs` at the latest.
 */
import type { UnauthorizedEvent, WarningEvent } from './stream-event.ts'

/** What the reader has been told, so that it is told once. */
export type Said = {
  readonly renew: boolean
  /** The end of the session that it was told of; a use of the session puts the end off, and then it is told again. */
  readonly expiring: number | null
}

export const NOTHING_SAID: Said = { renew: false, expiring: null }

export type Instants = {
  /** The store's time. */
  readonly now: number
  /** The session's clocks; null while there is no session. */
  readonly session: { readonly expiresAt: number; readonly endsAt: number } | null
  /** Whether the stream keeps the session in use, so that it cannot end by its idle timeout. */
  readonly keepsInUse: boolean
  /** When the credential ends; null if it does not. */
  readonly credentialEndsAt: number | null
}

export type Pace = {
  /** How long before its end a session is told to be expiring. */
  readonly expiringMs: number
  /** How often a stream looks at its session at least. */
  readonly lookMs: number
  /** From 0 to 1, drawn at random, so that streams which began together do not look together. */
  readonly jitter: number
  /** Whether the session could not be read. */
  readonly hasFailed: boolean
}

const RENEW_BEFORE_MS = 30_000
/** How much later than an instant the stream looks, so that it finds the instant passed. */
export const AFTER_MS = 50
/** About how long after a reading that failed the next is tried. */
const AGAIN_MS = 1000

export const atInstant = (
  said: Said,
  { now, session, keepsInUse, credentialEndsAt }: Instants,
  { expiringMs, lookMs, jitter, hasFailed }: Pace,
): { events: (WarningEvent | UnauthorizedEvent)[]; said: Said; lookInMs: number } => {
  const events: (WarningEvent | UnauthorizedEvent)[] = []
  const instants: number[] = []
  let { renew, expiring } = said

  if (credentialEndsAt !== null) {
    if (credentialEndsAt <= now) events.push({ event: 'unauthorized', reason: 'expired' })
    else if (!renew && credentialEndsAt - RENEW_BEFORE_MS <= now) {
      renew = true
      events.push({ event: 'renew', expiresAt: credentialEndsAt })
    }
    instants.push(credentialEndsAt - RENEW_BEFORE_MS, credentialEndsAt)
  }

  if (session !== null) {
    const { expiresAt, endsAt } = session
    instants.push(expiresAt)
    if (keepsInUse && expiresAt < endsAt) {
      // The look itself puts this end off, and so it must come well before.
      instants.push((now + expiresAt) / 2)
    } else {
      const isOver = events.some(({ event }) => event === 'unauthorized')
      if (!isOver && expiring !== expiresAt && expiresAt - expiringMs <= now && now < expiresAt) {
        expiring = expiresAt
        events.push({ event: 'expiring', expiresAt })
      }
      instants.push(expiresAt - expiringMs)
    }
  }

  // What has passed was told above, or waits for the session to be read.
  const waits = instants.filter((instant) => instant > now).map((instant) => instant + AFTER_MS - now)
  if (hasFailed) waits.push(AGAIN_MS * (0.5 + jitter))
  return { events, said: { renew, expiring }, lookInMs: Math.min(lookMs * (1 - jitter / 10), ...waits) }
}
