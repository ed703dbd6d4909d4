/** Lets every plugin and route say what happens, and counts what calls are answered with. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller } from '../../domain/credentials/caller.ts'
import { ExpiredCredential } from '../../domain/credentials/expired-credential.ts'
import { CoatcheckError, type ErrorCode } from '../../errors.ts'
import type { CredentialSent, Observe, WhyNot } from '../../observe.ts'
import { credentialSent } from '../credentials.ts'
import { SeveralCookies } from '../several-cookies.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly observe: Observe
  }
  interface FastifyContextConfig {
    /** Asked again and again by machines; in the log only where everything is. */
    isProbe?: boolean
    /** Tells what this process knows already: it stands in no line, and is answered while calls are refused. */
    asksNothing?: boolean
  }
}

/** The route of a request without its parameters, or `unknown`: what is counted and logged has no path that a caller made up. */
export const routeOf = ({ is404, routeOptions }: FastifyRequest): string =>
  is404 ? 'unknown' : (routeOptions.url ?? 'unknown')

const FAILURES: Partial<Record<ErrorCode, WhyNot>> = {
  credential_required: 'missing',
  invalid_credential: 'wrong',
  session_over: 'over',
  rate_limited: 'limited',
}

const whatWasSent = (request: FastifyRequest): CredentialSent => {
  const sent = credentialSent(request.raw.rawHeaders)
  if (sent instanceof CoatcheckError) return sent.code === 'credential_required' ? 'none' : 'other'
  if (sent.kind !== 'bearer') return 'cookie'
  return sent.bearer.startsWith('ck_') ? 'api-key' : 'token'
}

/** Counts a refusal; and, where it says that nobody with a good credential has called, that as well. */
export const countRefusal = (request: FastifyRequest, error: CoatcheckError): void => {
  const { observe } = request.server
  observe.refused(error.code)
  const why = FAILURES[error.code]
  const caller = request.caller as Caller | null
  // A caller who is known is limited for what is no authentication.
  if (why === undefined || (why === 'limited' && caller !== null)) return
  const sent = caller === null ? whatWasSent(request) : caller.kind === 'api-key' ? 'api-key' : caller.via
  if (error instanceof ExpiredCredential) observe.authenticationFailed(sent, 'expired')
  else if (error instanceof SeveralCookies) observe.authenticationFailed(sent, 'several')
  else observe.authenticationFailed(sent, why === 'wrong' && caller !== null ? 'revoked' : why)
}

/** An answer has gone out, or a stream has begun. */
export const countAnswer = (request: FastifyRequest, reply: FastifyReply): void =>
  request.server.observe.answered(request.method, routeOf(request), reply.statusCode, reply.elapsedTime)

export const observation = fp<{ readonly observe: Observe }>(
  async (app, { observe }) => {
    app.decorate('observe', observe)
  },
  { name: 'observation' },
)
