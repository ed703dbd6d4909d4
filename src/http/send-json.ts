import type { FastifyReply } from 'fastify'
import { leavePlace } from './line.ts'
import { JSON_TYPE } from './plugins/json-body.ts'

/**
 * Sends JSON that may be long, as all that holds settings may: a text, or what `type`, status and headers have been said of
 * before. The store has been asked by now, so whoever reads it slowly keeps nobody waiting.
 */
export const sendJson = (reply: FastifyReply, json: unknown): FastifyReply => {
  leavePlace(reply.raw)
  return reply.type(JSON_TYPE).send(json)
}
