/**
 * Granting and taking back: session tokens are minted for a session by a service, renewed by their holder (the same or
 * less, never more), and all of a session's are made void at once by a new generation.
 */
import { CoatcheckError } from '../../errors.ts'
import type { SessionRecord, Store } from '../../store/port.ts'
import { lackingRights, type Right } from '../credentials/access.ts'
import { type ApiKeyCaller, type Caller, refOf, type SessionCaller } from '../credentials/caller.ts'
import type { Cookies, IssuedCookie } from '../credentials/cookies.ts'
import { isWithin, type KeyRules } from '../credentials/key-rule.ts'
import { DEFAULT_SCOPE, type Scope } from '../credentials/scope.ts'
import type { Tokens } from '../credentials/session-token.ts'
import { LONGEST_TOKEN_MS } from '../credentials/signing-keys.ts'
import type { PolicyOf } from '../policy.ts'
import { judged, throwIfAbsent } from '../store-refusals.ts'
import type { Sessions } from './sessions.ts'

const DEFAULT_LIFE_SECONDS = 900
/** How long key rules may be, as JSON: a token travels in a header of each call. */
const MAX_RULES_CHARACTERS = 4096
const RENEWABLE_SECONDS = 86_400

export const LONGEST_TOKEN_SECONDS = LONGEST_TOKEN_MS / 1000

export type TokenRequest = {
  readonly scope?: readonly Scope[]
  readonly keys?: { readonly read?: readonly string[]; readonly write?: readonly string[] }
  readonly expiresInSeconds?: number
  readonly audience?: string
  /** Whether the token is to name the session's subject: it can be read by whoever holds it. */
  readonly withSubject?: boolean
}

export type Granted = {
  readonly token: string
  readonly expiresInSeconds: number
  readonly scope: readonly Scope[]
}

/** A service gives away nothing that it may not do itself. */
const requirePermissions = (caller: ApiKeyCaller, scope: readonly Scope[]): void => {
  // Who may mint may let a page renew its token, and exchange it for a cookie.
  const needed: Right[] = ['tokens', ...scope.filter((one) => one !== 'renew' && one !== 'cookie')]
  const lacking = lackingRights(caller, needed)
  if (lacking.length === 0) return
  throw new CoatcheckError(
    'insufficient_scope',
    `This API key may mint no such token: it lacks ${lacking.join(' and ')}. Ask for another \`scope\`.`,
  )
}

const requireShort = (keys: KeyRules): void => {
  const { length } = JSON.stringify(keys)
  if (length <= MAX_RULES_CHARACTERS) return
  throw new CoatcheckError('limit_exceeded', 'The token would be too long: name fewer keys, or use prefixes.', {
    limit: MAX_RULES_CHARACTERS,
    errors: [{ pointer: '#/keys', detail: `has ${length} characters as JSON` }],
  })
}

export type GrantsOptions = {
  readonly store: Store
  readonly policyOf: PolicyOf
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly cookies: Cookies
}

