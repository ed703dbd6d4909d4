/** What several routes read from a request in the same way. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiKeyCaller, Caller } from '../domain/credentials/caller.ts'
import { fingerprint, type Repeatable } from '../domain/idempotency.ts'
import type { Condition } from '../domain/settings/preconditions.ts'
import { CoatcheckError } from '../errors.ts'
import { conditionOf } from './etags.ts'

/**
 * The session that a path names: a UUID, in lower case, or `current`, the one of the caller's token or cookie. To a token
 * any other session is not there, whether or not it exists.
 */
export const sessionId = ({ caller, params }: { caller: Caller; params: { id: string } }): string => {
  const id = params.id.toLowerCase()
  if (caller.kind === 'session') {
    if (id !== 'current' && id !== caller.sessionId) throw new CoatcheckError('session_not_found')
    return caller.sessionId
  }
  if (id === 'current') {
    throw new CoatcheckError('invalid_request', 'An API key is of no session: put a UUID in the path.', {
      errors: [{ pointer: '#/path/id', detail: 'may be current only with a session token or a cookie' }],
    })
  }
  return id
}

/** The service that calls; routes for API keys only are refused to everybody else before they are reached. */
export const serviceOf = ({ caller }: { caller: Caller }): ApiKeyCaller => {
  if (caller.kind !== 'api-key') throw new CoatcheckError('insufficient_scope')
  return caller
}

export const countsAsUse = (request: { query: { touch?: string } }): boolean => request.query.touch !== 'false'

/** The body's text, as it was sent. */
export const bodyText = (request: FastifyRequest): string => {
  if (request.jsonText === undefined) throw new CoatcheckError('malformed_json', 'The call needs a body: send JSON.')
  return request.jsonText
}

/** The `Idempotency-Key` and what it stands for. */
export const repeatableOf = (request: FastifyRequest): Repeatable | undefined => {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  const { params, headers, routeOptions } = request
  return {
    idempotencyKey: String(key),
    fingerprint: fingerprint(
      request.method,
      routeOptions.url ?? '',
      // An id in upper case names the same session.
      ...Object.entries(params as Record<string, string>).map(([name, value]) =>
        name === 'id' ? value.toLowerCase() : value,
      ),
      headers['if-match'] ?? '',
      headers['if-none-match'] ?? '',
      headers['content-type'] ?? '',
      request.jsonText ?? '',
    ),
  }
}

const RETURN_REPRESENTATION = /(?:^|,)\s*return\s*=\s*"?representation"?\s*(?:[;,]|$)/i

/** Whether the caller would like to see what it wrote, RFC 7240. */
export const wantsRepresentation = (request: FastifyRequest): boolean =>
  RETURN_REPRESENTATION.test(String(request.headers.prefer ?? ''))

export const preferenceApplied = (reply: FastifyReply): FastifyReply =>
  reply.header('preference-applied', 'return=representation')

export type WriteRequest = {
  readonly condition: Condition
  readonly repeatable: Repeatable | undefined
  readonly readBack: boolean
  readonly use: boolean
  /** What the writer says of itself. */
  readonly origin: string | undefined
}

/** Everything that says how a write is meant. */
export const writeOptions = (request: FastifyRequest): WriteRequest => ({
  condition: conditionOf(request),
  repeatable: repeatableOf(request),
  readBack: wantsRepresentation(request),
  use: countsAsUse(request as unknown as { query: { touch?: string } }),
  origin: request.headers['coatcheck-origin'] as string | undefined,
})
