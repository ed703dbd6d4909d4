/**
 * What a route can answer. Nobody lists it: a plugin says beside its hook which errors the hook answers and for which
 * routes, what a call sends brings its own errors (`request-refusals.ts`), and a route names only what is peculiar to it.
 * Of these each route's answers are put together here, for its description and for nothing else.
 */
import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { ErrorCode } from '../../errors.ts'
import { requestRefusals } from '../request-refusals.ts'
import { factsOf, type RouteFacts } from '../route-facts.ts'
import { problemAnswers, successAnswers } from '../schemas/answers.ts'

type Refusals = (route: RouteFacts) => readonly ErrorCode[]

declare module 'fastify' {
  interface FastifyInstance {
    /** Says which errors a hook, or whatever else lies on the way of calls, answers for a route. */
    mayRefuse(refusals: Refusals): void
  }
  interface FastifyContextConfig {
    /** The errors that are peculiar to a route: that do not follow from whom it is for and what it takes. */
    refusals?: readonly ErrorCode[]
    /** Whether a call writes settings, and so keeps to all their limits. */
    writesSettings?: boolean
  }
  interface FastifySchema {
    /** For the document: the body may be left out. */
    'x-body-optional'?: true
  }
}

export const routeAnswers = fp(
  async (app) => {
    const all: Refusals[] = [requestRefusals]
    app.decorate('mayRefuse', (refusals) => {
      all.push(refusals)
    })

    app.addHook('onRoute', (route: RouteOptions) => {
      if (route.schema === undefined || route.schema.hide) return
      const facts = factsOf(route)
      const codes = new Set([...all.flatMap((refusals) => refusals(facts)), ...(route.config?.refusals ?? [])])
      route.schema = {
        ...route.schema,
        ...(facts.isBodyOptional ? { 'x-body-optional': true } : {}),
        response: {
          ...successAnswers(route.schema.response as Record<number, object>, facts),
          ...problemAnswers([...codes], facts),
        },
      }
    })
  },
  { name: 'route-answers' },
)
