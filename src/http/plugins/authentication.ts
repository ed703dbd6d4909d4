/**
 * Who is calling: an API key as `Authorization: Bearer ck_<name>_<random>`. Keys are configured as SHA-256 hashes; what a
 * caller sends is hashed and compared with every one of them, in the same time wherever it differs. Failures are counted
 * by address; who sends a good key is never held back by somebody else's bad ones.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller } from '../../domain/caller.ts'
import { CoatcheckError } from '../../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
  interface FastifyContextConfig {
    /** What a call asks for: an API key if not said. */
    credential?: 'api-key' | 'none'
  }
}

export type ApiKey = { readonly namespace: string; readonly hash: Buffer }

const BEARER = /^Bearer +([\x21-\x7e]{1,512}) *$/i

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
  /** Failed authentications a minute and address, or null for no limit. */
  readonly failuresPerMinute: number | null
}

export const authentication = fp<AuthenticationOptions>(
  async (app, { apiKeys, failuresPerMinute }) => {
    app.decorateRequest('caller', null as unknown as Caller)

    const callers = apiKeys.map(({ namespace, hash }) => ({
      hash,
      caller: { kind: 'key', namespace, credentialId: hash.toString('hex') } satisfies Caller,
    }))

    const identify = (header: string): Caller | undefined => {
      const secret = BEARER.exec(header)?.[1]
      if (secret === undefined) return undefined
      const hash = createHash('sha256').update(secret).digest()
      let found: Caller | undefined
      for (const one of callers) if (timingSafeEqual(one.hash, hash)) found = one.caller
      return found
    }

    await app.register(rateLimit, { global: false })
    const countFailure =
      failuresPerMinute === null ? undefined : app.createRateLimit({ max: failuresPerMinute, timeWindow: 60_000 })

    const fail = async (request: FastifyRequest, error: CoatcheckError): Promise<never> => {
      const count = await countFailure?.(request)
      if (count && !count.isAllowed && count.isExceeded) {
        throw new CoatcheckError('rate_limited', 'Too many failed authentications from this address.', {
          retryAfterSeconds: count.ttlInSeconds,
        })
      }
      throw error
    }

    app.addHook('onRequest', (request, _reply, done) => {
      // A route that does not exist has no schema either: it answers 404 or 405 to everybody.
      if (request.is404 || request.routeOptions.config?.credential === 'none') return done()
      const headers = authorizations(request.raw.rawHeaders)
      const caller = headers.length === 1 ? identify(headers[0] as string) : undefined
      if (caller === undefined) {
        const code = headers.length === 0 ? 'credential_required' : 'invalid_credential'
        fail(request, new CoatcheckError(code)).catch(done)
        return
      }
      request.caller = caller
      done()
    })
  },
  { name: 'authentication', dependencies: ['problems'] },
)
