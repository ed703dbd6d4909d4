/** A browser's cookie: given for a session token, and cleared. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { SessionCaller } from '../../domain/credentials/caller.ts'
import { cookieName, namespaceOfCookie } from '../../domain/credentials/cookies.ts'
import type { PolicyOf } from '../../domain/policy.ts'
import type { Grants } from '../../domain/sessions/token-grants.ts'
import { CoatcheckError } from '../../errors.ts'
import { ourCookies } from '../credentials.ts'
import { originRefusal } from '../origins.ts'
import * as schemas from '../schemas.ts'
import { forgetCookies, keepCookie } from '../set-cookie.ts'

const TAGS = ['Cookies']

const SET_COOKIE = {
  'Set-Cookie': {
    type: 'string',
    required: true,
    description: `\`${cookieName('namespace')}\`, with the name of the namespace.`,
  },
}

export type CookieRoutesOptions = { readonly grants: Grants; readonly policyOf: PolicyOf }

export const cookieRoutes: FastifyPluginAsyncTypebox<CookieRoutesOptions> = async (app, { grants, policyOf }) => {
  /** The session's caller, if a browser may have a cookie and the page is of an allowed origin. */
  const browserOf = (request: FastifyRequest): SessionCaller => {
    const { caller } = request
    if (caller.kind !== 'session') throw new CoatcheckError('insufficient_scope')
    const { browser } = policyOf(caller.namespace)
    if (!browser) {
      throw new CoatcheckError(
        'origin_not_allowed',
        'The namespace has no browser rule: no browser gets a cookie of it.',
      )
    }
    const refusal = originRefusal(request, browser.origins)
    if (refusal) throw refusal
    return caller
  }

  app.post(
    '/v1/cookie',
    {
      config: { access: { scopes: ['cookie'], via: ['token'] }, refusals: ['session_gone', 'limit_exceeded'] },
      schema: {
        tags: TAGS,
        operationId: 'exchangeToken',
        summary: 'Exchange a session token for a cookie',
        description:
          'For a page that is to call without a script holding a secret. The cookie may do what the token may, within the browser rule of the namespace, for as long as the session can live. The page must be of one of the origins of the browser rule, or of the service’s own (`Sec-Fetch-Site: same-origin`).',
        response: {
          204: schemas.noBody('The browser has a cookie.', SET_COOKIE),
        },
      },
    },
    async (request, reply) => {
      const { maxAgeSeconds, ...cookie } = await grants.exchangeForCookie(browserOf(request))
      return reply.header('set-cookie', keepCookie(cookie, maxAgeSeconds)).code(204).send()
    },
  )

  app.delete(
    '/v1/cookie',
    {
      // Also for a browser whose cookie is refused: otherwise it would have it for good.
      config: { access: 'anybody', refusals: ['origin_not_allowed'] },
      schema: {
        tags: TAGS,
        operationId: 'clearCookie',
        summary: 'Clear the cookies of this browser',
        description:
          'In the browser only: it ends no session and makes nothing void. End the session, or make its tokens void, for that. Clears each cookie of ours that was sent, good or bad, if the page may use cookies of its namespace.',
        response: {
          204: schemas.noBody('The browser has none any more.', {
            'Set-Cookie': { type: 'string', description: 'For each cookie that was sent.' },
          }),
        },
      },
    },
    async (request, reply) => {
      const sent = ourCookies(request.raw.rawHeaders)
      const refusals = sent.map(({ name }) =>
        originRefusal(request, policyOf(namespaceOfCookie(name)).browser?.origins ?? []),
      )
      const cleared = sent.filter((_cookie, i) => refusals[i] === undefined)
      const [refusal] = refusals
      if (refusal && cleared.length === 0) throw refusal
      if (cleared.length > 0) reply.header('set-cookie', forgetCookies(cleared))
      return reply.code(204).send()
    },
  )
}
