/**
 * Cookies: what a browser gets for a session token, so that it can call without a script holding a secret. A cookie names
 * what the token named, the same life and generation among it, and lives as long as the session may; it is signed, not
 * encrypted. On every call its keys are cut to what browsers of the namespace may do at that time.
 */
import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { CoatcheckError } from '../../errors.ts'
import type { Store } from '../../store/port.ts'
import type { PolicyOf } from '../policy.ts'
import { judged, throwIfAbsent } from '../store-refusals.ts'
import { refOf, type SessionCaller } from './caller.ts'
import { type CookieSecrets, LONGEST_COOKIE_MS } from './cookie-secrets.ts'
import { intersect } from './key-rule.ts'
import { parseScope } from './scope.ts'
import { rememberVerified } from './verified-cache.ts'

const PREFIX = '__Host-coatcheck-'
const VERSION = 1
/** Of name and value: a browser passes over a cookie that is longer, and tells nobody. */
const MAX_CHARACTERS = 4096

export const cookieName = (namespace: string): string => `${PREFIX}${namespace}`

export const isCookieName = (name: string): boolean => name.startsWith(PREFIX)

/** A cookie as it is sent back: its name, and its value to the letter. */
export type SentCookie = { readonly name: string; readonly value: string }

/** Signs with the first of its secrets and takes what any of them has signed. */
export type Signer = {
  sign(value: string): string
  unsign(value: string): { readonly valid: boolean; readonly value: string | null }
}

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
  store,
  policyOf,
  secrets,
  signerOf,
}: {
  store: Store
  policyOf: PolicyOf
  secrets: CookieSecrets
  /** A signer with these secrets, of which the first signs. */
  signerOf: (secrets: readonly string[]) => Signer
}) => {
  const sign = async (text: string): Promise<string> => signerOf([(await secrets.current()).secret]).sign(text)

  const unsigned = (value: string): string | undefined => {
    const all = secrets.known().map(({ secret }) => secret)
    return all.length === 0 ? undefined : (signerOf(all).unsign(value).value ?? undefined)
  }

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
    if (!scope || cookie.slice(0, at) !== cookieName(ns) || exp * 1000 <= store.now()) throw invalid()
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

  const verified = rememberVerified({ ring: secrets, now: store.now, check })

  return {
    /**
     * A cookie for the holder of a token: what it is called, its value, and for how many seconds it is good. Throws what
     * stands between the token and its session, and limit_exceeded for one that no browser would keep.
     */
    async exchange(caller: SessionCaller): Promise<SentCookie & { readonly maxAgeSeconds: number }> {
      const found = judged(await store.read(refOf(caller, caller.sessionId)), caller)
      throwIfAbsent(found, caller)
      const now = Math.floor(store.now() / 1000)
      const exp = Math.min(Math.floor(found.record.endsAt / 1000), now + LONGEST_COOKIE_MS / 1000)
      if (exp <= now) throw new CoatcheckError('session_over')
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
      return { name, value, maxAgeSeconds: exp - now }
    },

    /** Who holds this cookie, with the keys that it may have now. Throws invalid_credential. */
    async verify({ name, value }: SentCookie): Promise<SessionCaller> {
      if (name.length + value.length > MAX_CHARACTERS) throw invalid()
      const caller = await verified(`${name}=${value}`)
      const { browser } = policyOf(caller.namespace)
      if (!browser) throw invalid()
      const { read, write } = caller.keys
      return {
        ...caller,
        keys: { read: intersect(read, browser.keys.read), write: intersect(write, browser.keys.write) },
      }
    },
  }
}

export type Cookies = ReturnType<typeof createCookies>
