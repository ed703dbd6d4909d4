/** What several routes read from a request in the same way. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Condition } from '../domain/condition.ts'
import { fingerprint, type Repeatable } from '../domain/repeat.ts'
import { CoatcheckError } from '../errors.ts'
import { conditionOf } from './etags.ts'

/** UUIDs are compared and stored in lower case. */
export const sessionId = (request: { params: { id: string } }): string => request.params.id.toLowerCase()

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
      ...Object.values(params as Record<string, string>),
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
}

/** Everything that says how a write is meant. */
export const writeOptions = (request: FastifyRequest): WriteRequest => ({
  condition: conditionOf(request),
  repeatable: repeatableOf(request),
  readBack: wantsRepresentation(request),
  use: countsAsUse(request as unknown as { query: { touch?: string } }),
})
