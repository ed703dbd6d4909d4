/**
 * Who is calling, and whether the route is for them. A bearer is an API key (`ck_…`) or a session token (a JWT); without
 * one a browser's cookie is looked at. Keys are configured as SHA-256 hashes; what a caller sends is hashed and compared
 * with every one of them, in the same time wherever it differs, and then remembered if it is good. A route that does not say whom it is for is for API keys.
 *
 * Only wrong credentials count as failures: not one that has run out, and not none at all.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { ApiKey } from '../../domain/credentials/api-key.ts'
import { type ApiKeyCaller, apiKeyCaller, type Caller } from '../../domain/credentials/caller.ts'
import type { Cookies } from '../../domain/credentials/cookies.ts'
import { ExpiredCredential } from '../../domain/credentials/expired-credential.ts'
import type { Tokens } from '../../domain/credentials/session-token.ts'
import type { PolicyOf } from '../../domain/policy.ts'
import { CoatcheckError, type ErrorCode } from '../../errors.ts'
import { type Access, accessRefusal, securityOf } from '../access.ts'
import { credentialSent } from '../credentials.ts'
import { changesSomething, originRefusal } from '../origins.ts'
import { forgetCookies } from '../set-cookie.ts'
import { SeveralCookies } from '../several-cookies.ts'

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
/** The name in an API key as `coatcheck key new` makes them. */
const NAME_IN_KEY = /^ck_([a-z0-9-]{1,32})_[\w-]{16,}$/

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
  /** Told as soon as it is known who calls. */
  readonly onCaller: (request: FastifyRequest, reply: FastifyReply) => void
}

export const authentication = fp<AuthenticationOptions>(
  async (app, { apiKeys, tokens, cookies, policyOf, onCaller }) => {
    app.decorateRequest('caller', null as never)

    const services = apiKeys.map((apiKey) => ({ hash: apiKey.hash, caller: apiKeyCaller(apiKey) }))

    /** Keys that were found good, so no more than are configured: to hash one costs as much as the rest of this file. */
    const good = new Map<string, Caller>()

    const service = (key: string): Caller | undefined => {
      const known = good.get(key)
      if (known) return known
      const sent = hash('sha256', key, 'buffer')
      let found: ApiKeyCaller | undefined
      for (const one of services) if (timingSafeEqual(one.hash, sent)) found = one.caller
      if (found === undefined) return undefined
      const named = { ...found, name: found.name ?? NAME_IN_KEY.exec(key)?.[1] }
      good.set(key, named)
      return named
    }

    const limitFailure = app.limitFailures('credential', 'Too many wrong credentials from this address.')

    /** The error to answer a failed authentication with. What was never a guess is not counted as one. */
    const failure = async (request: FastifyRequest, error: unknown): Promise<unknown> => {
      const isWrong = error instanceof CoatcheckError && error.code === 'invalid_credential'
      const isGuess = isWrong && !(error instanceof ExpiredCredential) && !(error instanceof SeveralCookies)
      return isGuess ? limitFailure(request, error) : error
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
      if (sent.kind === 'cookies') return new SeveralCookies(sent.cookies)
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
        if (error instanceof SeveralCookies) reply.header('set-cookie', forgetCookies(error.cookies))
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
  { name: 'authentication', dependencies: ['problems', 'failure-limits'] },
)
