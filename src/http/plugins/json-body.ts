/**
 * Bodies: JSON in UTF-8 and nothing else. A body is judged as text, duplicate and refused names at every depth included,
 * and kept as text beside its parsed value: what is stored is the text.
 *
 * Form and text bodies are refused on purpose: a page of another origin can send those without being asked.
 */
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { readJson } from '../../domain/json/read-json.ts'
import { CoatcheckError, type ErrorCode } from '../../errors.ts'
import { changesSomething } from '../origins.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's text, if there is one. */
    jsonText: string | undefined
  }
  interface FastifyContextConfig {
    /** The content types that a call takes; `application/json` if not said. */
    mediaTypes?: readonly string[]
    /** Whether the body is settings, or the value of one: everything in it is judged and kept as text. */
    isBodyOfSettings?: boolean
    /** Whether an empty body stands for `{}`. */
    emptyBodyIsObject?: boolean
  }
}

export const JSON_TYPE = 'application/json'
export const MERGE_PATCH_TYPE = 'application/merge-patch+json'
export const JSON_PATCH_TYPE = 'application/json-patch+json'

const TYPES = [JSON_TYPE, MERGE_PATCH_TYPE, JSON_PATCH_TYPE]

/** The errors of any body, and of one that is JSON. */
const BODY_REFUSALS = ['unsupported_media_type', 'body_too_large'] as const satisfies readonly ErrorCode[]
const JSON_REFUSALS = ['malformed_json', 'name_refused', 'too_deep'] as const satisfies readonly ErrorCode[]

const CHARSET = /;\s*charset\s*=\s*"?([^;"\s]*)"?/i

/** RFC 9112 §6: a request has a body if one of two headers says so. */
const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/** A value of the same kind, for a schema that asks no more. */
const kindOf = (text: string): unknown => {
  if (text.startsWith('{')) return {}
  return text.startsWith('[') ? [] : JSON.parse(text)
}

const essence = (request: FastifyRequest): string =>
  (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

export const unsupportedMediaType = (request: FastifyRequest): CoatcheckError => {
  const types = request.routeOptions.config?.mediaTypes ?? [JSON_TYPE]
  return new CoatcheckError(
    'unsupported_media_type',
    `Send ${types.join(' or ')} in UTF-8 and say so in Content-Type.${types.includes(JSON_TYPE) ? ' With curl: -H Content-Type:application/json.' : ''}`,
  )
}

export const isMediaType = (request: FastifyRequest, type: string): boolean => essence(request) === type

export const jsonBody = fp(
  async (app) => {
    app.decorateRequest('jsonText', undefined)
    app.removeAllContentTypeParsers()

    app.mayRefuse(({ changesSomething, mediaTypes }) => {
      if (!changesSomething) return []
      return mediaTypes.some((type) => TYPES.includes(type)) ? [...BODY_REFUSALS, ...JSON_REFUSALS] : BODY_REFUSALS
    })

    app.addHook('preParsing', (request, reply, _payload, done) => {
      const { headers } = request
      if (!hasBody(request)) {
        // There is nothing that these would be about. Some clients send them all the same.
        delete headers['content-type']
        delete headers['content-encoding']
        return done()
      }
      const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
      if (encoding === 'identity' || request.is404 || !changesSomething(request)) return done()
      reply.header('accept-encoding', 'identity')
      done(new CoatcheckError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.'))
    })

    app.addContentTypeParser(TYPES, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
      const {
        mediaTypes = [JSON_TYPE],
        emptyBodyIsObject = false,
        isBodyOfSettings = false,
      } = request.routeOptions.config ?? {}
      const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
      if (!mediaTypes.includes(essence(request)) || (charset !== 'utf-8' && charset !== 'utf8')) {
        throw unsupportedMediaType(request)
      }
      if (body.length === 0 && emptyBodyIsObject) return {}
      if (body.length === 0 && request.routeOptions.schema?.body === undefined) return undefined
      const text = readJson(body)
      request.jsonText = text
      return isBodyOfSettings && essence(request) !== JSON_PATCH_TYPE ? kindOf(text) : JSON.parse(text)
    })

    // What is of another type, or of none, is refused; but it may be nothing. Some proxies send no body in pieces.
    app.addContentTypeParser('*', (request: FastifyRequest, payload, done) => {
      const refuse = (): void => done(unsupportedMediaType(request))
      if (request.headers['transfer-encoding'] === undefined) return refuse()
      const settle = (finish: () => void) => (): void => {
        payload.off('data', onData).off('end', onEnd).off('error', onError)
        finish()
      }
      const onData = settle(refuse)
      const onEnd = settle(() => done(null, undefined))
      const onError = settle(refuse)
      payload.on('data', onData).on('end', onEnd).on('error', onError)
    })

    app.addHook('preValidation', (request, _reply, done) => {
      if (request.body === undefined && request.routeOptions.config?.emptyBodyIsObject) request.body = {}
      done()
    })
  },
  { name: 'json-body', dependencies: ['route-answers'] },
)
