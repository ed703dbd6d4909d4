/**
 * Who is calling, and whether the route is for them. A bearer is an API key (`ck_…`) or a session token (a JWT). Keys are
 * configured as SHA-256 hashes; what a caller sends is hashed and compared with every one of them, in the same time
 * wherever it differs. A route that does not say whom it is for is for API keys.
 *
 * Failures are counted by address; who sends a good credential is never held back by somebody else's bad ones.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller } from '../../domain/caller.ts'
import type { Permission } from '../../domain/permission.ts'
import type { Scope } from '../../domain/scope.ts'
import type { Tokens } from '../../domain/tokens.ts'
import { CoatcheckError } from '../../errors.ts'

/**
 * Whom a route is for: anybody; any API key; API keys with this permission; or a token or cookie that has all of these
 * scopes, and API keys with the permissions of the same names.
 */
export type Access = 'anybody' | 'api-key' | Permission | readonly Scope[]

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
  interface FastifyContextConfig {
    access?: Access
  }
}

export type ApiKey = {
  readonly namespace: string
  /** SHA-256 of the key. */
  readonly hash: Buffer
  readonly permissions: readonly Permission[]
}

const BEARER = /^Bearer +([\x21-\x7e]{1,8192}) *$/i
const API_KEY_PREFIX = 'ck_'

/** Every `Authorization` that was sent: Node shows only the first, and two are no better than none. */
const authorizations = (rawHeaders: readonly string[]): string[] => {
  const found: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === 13 && rawHeaders[i]?.toLowerCase() === 'authorization')
      found.push(rawHeaders[i + 1] ?? '')
  }
  return found
}

export type AuthenticationOptions = {
  readonly apiKeys: readonly ApiKey[]
  readonly tokens: Tokens
  /** Failed authentications a minute and address, or null for no limit. */
  readonly failuresPerMinute: number | null
}

/** Who may renew its own token may as a service mint any. */
const permissionOf = (scope: Scope): Permission => (scope === 'renew' || scope === 'cookie' ? 'tokens' : scope)

const permissionsFor = (access: Access): readonly Permission[] => {
  if (access === 'anybody' || access === 'api-key') return []
  return typeof access === 'string' ? [access] : access.map(permissionOf)
}

/** The security requirements of a route, as OpenAPI 3.1 has them: an API key's roles are its permissions. */
const securityOf = (access: Access): Record<string, readonly string[]>[] => {
  if (access === 'anybody') return []
  const services = { apiKey: permissionsFor(access) }
  return typeof access === 'string' ? [services] : [services, { sessionToken: access }]
}

/** What to answer a caller whom the route is not for. */
const refusal = (caller: Caller, access: Access): CoatcheckError | undefined => {
  if (caller.kind === 'api-key') {
    const lacking = permissionsFor(access).filter((one) => !caller.permissions.includes(one))
    return lacking.length === 0
      ? undefined
      : new CoatcheckError('insufficient_scope', `This API key may not do that: it lacks ${lacking.join(' and ')}.`)
  }
  if (typeof access === 'string') {
    return new CoatcheckError('insufficient_scope', 'This call is for services: it needs an API key.')
  }
  const lacking = access.filter((scope) => !caller.scope.includes(scope))
  return lacking.length === 0
    ? undefined
    : new CoatcheckError('insufficient_scope', `The token lacks the scope ${lacking.join(' ')}.`)
}

/** The one bearer that was sent, or the error that says what is wrong. */
const bearerOf = (rawHeaders: readonly string[]): string | CoatcheckError => {
  const sent = authorizations(rawHeaders)
  if (sent.length === 0) return new CoatcheckError('credential_required')
  const bearer = sent.length === 1 ? BEARER.exec(sent[0] as string)?.[1] : undefined
  return bearer ?? new CoatcheckError('invalid_credential')
}

export const authentication = fp<AuthenticationOptions>(
  async (app, { apiKeys, tokens, failuresPerMinute }) => {
    app.decorateRequest('caller', null as never)

    const services = apiKeys.map(({ namespace, hash, permissions }) => ({
      hash,
      caller: { kind: 'api-key', namespace, permissions, credentialId: hash.toString('hex') } satisfies Caller,
    }))

    const service = (key: string): Caller | undefined => {
      const hash = createHash('sha256').update(key).digest()
      let found: Caller | undefined
      for (const one of services) if (timingSafeEqual(one.hash, hash)) found = one.caller
      return found
    }

    await app.register(rateLimit, { global: false })
    const countFailure =
      failuresPerMinute === null ? undefined : app.createRateLimit({ max: failuresPerMinute, timeWindow: 60_000 })

    /** The error to answer a failed authentication with. */
    const failure = async (request: FastifyRequest, error: unknown): Promise<unknown> => {
      if (!(error instanceof CoatcheckError)) return error
      const count = await countFailure?.(request)
      if (!count || count.isAllowed || !count.isExceeded) return error
      return new CoatcheckError('rate_limited', 'Too many failed authentications from this address.', {
        retryAfterSeconds: count.ttlInSeconds,
      })
    }

    app.addHook('onRoute', (route) => {
      route.schema = { security: securityOf(route.config?.access ?? 'api-key'), ...route.schema }
    })

    app.addHook('onRequest', (request, _reply, done) => {
      // A route that does not exist has no schema either: it answers 404 or 405 to everybody.
      const access = request.routeOptions.config?.access ?? 'api-key'
      if (request.is404 || access === 'anybody') return done()
      const admit = (caller: Caller): void => {
        request.caller = caller
        done(refusal(caller, access))
      }
      const refuse = (error: unknown): void => {
        failure(request, error).then((answer) => done(answer as Error), done)
      }
      const bearer = bearerOf(request.raw.rawHeaders)
      if (typeof bearer !== 'string') refuse(bearer)
      else if (bearer.startsWith(API_KEY_PREFIX)) {
        const caller = service(bearer)
        if (caller) admit(caller)
        else refuse(new CoatcheckError('invalid_credential'))
      } else tokens.verify(bearer).then(admit, refuse)
    })
  },
  { name: 'authentication', dependencies: ['problems'] },
)
