/** What a request proves itself by: the one bearer, or else the one cookie of ours. Read from the raw lines, all of them. */
import { isCookieName, type SentCookie } from '../domain/credentials/cookies.ts'
import { CoatcheckError } from '../errors.ts'
import { headerLines } from './header-lines.ts'

export type SentCredential =
  | { readonly kind: 'bearer'; readonly bearer: string }
  | { readonly kind: 'cookie'; readonly cookie: SentCookie }
  /** Of two, nobody can say which one is meant. */
  | { readonly kind: 'cookies'; readonly cookies: readonly SentCookie[] }

const BEARER = /^Bearer +([\x21-\x7e]{1,8192}) *$/i

const cookieOf = (pair: string): SentCookie => {
  const at = pair.indexOf('=')
  return at < 0 ? { name: pair, value: '' } : { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() }
}

/** Our cookies, whatever they are worth. */
export const ourCookies = (rawHeaders: readonly string[]): SentCookie[] =>
  headerLines(rawHeaders, 'cookie')
    .flatMap((line) => line.split(';'))
    .map((pair) => cookieOf(pair.trim()))
    .filter(({ name }) => isCookieName(name))

/**
 * The credential that was sent, or the error that says what is wrong. `Authorization` wins: where there is one, good or
 * bad, no cookie is looked at, and two of it are no better than none.
 */
export const credentialSent = (rawHeaders: readonly string[]): SentCredential | CoatcheckError => {
  const sent = headerLines(rawHeaders, 'authorization')
  if (sent.length > 0) {
    const bearer = sent.length === 1 ? BEARER.exec(sent[0] as string)?.[1] : undefined
    return bearer === undefined ? new CoatcheckError('invalid_credential') : { kind: 'bearer', bearer }
  }
  const cookies = ourCookies(rawHeaders)
  const [cookie] = cookies
  if (!cookie) return new CoatcheckError('credential_required')
  return cookies.length === 1 ? { kind: 'cookie', cookie } : { kind: 'cookies', cookies }
}
