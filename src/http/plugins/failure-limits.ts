/**
 * How often somebody may fail in a minute: with a wrong credential, with a code that cannot be redeemed. Counted by address,
 * in all workers of a process. Only failures are held back; who comes with what is right is never made to wait for others.
 */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import ipaddr from 'ipaddr.js'
import { CoatcheckError } from '../../errors.ts'
import type { CountFailure } from '../failure-counts.ts'

/** What to answer somebody who has failed with this error: the error, or rate_limited if it was once too often. */
export type LimitFailure = (request: FastifyRequest, error: CoatcheckError) => Promise<CoatcheckError>

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts failures of one kind, whose limit `detail` tells. */
    limitFailures(kind: string, detail: string): LimitFailure
  }
}

/** Some proxies say the port, too, which is another one for each connection. */
const withoutPort = (address: string): string =>
  /^(?:\[(.*)\]|([^:]*))(?::\d+)?$/.exec(address)?.slice(1).join('') ?? address

/**
 * Whom a failure counts for: an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber gets. What a proxy
 * passed on may be no address at all; then it is whoever is connected.
 */
export const networkOf = (address: string, peer: string): string => {
  const bare = withoutPort(address)
  const known = ipaddr.process(isIP(bare) > 0 ? bare : peer)
  return known instanceof ipaddr.IPv6 ? known.parts.slice(0, 4).join(':') : known.toString()
}

export type FailureLimitsOptions = { readonly failuresPerMinute: number | null; readonly countFailure: CountFailure }

export const failureLimits = fp<FailureLimitsOptions>(
  async (app, { failuresPerMinute, countFailure }) => {
    app.decorate('limitFailures', (kind: string, detail: string): LimitFailure => {
      if (failuresPerMinute === null) return async (_request, error) => error
      return async ({ ip, socket }, error) => {
        const { count, msLeft } = await countFailure(`${kind} ${networkOf(ip, socket.remoteAddress ?? '::')}`)
        if (count <= failuresPerMinute) return error
        return new CoatcheckError('rate_limited', detail, { retryAfterSeconds: Math.ceil(msLeft / 1000) })
      }
    })
  },
  { name: 'failure-limits' },
)
