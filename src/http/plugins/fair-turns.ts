/**
 * Calls that ask the store stand in line for it. A session token is a lane of its own, however many connections it has; of
 * services, each connection is one.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Caller, calledUntil } from '../../domain/credentials/caller.ts'
import { CoatcheckError } from '../../errors.ts'
import { onTick, runningTime } from '../../running-time.ts'
import { createLine, createPlaces } from '../line.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether what is answered is a stream of events. */
    opensStream?: boolean
  }
}

/** Enough to keep a store busy, and few enough for each to be answered well within its deadline. */
const AT_ONCE = 64
const WAIT_MS = 5_000
/**
 * A call that waits for the store longer than this does no work meanwhile. It gives its place to others, who may ask a part of
 * the store that answers.
 */
const HELD_MS = 100
/** How long a call may ask the store, from its turn on. It is answered within two seconds. */
const CALL_MS = 1_900

/** A caller may be shared by many calls, so each call has one of its own. A description that is open to everybody has none. */
const giveTime = (request: FastifyRequest): void => {
  const caller = request.caller as Caller | null
  if (caller !== null) request.caller = calledUntil(caller, runningTime() + CALL_MS)
}

/** The description may be open to everybody; then there is no caller. */
const laneOf = ({ caller, socket }: { caller: Caller | null; socket: object }): unknown =>
  caller?.kind === 'session' ? caller.credentialId : socket

export const fairTurns = fp(
  async (app) => {
    const line = createLine({
      atOnce: AT_ONCE,
      waitMs: WAIT_MS,
      refused: () => new CoatcheckError('overloaded', undefined, { retryAfterSeconds: 1 }),
    })

    const places = createPlaces(line, AT_ONCE)
    const stopLooking = onTick(() => {
      if (line.isAwaited()) places.giveOlder(runningTime() - HELD_MS)
    })
    app.addHook('onClose', async () => stopLooking())

    app.mayRefuse(({ needsCredential }) => (needsCredential ? ['overloaded'] : []))

    app.addHook('onRoute', (route) => {
      if (route.config?.access === 'anybody' || route.config?.asksNothing) return
      const { handler } = route
      // A reader that is slow may hold up the opening of its stream, but nobody else.
      const opensStream = route.config?.opensStream === true
      const go = (server: FastifyInstance, request: FastifyRequest, reply: FastifyReply): unknown => {
        // Whoever has hung up while waiting is not served: nobody would hear of it, and nothing would give the place back.
        if (request.socket.destroyed) {
          line.leave()
          return reply.hijack()
        }
        places.take(reply.raw)
        if (opensStream) places.give(reply.raw)
        else giveTime(request)
        return handler.call(server, request, reply)
      }
      route.handler = function (request: FastifyRequest, reply: FastifyReply) {
        const turn = line.enter(laneOf(request))
        return turn === undefined ? go(this, request, reply) : turn.then(() => go(this, request, reply))
      }
    })

    // What there is to answer is known, so the store has been asked. Node tells nobody of the end of an answer that is in a
    // pipeline whose connection was lost, so this is the one place that every call comes by.
    app.addHook('onSend', (_request, reply, _payload, done) => {
      places.give(reply.raw)
      done()
    })
  },
  { name: 'fair-turns', dependencies: ['authentication'] },
)
