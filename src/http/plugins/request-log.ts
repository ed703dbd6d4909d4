/**
 * One line a call: method, route, status, time. Never the URL, for it holds session ids and keys; never a header.
 */
import fp from 'fastify-plugin'

export const requestLog = fp(
  async (app) => {
    app.addHook('onResponse', (request, reply, done) => {
      const route = request.is404 ? 'unknown' : request.routeOptions.url
      request.log.info(
        { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 },
        'call',
      )
      done()
    })
  },
  { name: 'request-log' },
)
