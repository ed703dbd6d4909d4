/**
 * CORS: pages of other origins may read answers. A preflight carries no credential, so it is answered for the origins of
 * all namespaces, and so is a call of which it is not known whose it is; the answer to a caller who is known can be read
 * by pages of its own namespace alone. Where no origin is configured there is none of this.
 */
import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { PolicyOf } from '../../domain/policy.ts'
import { isOfApi } from './answer-headers.ts'
import { pathOf } from './known-routes.ts'

const PREFLIGHT_SECONDS = 7200

const EXPOSED = [
  'Coatcheck-Version',
  'ETag',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'Preference-Applied',
  'X-Request-Id',
]

const SHARED: FastifyCorsOptions = {
  credentials: true,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'Prefer',
    'Last-Event-ID',
    'Coatcheck-Origin',
    'X-Request-Id',
    'traceparent',
    'tracestate',
  ],
  exposedHeaders: EXPOSED,
  maxAge: PREFLIGHT_SECONDS,
}

/** Whether pages of this origin, which may be undefined, may read answers under this path. */
const isShared = (origins: readonly string[], origin: string | undefined, path: string): origin is string =>
  origin !== undefined && origins.includes(origin) && isOfApi(path)

/** What an answer has of CORS. */
const ANSWER_HEADERS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
]

/** What lets a page of one of these origins read an answer that is given before any hook is asked; nothing to other pages. */
export const readingHeaders = (
  origins: readonly string[],
  { url = '', headers }: { readonly url?: string; readonly headers: { readonly origin?: string } },
): Record<string, string> =>
  isShared(origins, headers.origin, url)
    ? {
        'access-control-allow-origin': headers.origin as string,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': EXPOSED.join(', '),
      }
    : {}

export type CrossOriginOptions = {
  /** The origins of all namespaces. */
  readonly origins: readonly string[]
}

export const crossOrigin = fp<CrossOriginOptions>(
  async (app, { origins }) => {
    if (origins.length === 0) return

    /** Anything else that is sent with OPTIONS goes the way of every method that a path does not take. */
    const isPreflight = ({ url, headers }: FastifyRequest): boolean =>
      headers['access-control-request-method'] !== undefined && app.methodsOf(url.split('?', 1)[0] ?? '').size > 0

    await app.register(cors, {
      hook: 'onRequest',
      delegator: (request, done) => {
        const { origin } = request.headers
        const shares =
          isShared(origins, origin, pathOf(request)) && (request.method !== 'OPTIONS' || isPreflight(request))
        done(null, shares ? { ...SHARED, origin } : { origin: false })
      },
    })
  },
  { name: 'cross-origin', dependencies: ['answer-headers', 'known-routes'] },
)

/** Takes back what was allowed for all namespaces, unless the page is of the caller's own. */
export const keepToOwnOrigins =
  (policyOf: PolicyOf) =>
  ({ caller, headers }: FastifyRequest, reply: FastifyReply): void => {
    if (!reply.hasHeader('access-control-allow-origin')) return
    const own = policyOf(caller.namespace).browser?.origins ?? []
    if (headers.origin !== undefined && own.includes(headers.origin)) return
    for (const name of ANSWER_HEADERS) reply.removeHeader(name)
  }
