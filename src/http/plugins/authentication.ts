/**
 * Who is calling, and whether the route is for them. A bearer is an API key (`ck_…`) or a session token (a JWT); without
 * one a browser's cookie is looked at. Keys are configured as SHA-256 hashes; what a caller sends is hashed and compared
 * with every one of them, in the same time wherever it differs. A route that does not say whom it is for is for API keys.
 *
 * Failures are counted by address; who sends a good credential is never held back by somebody else's bad ones.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { ApiKey } from '../../domain/credentials/api-key.ts'
import { apiKeyCaller, type Caller } from '../../domain/credentials/caller.ts'
import type { Cookies } from '../../domain/credentials/cookies.ts'
import type { Tokens } from '../../domain/credentials/session-token.ts'
import type { PolicyOf } from '../../domain/policy.ts'
import { CoatcheckError, type ErrorCode } from '../../errors.ts'
import { type Access, accessRefusal, securityOf } from '../access.ts'
import { credentialSent } from '../credentials.ts'
import { changesSomething, originRefusal } from '../origins.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Asks once more who sent a request. Rejects with a CoatcheckError for a credential that is not good (any more). */
    callerOf(request: FastifyRequest): Promise<Caller>
  }
  interface FastifyRequest {
    caller: Caller
  }
  interface FastifyContextConfig {
    access?: Access
  }
}

const API_KEY_PREFIX = 'ck_'

/** A cookie whose session is over is refused before it is known whom the route is for. */
const REFUSALS = [
  'credential_required',
  'invalid_credential',
  'session_over',
  'insufficient_scope',
  'rate_limited',
] as const satisfies readonly ErrorCode[]

export type AuthenticationOptions = {
  readonly apiKeys: readonly ApiKey[]
  readonly tokens: Tokens
  readonly cookies: Cookies
  readonly policyOf: PolicyOf
  /** Failed authentications a minute and address, or null for no limit. */
  readonly failuresPerMinute: number | null
  /** Told as soon as it is known who calls. */
  readonly onCaller: (request: FastifyRequest, reply: FastifyReply) => void
}

export const authentication = fp<AuthenticationOptions>(
  async (app, { apiKeys, tokens, cookies, policyOf, failuresPerMinute, onCaller }) => {
    app.decorateRequest('caller', null as never)

    const services = apiKeys.map((apiKey) => ({ hash: apiKey.hash, caller: apiKeyCaller(apiKey) }))

    const service = (key: string): Caller | undefined => {
      const sent = hash('sha256', key, 'buffer')
      let found: Caller | undefined
      for (const one of services) if (timingSafeEqual(one.hash, sent)) found = one.caller
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

    /** The error for a cookie that a page of another origin had the browser send. */
    const forged = (request: FastifyRequest, caller: Caller): CoatcheckError | undefined => {
      if (caller.kind === 'api-key' || caller.via === 'token' || !changesSomething(request)) return undefined
      return originRefusal(request, policyOf(caller.namespace).browser?.origins ?? [])
    }

    /** Who sent this, or why nobody did. An API key is found at once. */
    const callerOf = (request: FastifyRequest): Caller | CoatcheckError | Promise<Caller> => {
      const sent = credentialSent(request.raw.rawHeaders)
      if (sent instanceof CoatcheckError) return sent
      if (sent.kind === 'cookie') return cookies.verify(sent.cookie)
      if (!sent.bearer.startsWith(API_KEY_PREFIX)) return tokens.verify(sent.bearer)
      return service(sent.bearer) ?? new CoatcheckError('invalid_credential')
    }

    app.mayRefuse(({ needsCredential, changesSomething }) => {
      if (!needsCredential) return []
      return [...REFUSALS, ...(changesSomething ? (['origin_not_allowed'] as const) : [])]
    })

    app.addHook('onRoute', (route) => {
      route.schema = { security: securityOf(route.config?.access ?? 'api-key'), ...route.schema }
    })

    app.addHook('onRequest', (request, reply, done) => {
      // A route that does not exist has no schema either: it answers 404 or 405 to everybody.
      const access = request.routeOptions.config?.access ?? 'api-key'
      if (request.is404 || access === 'anybody') return done()
      const admit = (caller: Caller): void => {
        request.caller = caller
        onCaller(request, reply)
        done(forged(request, caller) ?? accessRefusal(caller, access))
      }
      const refuse = (error: unknown): void => {
        failure(request, error).then((answer) => done(answer as Error), done)
      }
      const found = callerOf(request)
      if (found instanceof Promise) found.then(admit, refuse)
      else if (found instanceof CoatcheckError) refuse(found)
      else admit(found)
    })

    app.decorate('callerOf', async (request) => {
      const found = await callerOf(request)
      if (found instanceof CoatcheckError) throw found
      return found
    })
  },
  { name: 'authentication', dependencies: ['problems'] },
)
