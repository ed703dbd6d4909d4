/**
 * Calls that ask the store stand in line for it. A session token is a lane of its own, however many connections it has; of
 * services, each connection is one.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller } from '../../domain/credentials/caller.ts'
import { CoatcheckError } from '../../errors.ts'
import { createLine } from '../line.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Makes room for the next in line; null if that is done, or was never needed. */
    leaveLine: (() => void) | null
  }
  interface FastifyContextConfig {
    /** Whether what is answered is a stream of events. */
    opensStream?: boolean
  }
}

/** Enough to keep a store busy, and few enough for each to be answered well within its deadline. */
const AT_ONCE = 64
const WAIT_MS = 5_000

/** The description may be open to everybody; then there is no caller. */
const laneOf = ({ caller, socket }: { caller: Caller | null; socket: object }): unknown =>
  caller?.kind === 'session' ? caller.credentialId : socket

const leave = (request: FastifyRequest) => (): void => request.leaveLine?.()

export const fairTurns = fp(
  async (app) => {
    const line = createLine({
      atOnce: AT_ONCE,
      waitMs: WAIT_MS,
      refused: () => new CoatcheckError('overloaded', undefined, { retryAfterSeconds: 1 }),
    })

    app.mayRefuse(({ needsCredential }) => (needsCredential ? ['overloaded'] : []))

    app.decorateRequest('leaveLine', null)

    app.addHook('onRoute', (route) => {
      if (route.config?.access === 'anybody') return
      const { handler } = route
      route.handler = function (request: FastifyRequest, reply: FastifyReply) {
        const go = (): unknown => {
          request.leaveLine = (): void => {
            request.leaveLine = null
            line.leave()
          }
          // A reader that is slow may hold up the opening of its stream, but nobody else.
          if (route.config?.opensStream) request.leaveLine()
          const answer: unknown = handler.call(this, request, reply)
          // Settles when the answer has been read, and that may be long after the store was asked: see below.
          if (answer instanceof Promise) answer.then(leave(request), leave(request))
          return answer
        }
        const turn = line.enter(laneOf(request))
        return turn === undefined ? go() : turn.then(go)
      }
    })

    // What there is to answer is known, so the store has been asked.
    app.addHook('onSend', (request, _reply, payload, done) => {
      request.leaveLine?.()
      done(null, payload)
    })
  },
  { name: 'fair-turns', dependencies: ['authentication'] },
)
