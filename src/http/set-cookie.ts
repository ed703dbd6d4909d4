/** `Set-Cookie`, RFC 6265 §4.1, for cookies of ours. */
import type { SentCookie } from '../domain/credentials/cookies.ts'

/** `__Host-` makes browsers insist on `Path=/`, `Secure` and no `Domain`. */
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax'
const OVER = 'Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT'

/** Name and value hold only characters that a cookie may hold, so they are sent without encoding. */
export const keepCookie = ({ name, value }: SentCookie, maxAgeSeconds: number): string =>
  `${name}=${value}; Max-Age=${maxAgeSeconds}; ${ATTRIBUTES}`

/** What a cookie's name may be, RFC 9110 §5.6.2; others cannot be named in an answer, and no browser keeps one. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/

/** One line for each name that was sent. */
export const forgetCookies = (cookies: readonly SentCookie[]): string[] =>
  [...new Set(cookies.map(({ name }) => name))]
    .filter((name) => TOKEN.test(name))
    .map((name) => `${name}=; ${OVER}; ${ATTRIBUTES}`)
