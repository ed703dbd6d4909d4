/** What has no route: 405 with `Allow` where the path is known by other methods, else 404. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CoatcheckError } from '../../errors.ts'
import { API_VERSION } from './answer-headers.ts'
import { hasNoRoute } from './known-routes.ts'
import { sendProblem } from './problems.ts'

export const unknownRoutes = fp(
  async (app: FastifyInstance) => {
    const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      // Also where the path is not under /v1: whoever has the wrong prefix in a URL learns that it is that.
      reply.header('coatcheck-version', API_VERSION)
      const allowed = app.methodsOf(request.url.split('?', 1)[0] ?? '')
      if (allowed.size === 0 || allowed.has(request.method)) {
        return sendProblem(new CoatcheckError('not_found'), request, reply)
      }
      const allow = [...allowed].sort().join(', ')
      reply.header('allow', allow)
      return sendProblem(new CoatcheckError('method_not_allowed', `This path takes ${allow}.`), request, reply)
    }

    // Before anything of the request is read: what has no route has no rules for a body either.
    app.addHook('onRequest', (request, reply, done) => {
      if (hasNoRoute(request)) answer(request, reply)
      else done()
    })
    app.setNotFoundHandler(answer)
  },
  { name: 'unknown-routes', dependencies: ['problems', 'known-routes'] },
)
