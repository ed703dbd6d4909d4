import type { FastifyReply } from 'fastify'
import { JSON_TYPE } from './plugins/json-body.ts'

/** Sends JSON: a text, or a stream of it. Status and headers have been said before. */
export const sendJson = (reply: FastifyReply, json: unknown): FastifyReply => reply.type(JSON_TYPE).send(json)
