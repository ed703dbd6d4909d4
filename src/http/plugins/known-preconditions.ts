/**
 * A precondition that a call does not honour is refused, not passed over: RFC 9110 §13.1.1 forbids to do what its sender has
 * made depend on it. Looks are no matter: what they pass over costs nothing but an answer.
 */
import type { onRequestHookHandler } from 'fastify'
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
    const refuse: onRequestHookHandler = (request, _reply, done) => {
      const name = NAMES.find((one) => request.headers[one] !== undefined)
      if (name === undefined) return done()
      const detail = 'is not taken by this call, so nothing was done: leave it out'
      done(new CoatcheckError('invalid_request', undefined, { errors: [{ pointer: `#/headers/${name}`, detail }] }))
    }

    app.addHook('onRoute', (route) => {
      const takesPreconditions = factsOf(route).headers.has('if-match')
      route.config = { ...route.config, takesPreconditions }
      const changes = [route.method].flat().some((method) => changesSomething({ method }))
      // Only the calls that it concerns pass by it.
      if (changes && !takesPreconditions) route.onRequest = [route.onRequest ?? [], refuse].flat()
    })
  },
  { name: 'known-preconditions', dependencies: ['authentication'] },
)
