/**
 * A precondition that a call does not honour is refused, not passed over: RFC 9110 §13.1.1 forbids to do what its sender has
 * made depend on it. Looks are no matter: what they pass over costs nothing but an answer.
 */
import fp from 'fastify-plugin'
import { CoatcheckError } from '../../errors.ts'
import { changesSomething } from '../origins.ts'
import { factsOf } from '../route-facts.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route takes If-Match and If-None-Match; found by its schema. */
    takesPreconditions?: boolean
  }
}

const NAMES = ['if-match', 'if-none-match'] as const

export const knownPreconditions = fp(
  async (app) => {
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, takesPreconditions: factsOf(route).headers.has('if-match') }
    })

    app.addHook('onRequest', (request, _reply, done) => {
      const name = NAMES.find((one) => request.headers[one] !== undefined)
      if (name === undefined || request.is404 || !changesSomething(request)) return done()
      if (request.routeOptions.config?.takesPreconditions) return done()
      const detail = 'is not taken by this call, so nothing was done: leave it out'
      done(new CoatcheckError('invalid_request', undefined, { errors: [{ pointer: `#/headers/${name}`, detail }] }))
    })
  },
  { name: 'known-preconditions', dependencies: ['authentication'] },
)
