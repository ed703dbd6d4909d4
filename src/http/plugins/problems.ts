/**
 * The one place where errors become answers: RFC 9457 problem details with a `code` from the closed list. Whatever is not
 * known becomes a 500 that says nothing of its cause, which goes to the log.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { pointerTo, tokensOf } from '../../domain/json/pointer-fault.ts'
import { CoatcheckError, ERRORS, type ErrorCode, type Fault } from '../../errors.ts'
import { NotReplicated, StoreFull, StoreMoving, StoreUnavailable } from '../../store/port.ts'
import { quoted } from '../etags.ts'
import { CODE_PATTERN, ID_PATTERN, IDEMPOTENCY_KEY_PATTERN, ORIGIN_PATTERN, PATH_ID_PATTERN } from '../patterns.ts'
import { unsupportedMediaType } from './json-body.ts'
import { countRefusal } from './observation.ts'

export const PROBLEM_TYPE = 'application/problem+json'

const RETRY_AFTER_SECONDS = 1
/** A move takes from seconds to minutes. */
const MOVING_RETRY_AFTER_SECONDS = 5

/** What Fastify's own errors mean, where it is not that the request is at fault. */
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
}

/** Where pointers into what is no body begin. */
const CONTEXTS: Record<string, readonly string[]> = { params: ['path'], querystring: ['query'], headers: ['headers'] }

/** What patterns ask for, in words. */
const PATTERNS: Record<string, string> = {
  [ID_PATTERN]: 'must be a UUID, hyphenated and without braces',
  [PATH_ID_PATTERN]: 'must be a UUID, hyphenated and without braces, or `current`',
  [ORIGIN_PATTERN]: 'must be 1 to 64 visible ASCII characters',
  [CODE_PATTERN]: 'must be a code as `POST …/handoffs` gives it',
  [IDEMPOTENCY_KEY_PATTERN]: 'must be 1 to 255 visible ASCII characters',
}

type Params = { additionalProperty?: string; allowedValues?: readonly string[]; pattern?: string }

const demand = (params: Params, message: string | undefined): string => {
  if (params.additionalProperty !== undefined) return 'is not known here'
  if (params.pattern !== undefined) return PATTERNS[params.pattern] ?? `must match ${params.pattern}`
  if (params.allowedValues !== undefined) return `must be one of ${params.allowedValues.join(', ')}`
  return message ?? 'is not valid'
}

/** What a schema found, without the values it looked at. */
const faultsOf = (error: FastifyError): Fault[] =>
  (error.validation ?? []).map(({ instancePath, message, params }) => {
    const { additionalProperty } = params as Params
    const member = additionalProperty === undefined ? [] : [additionalProperty]
    return {
      pointer: pointerTo([
        ...(CONTEXTS[error.validationContext ?? 'body'] ?? []),
        ...tokensOf(instancePath),
        ...member,
      ]),
      detail: demand(params as Params, message),
    }
  })

const invalidRequest = (error: FastifyError): CoatcheckError => {
  const errors = faultsOf(error)
  const detail = errors.map((fault) => `${fault.pointer.replace(/^#\/?/, '') || 'the body'} ${fault.detail}`).join('; ')
  return new CoatcheckError('invalid_request', `The request does not fit: ${detail}.`, { errors })
}

/** The error that a caller is to see, or undefined if it is none of a caller's business. */
const known = (error: FastifyError, request: FastifyRequest): CoatcheckError | undefined => {
  if (error instanceof CoatcheckError) return error
  if (error instanceof NotReplicated) return new CoatcheckError('not_replicated')
  if (error instanceof StoreMoving)
    return new CoatcheckError('moving', undefined, { retryAfterSeconds: MOVING_RETRY_AFTER_SECONDS })
  if (error instanceof StoreUnavailable) return new CoatcheckError('store_unavailable')
  if (error instanceof StoreFull) return new CoatcheckError('store_full')
  if (error.validation) return invalidRequest(error)
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedMediaType(request)
  const isCallers = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
  const code = FASTIFY_CODES[error.code] ?? (isCallers ? 'invalid_request' : undefined)
  if (code === undefined) return undefined
  return new CoatcheckError(
    code,
    undefined,
    code === 'body_too_large' ? { limit: request.routeOptions.bodyLimit ?? 0 } : {},
  )
}

