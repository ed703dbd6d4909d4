/**
 * One line a call: method, route, status, time, and who called, if that is known; Fastify adds the request id. Never the URL,
 * for it holds session ids and keys; never a header. The line of a stream of events comes when the stream has begun.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller } from '../../domain/credentials/caller.ts'
import { countAnswer, routeOf } from './observation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether its line was written before its answer was over. */
    isLogged: boolean
  }
}

const levelOf = (request: FastifyRequest, status: number): 'debug' | 'error' | 'info' => {
  if (request.routeOptions.config?.isProbe) return 'debug'
  return status >= 500 ? 'error' : 'info'
}

/** Logs and counts a call. */
export const logAnswer = (request: FastifyRequest, reply: FastifyReply): void => {
  countAnswer(request, reply)
  const { statusCode: status } = reply
  const caller = request.caller as Caller | null
  // Of what is undefined the line says nothing.
  const facts = {
    method: request.method,
    route: routeOf(request),
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    namespace: caller?.namespace,
    apiKey: caller?.kind === 'api-key' ? caller.name : undefined,
    by: caller?.kind === 'session' ? caller.via : undefined,
  }
  request.log[levelOf(request, status)](facts, 'call')
}

export const requestLog = fp(
  async (app) => {
    app.decorateRequest('isLogged', false)
    app.addHook('onResponse', (request, reply, done) => {
      if (!request.isLogged) logAnswer(request, reply)
      done()
    })
  },
  { name: 'request-log', dependencies: ['observation'] },
)
