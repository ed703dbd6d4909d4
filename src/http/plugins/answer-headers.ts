/**
 * What every answer says about itself: to browsers, that it is data and never a page; under /v1, that nobody but the caller
 * may keep it, and what it depends on. Set in one plain hook, for it is on the way of each call.
 */
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { pathOf } from './known-routes.ts'

/** Calls whose answers hold what only this caller may ever see. */
const SECRET_ANSWERS = new Set([
  '/v1/sessions/:id/settings/:key/take',
  '/v1/sessions/:id/take',
  '/v1/sessions/:id/tokens',
  '/v1/sessions/:id/handoffs',
  '/v1/handoffs/redeem',
  '/v1/cookie',
  '/v1/backup',
])

/** What helmet would set that means something for JSON. Whether a domain is TLS only is for whoever runs it to say. */
const DATA_ONLY = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

const VARY = 'Authorization, Cookie, Origin'

/** The version of the API, which each of its answers tells: so a client knows it from the page of a proxy. */
export const API_VERSION = '1'

export const isOfApi = (path: string): boolean => path.startsWith('/v1/')

/** For the answers, too, that are given before a route is found. `path` is the route's, or the URL's where none is. */
export const setAnswerHeaders = (reply: FastifyReply, path: string): void => {
  reply.headers(DATA_ONLY)
  reply.header('x-request-id', reply.request.id)
  if (!isOfApi(path)) return
  reply.header('coatcheck-version', API_VERSION)
  reply.header('cache-control', SECRET_ANSWERS.has(path) ? 'no-store' : 'private, no-cache')
  reply.header('vary', VARY)
}

export const answerHeaders = fp(
  async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      // By the route, not by the URL, which may be spelled in other ways.
      setAnswerHeaders(reply, pathOf(request))
      done()
    })
  },
  { name: 'answer-headers' },
)