/** The members of a problem, as RFC 9457 and this service name them. */
export const problemOf = (error: CoatcheckError) => {
  const { status, title } = ERRORS[error.code]
  const { etag: _etag, retryAfterSeconds: _seconds, ...extras } = error.extras
  return {
    type: `urn:coatcheck:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    ...extras,
  }
}

/** A problem as the text of an answer. */
export const problemText = (error: CoatcheckError): string => JSON.stringify(problemOf(error))

/** The headers that problems of this status come with, as the document has them; `setHeaders` sets them. */
export const problemHeaders = (status: number, codes: readonly ErrorCode[], method: string): object => {
  switch (status) {
    case 401:
    case 403: {
      const required = !codes.includes('origin_not_allowed')
      const description = 'What credential is needed, RFC 6750 §3.'
      const forgets = { type: 'string', description: 'Clears the cookies, where the browser sent several of ours.' }
      return {
        'WWW-Authenticate': { type: 'string', description, ...(required ? { required } : {}) },
        ...(status === 401 ? { 'Set-Cookie': forgets } : {}),
      }
    }
    case 412:
      return {
        ETag: { type: 'string', description: 'The present ETag, in double quotes; none where nothing is there.' },
      }
    case 415: {
      const encoding = { type: 'string', description: '`identity`, where the body came with a Content-Encoding.' }
      const patch = { type: 'string', required: true, description: 'The content types that are taken.' }
      return { 'Accept-Encoding': encoding, ...(method === 'PATCH' ? { 'Accept-Patch': patch } : {}) }
    }
    case 429:
    case 503:
      return { 'Retry-After': { type: 'integer', required: true, description: 'In how many seconds to try again.' } }
    default:
      return {}
  }
}

const setHeaders = (error: CoatcheckError, request: FastifyRequest, reply: FastifyReply): void => {
  const { status } = ERRORS[error.code]
  if (status === 401) {
    const parameter = error.code === 'credential_required' ? '' : ', error="invalid_token"'
    reply.header('www-authenticate', `Bearer realm="coatcheck"${parameter}`)
  }
  if (status === 403 && error.code !== 'origin_not_allowed')
    reply.header('www-authenticate', 'Bearer realm="coatcheck", error="insufficient_scope"')
  if (status === 429 || status === 503) {
    reply.header('retry-after', error.extras.retryAfterSeconds ?? RETRY_AFTER_SECONDS)
  }
  if (error.extras.etag !== undefined) reply.header('etag', quoted(error.extras.etag))
  // Fastify would close the connection while the body is still coming in, and with that the answer would be lost. So the
  // rest is read and thrown away, for as long as a request may take.
  if (error.code === 'body_too_large') reply.removeHeader('connection')
  if (status === 415 && request.method === 'PATCH') {
    reply.header('accept-patch', (request.routeOptions.config?.mediaTypes ?? []).join(', '))
  }
}

export const sendProblem = (error: CoatcheckError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  countRefusal(request, error)
  setHeaders(error, request, reply)
  return reply.code(ERRORS[error.code].status).type(PROBLEM_TYPE).send(problemText(error))
}

export const problems = fp(
  async (app) => {
    app.mayRefuse(() => ['invalid_request', 'internal_error'])
    app.mayRefuse(({ needsCredential, changesSomething }) => {
      if (!needsCredential) return []
      return changesSomething ? ['store_unavailable', 'moving', 'not_replicated'] : ['store_unavailable', 'moving']
    })

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const expected = known(error, request)
      if (expected) return sendProblem(expected, request, reply)
      request.log.error({ err: { type: error.name, message: error.message, stack: error.stack } }, 'a call failed')
      app.observe.refused('internal_error')
      const { status, title, meaning } = ERRORS.internal_error
      return reply
        .code(status)
        .type(PROBLEM_TYPE)
        .send(
          JSON.stringify({
            type: 'urn:coatcheck:problem:internal_error',
            title,
            status,
            code: 'internal_error',
            detail: meaning,
            requestId: request.id,
          }),
        )
    })
  },
  { name: 'problems', dependencies: ['json-body', 'observation', 'route-answers'] },
)
