/** What has no route: 405 with `Allow` where the path is known by other methods, else 404. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CoatcheckError } from '../../errors.ts'
import { sendProblem } from './problems.ts'

const toPattern = (url: string): RegExp =>
  new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`)

export const unknownRoutes = fp(
  async (app: FastifyInstance) => {
    const known = new Map<string, { pattern: RegExp; methods: Set<string> }>()
    app.addHook('onRoute', ({ url, method }) => {
      const route = known.get(url) ?? { pattern: toPattern(url), methods: new Set<string>() }
      for (const one of [method].flat()) route.methods.add(one)
      known.set(url, route)
    })

    const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      const path = request.url.split('?', 1)[0] ?? ''
      const allowed = new Set<string>()
      for (const { pattern, methods } of known.values()) {
        if (pattern.test(path)) for (const method of methods) allowed.add(method)
      }
      if (allowed.size === 0 || allowed.has(request.method)) {
        return sendProblem(new CoatcheckError('not_found'), request, reply)
      }
      const allow = [...allowed].sort().join(', ')
      reply.header('allow', allow)
      return sendProblem(new CoatcheckError('method_not_allowed', `This path takes ${allow}.`), request, reply)
    }

    // Before anything of the request is read: what has no route has no rules for a body either.
    app.addHook('onRequest', (request, reply, done) => {
      if (request.is404) answer(request, reply)
      else done()
    })
    app.setNotFoundHandler(answer)
  },
  { name: 'unknown-routes', dependencies: ['problems'] },
)
