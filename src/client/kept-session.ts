/**
 * A session of express-session or @fastify/session, and the form in which it is kept: the same JSON, save that the cookie
 * loses the date that moves with every request. The session's own clock, which the service keeps, stands for that date.
 */
import type { SessionView } from './shapes.ts'

export type Json = Readonly<Record<string, unknown>>

/** A session as a store gives it: plain data, its cookie among it. */
export type SessionData = { cookie: Record<string, unknown>; [key: string]: unknown }

const LONGEST_SECONDS = 4_000_000_000

/** How far a cookie's age may be off and still be the same: setting it anew takes off a millisecond at times. */
const SAME_AGE_MS = 1000

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const cookieOf = (kept: Json | undefined): Json => (isObject(kept?.cookie) ? kept.cookie : {})

/** The age in ms that a cookie is given with each request; undefined for one that ends with the browser or on a day. */
const ageOf = ({ originalMaxAge }: Json): number | undefined =>
  typeof originalMaxAge === 'number' ? originalMaxAge : undefined

/** Without what moves by itself, so that it changes only where the app has changed it. */
const keptCookie = (cookie: Json, known: Json): Json => {
  const { expires, originalExpires: _, ...rest } = cookie
  const age = ageOf(cookie)
  if (age === undefined) return { ...rest, ...(typeof expires === 'string' ? { expires } : {}) }
  const before = ageOf(known)
  const isSame = before !== undefined && Math.abs(before - age) < SAME_AGE_MS
  return { ...rest, originalMaxAge: isSame ? before : age }
}

/**
 * What is to be kept of a session, as it is at this moment.
 *
 * @param known what is kept of it already, if that is known
 * @throws TypeError where JSON cannot hold it
 */
export const keptForm = (session: object, known?: Json): Json => {
  const text: string | undefined = JSON.stringify(session)
  const data: unknown = text === undefined ? undefined : JSON.parse(text)
  if (!isObject(data)) throw new TypeError('What is to be saved is no session: it is no object in JSON.')
  return { ...data, cookie: keptCookie(cookieOf(data), cookieOf(known)) }
}

/** A session as it was kept, for the framework to make its own of: a copy. */
export const shownForm = ({ settings, expiresAt }: Pick<SessionView, 'settings' | 'expiresAt'>): SessionData => {
  const data = structuredClone(settings)
  const cookie = cookieOf(data)
  const age = ageOf(cookie)
  if (age === undefined) return { ...data, cookie: { ...cookie } }
  const expires = new Date(Math.min(Date.parse(expiresAt), Date.now() + age)).toISOString()
  return { ...data, cookie: { ...cookie, expires } }
}

/**
 * The clocks of a session that begins with this cookie: the age of the cookie slides with use, a day does not. None where the
 * cookie ends with the browser; undefined where it is over already.
 */
export const clocksOf = (kept: Json): { idleTimeoutSeconds?: number; lifetimeSeconds?: number } | undefined => {
  const cookie = cookieOf(kept)
  const age = ageOf(cookie)
  const until = typeof cookie.expires === 'string' ? Date.parse(cookie.expires) - Date.now() : Number.NaN
  const ms = age ?? until
  if (Number.isNaN(ms)) return {}
  if (ms <= 0) return undefined
  const seconds = Math.min(Math.ceil(ms / 1000), LONGEST_SECONDS)
  return age === undefined ? { idleTimeoutSeconds: seconds, lifetimeSeconds: seconds } : { idleTimeoutSeconds: seconds }
}

/** Whether a session of the namespace is one that a store keeps: its id is a hash, and it has a cookie. */
export const isKept = ({ id, settings }: SessionView): boolean => id[14] === '8' && isObject(settings.cookie)
