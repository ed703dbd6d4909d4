/** What every answer under /v1 says about itself: nobody but the caller may keep it, and what it depends on. */
import fp from 'fastify-plugin'

/** Calls whose answers hold what only this caller may ever see. */
const SECRET_ANSWERS = new Set(['/v1/sessions/:id/settings/:key/take'])

export const answerHeaders = fp(
  async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      // By the route, not by the URL, which may be spelled in other ways.
      if (!(request.routeOptions.url ?? request.url).startsWith('/v1/')) return
      const secret = SECRET_ANSWERS.has(request.routeOptions.url ?? '')
      reply.header('cache-control', secret ? 'no-store' : 'private, no-cache')
      reply.header('vary', 'Authorization, Cookie, Origin')
    })
  },
  { name: 'answer-headers' },
)