export const createGrants = ({ store, policyOf, sessions, tokens, cookies }: GrantsOptions) => {
  const mint = async (
    caller: Caller,
    sessionId: string,
    record: SessionRecord,
    grant: { scope: readonly Scope[]; keys: KeyRules; request: TokenRequest; renewUntil: number | null },
  ): Promise<Granted> => {
    const now = Math.floor(store.now() / 1000)
    const asked = now + (grant.request.expiresInSeconds ?? DEFAULT_LIFE_SECONDS)
    const renewUntil = grant.renewUntil === null ? null : Math.min(grant.renewUntil, Math.floor(record.endsAt / 1000))
    const expiresAt = Math.min(asked, Math.floor(record.endsAt / 1000), renewUntil ?? Number.MAX_SAFE_INTEGER)
    if (expiresAt <= now) throw new CoatcheckError('session_over')
    const token = await tokens.mint({
      namespace: caller.namespace,
      sessionId,
      life: record.life,
      gen: record.gen,
      scope: grant.scope,
      keys: grant.keys,
      audience: grant.request.audience,
      subject: grant.request.withSubject && record.subject !== null ? record.subject : undefined,
      issuedAt: now,
      expiresAt,
      renewUntil,
    })
    return { token, expiresInSeconds: expiresAt - now, scope: grant.scope }
  }

  /** Keys as asked for, where what is left out of one side is nothing; if none are, those that browsers may have. */
  const keysOf = ({ namespace }: ApiKeyCaller, { keys }: TokenRequest): KeyRules => {
    if (keys) return { read: keys.read ?? [], write: keys.write ?? [] }
    const { browser } = policyOf(namespace)
    if (!browser) throw new CoatcheckError('keys_required')
    return browser.keys
  }

  const renew = async (caller: SessionCaller, request: TokenRequest): Promise<Granted> => {
    const found = judged(await store.read(refOf(caller, caller.sessionId)), caller)
    throwIfAbsent(found, caller)
    if (caller.renewUntil === null || caller.renewUntil <= store.now()) throw new CoatcheckError('invalid_credential')
    const scope = request.scope ?? caller.may
    const keys = {
      read: request.keys?.read ?? caller.keys.read,
      write: request.keys?.write ?? caller.keys.write,
    }
    const isLess =
      lackingRights(caller, scope).length === 0 &&
      isWithin(keys.read, caller.keys.read) &&
      isWithin(keys.write, caller.keys.write) &&
      request.audience === undefined &&
      request.withSubject !== true
    if (!isLess) {
      throw new CoatcheckError('insufficient_scope', 'A token can be renewed for the same or for less, never for more.')
    }
    return mint(caller, caller.sessionId, found.record, {
      scope,
      keys,
      request,
      renewUntil: Math.floor(caller.renewUntil / 1000),
    })
  }

  /** Whom a token of this namespace names, whether or not it was made void. */
  const namedBy = async (caller: ApiKeyCaller, token: string): Promise<SessionCaller | undefined> => {
    try {
      const holder = await tokens.verify(token)
      return holder.namespace === caller.namespace ? holder : undefined
    } catch (error) {
      if (error instanceof CoatcheckError) return undefined
      throw error
    }
  }

  const isGood = async (caller: ApiKeyCaller, holder: SessionCaller): Promise<boolean> =>
    judged(await store.read(refOf(caller, holder.sessionId)), holder).state === 'live'

  /**
   * Mints tokens as a service asks for them: refuses at once what can't be minted for any session, so that nothing is
   * begun for it. Throws insufficient_scope, keys_required and limit_exceeded.
   */
  const prepare = (caller: ApiKeyCaller, request: TokenRequest) => {
    const keys = keysOf(caller, request)
    requireShort(keys)
    const scope = request.scope ?? DEFAULT_SCOPE
    requirePermissions(caller, scope)
    return (id: string, record: SessionRecord): Promise<Granted> => {
      const renewUntil = scope.includes('renew') ? Math.floor(store.now() / 1000) + RENEWABLE_SECONDS : null
      return mint(caller, id, record, { scope, keys, request, renewUntil })
    }
  }

  return {
    prepare,

    /**
     * Mints a token. A service asks for any; whoever holds a token with `renew` for the same or less. Throws
     * keys_required, limit_exceeded, session_gone, insufficient_scope.
     */
    async grant(caller: Caller, id: string, request: TokenRequest): Promise<Granted> {
      if (caller.kind === 'session') return renew(caller, request)
      const mintFor = prepare(caller, request)
      return mintFor(id, await sessions.ensure(caller, id, request.expiresInSeconds ?? DEFAULT_LIFE_SECONDS))
    },

    /**
     * A cookie for the holder of a token. Throws what stands between the token and its session, and limit_exceeded for one
     * that no browser keeps.
     */
    async exchangeForCookie(caller: SessionCaller): Promise<IssuedCookie> {
      const found = judged(await store.read(refOf(caller, caller.sessionId)), caller)
      throwIfAbsent(found, caller)
      return cookies.issue(caller, found.record.endsAt)
    },

    /** Makes every token and cookie of the session void. Throws session_not_found, session_gone. */
    async revokeAll(caller: ApiKeyCaller, id: string): Promise<void> {
      throwIfAbsent(await store.revoke(refOf(caller, id)), caller)
    },

    /** Whether a token of this namespace is good now, and what it says; undefined if it is not. RFC 7662. */
    async introspect(caller: ApiKeyCaller, token: string): Promise<SessionCaller | undefined> {
      const holder = await namedBy(caller, token)
      return holder && (await isGood(caller, holder)) ? holder : undefined
    },

    /** Makes a token void, and the session's others with it; one that is not good is void already. RFC 7009. */
    async revoke(caller: ApiKeyCaller, token: string): Promise<void> {
      const holder = await namedBy(caller, token)
      if (!holder) return
      const ref = refOf(caller, holder.sessionId)
      // A session that has ended in between has taken its tokens along.
      if (await isGood(caller, holder)) await store.revoke(ref)
      // This may be the repeat of a call that was not confirmed.
      else await store.confirm(ref)
    },
  }
}

export type Grants = ReturnType<typeof createGrants>
