/**
 * A service that is about to end says so before it does. First `/readyz` is 503, so that balancers send it nothing new. Later
 * each answer is the last one on its connection, so that nobody sends over one that is about to be closed. It is not so from
 * the start: a proxy would then open a new connection for each call, and the one that waits in the kernel when the service
 * stops listening is lost with the call that was sent over it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** From now on `/readyz` is 503. There is no way back. */
    drain(): void
    isDraining(): boolean
    /** From now on each connection is closed with its next answer. */
    answerLast(): void
  }
}

export const draining = fp(
  async (app) => {
    let isDraining = false
    let isLast = false
    /** The latest answer of each connection: of calls that came one behind the other, only the last one may close it. */
    const latest = new WeakMap<Socket, ServerResponse>()

    const beLast = ({ socket }: IncomingMessage, response: ServerResponse): void => {
      const before = latest.get(socket)
      if (before && !before.headersSent) before.removeHeader('connection')
      latest.set(socket, response)
      response.setHeader('connection', 'close')
    }

    app.decorate('isDraining', () => isDraining)
    app.decorate('drain', () => {
      isDraining = true
    })
    app.decorate('answerLast', () => {
      if (!isLast) app.server.prependListener('request', beLast)
      isLast = true
    })
    app.addHook('preClose', async () => {
      app.drain()
      app.answerLast()
    })
  },
  { name: 'draining' },
)
