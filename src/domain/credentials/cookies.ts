/**
 * Cookies: what a browser gets for a session token, so that it can call without a script holding a secret. A cookie names
 * what the token named, the same life and generation among it, and lives as long as the session may; it is signed, not
 * encrypted. On every call its keys are cut to what browsers of the namespace may do at that time.
 */
import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { CoatcheckError } from '../../errors.ts'
import type { Observe } from '../../observe.ts'
import type { SessionCaller } from './caller.ts'
import { type CookieSecrets, LONGEST_COOKIE_MS } from './cookie-secrets.ts'
import { signText, verifiedText } from './cookie-signature.ts'
import { ExpiredCredential } from './expired-credential.ts'
import { intersect, type KeyRules } from './key-rule.ts'
import { parseScope } from './scope.ts'
import { rememberVerified } from './verified-cache.ts'

const PREFIX = '__Host-coatcheck-'
const VERSION = 1
/** Of name and value: a browser passes over a cookie that is longer, and tells nobody. */
const MAX_CHARACTERS = 4096

export const cookieName = (namespace: string): string => `${PREFIX}${namespace}`

/** The namespace that a name of ours is of. */
export const namespaceOfCookie = (name: string): string => name.slice(PREFIX.length)

export const isCookieName = (name: string): boolean => name.startsWith(PREFIX)

/** A cookie as it is sent back: its name, and its value to the letter. */
export type SentCookie = { readonly name: string; readonly value: string }

export type IssuedCookie = SentCookie & { readonly maxAgeSeconds: number }

const Rule = Type.Array(Type.String())

const Content = Type.Object({
  v: Type.Literal(VERSION),
  ns: Type.String(),
  sid: Type.String(),
  life: Type.String(),
  gen: Type.String(),
  jti: Type.String(),
  scope: Type.String(),
  keys: Type.Object({ read: Rule, write: Rule }),
  /** Seconds since 1970, as in a token. */
  exp: Type.Integer({ maximum: 2 ** 40 }),
  renewUntil: Type.Optional(Type.Integer()),
})

type Content = {
  readonly v: typeof VERSION
  readonly ns: string
  readonly sid: string
  readonly life: string
  readonly gen: string
  readonly jti: string
  readonly scope: string
  readonly keys: SessionCaller['keys']
  readonly exp: number
  readonly renewUntil?: number
}

const invalid = (): CoatcheckError => new CoatcheckError('invalid_credential')

const textOf = (content: Content): string => Buffer.from(JSON.stringify(content)).toString('base64url')

/** Throws, whatever, for what is no content of ours. */
const contentOf = (text: string): Content => {
  const content: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
  if (!Value.Check(Content, content)) throw invalid()
  return content as Content
}

export const createCookies = ({
  now,
  browserKeysOf,
  secrets,
  observe,
}: {
  /** The store's time in ms. */
  now: () => number
  /** The key rules of browsers of a namespace; null where it has no browser rule, and so takes no cookie. */
  browserKeysOf: (namespace: string) => KeyRules | null
  secrets: CookieSecrets
  observe: Pick<Observe, 'minted'>
}) => {
  const sign = async (text: string): Promise<string> => signText(text, (await secrets.current()).secret)

  const unsigned = (value: string): string | undefined =>
    verifiedText(
      value,
      secrets.known().map(({ secret }) => secret),
    )

  /** `cookie` is name and value with `=` in between. */
  const check = async (cookie: string): Promise<SessionCaller> => {
    const at = cookie.indexOf('=')
    const value = cookie.slice(at + 1)
    let text = unsigned(value)
    if (text === undefined) {
      // Another replica may have made a secret that is not known here yet.
      await secrets.askAgain()
      text = unsigned(value)
    }
    if (text === undefined) throw invalid()
    const { ns, sid, life, gen, jti, keys, exp, renewUntil, ...content } = contentOf(text)
    const scope = parseScope(content.scope)
    if (!scope || cookie.slice(0, at) !== cookieName(ns)) throw invalid()
    if (exp * 1000 <= now()) throw new ExpiredCredential()
    return {
      kind: 'session',
      via: 'cookie',
      namespace: ns,
      credentialId: jti,
      sessionId: sid,
      life,
      gen,
      may: scope,
      keys,
      expiresAt: exp * 1000,
      renewUntil: renewUntil === undefined ? null : renewUntil * 1000,
    }
  }

  const verified = rememberVerified({ ring: secrets, now, check })

  return {
    /**
     * A cookie for the holder of a token whose session ends at `endsAt` (ms since 1970) at the latest. Answers its name, its
     * value, and for how many seconds it is good. Throws session_over, and limit_exceeded for one that no browser keeps.
     */
    async issue(caller: SessionCaller, endsAt: number): Promise<IssuedCookie> {
      const seconds = Math.floor(now() / 1000)
      const exp = Math.min(Math.floor(endsAt / 1000), seconds + LONGEST_COOKIE_MS / 1000)
      if (exp <= seconds) throw new CoatcheckError('session_over')
      const name = cookieName(caller.namespace)
      const value = await sign(
        textOf({
          v: VERSION,
          ns: caller.namespace,
          sid: caller.sessionId,
          life: caller.life,
          gen: caller.gen,
          jti: randomBytes(12).toString('base64url'),
          scope: caller.may.join(' '),
          keys: caller.keys,
          exp,
          ...(caller.renewUntil === null ? {} : { renewUntil: Math.floor(caller.renewUntil / 1000) }),
        }),
      )
      if (name.length + value.length > MAX_CHARACTERS) {
        throw new CoatcheckError(
          'limit_exceeded',
          'No browser would keep so long a cookie: mint a token with fewer keys, or with prefixes.',
          { limit: MAX_CHARACTERS },
        )
      }
      observe.minted('cookie')
      return { name, value, maxAgeSeconds: exp - seconds }
    },

    /** Who holds this cookie, with the keys that it may have now. Throws invalid_credential. */
    async verify({ name, value }: SentCookie): Promise<SessionCaller> {
      if (name.length + value.length > MAX_CHARACTERS) throw invalid()
      const caller = await verified(`${name}=${value}`)
      const browserKeys = browserKeysOf(caller.namespace)
      if (!browserKeys) throw invalid()
      const { read, write } = caller.keys
      return {
        ...caller,
        keys: { read: intersect(read, browserKeys.read), write: intersect(write, browserKeys.write) },
      }
    },
  }
}

export type Cookies = ReturnType<typeof createCookies>
