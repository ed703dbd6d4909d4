/** Answers that hold many sessions, and so may have megabytes. */
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { sendJson } from './send-json.ts'

const BYTES_A_TURN = 262_144

/**
 * Sends JSON: `before`, the text of each with commas in between, and `after`. Other calls have their turn meanwhile, and it is
 * never all in one piece.
 */
export const sendInTurns = async <One>(
  reply: FastifyReply,
  before: string,
  all: readonly One[],
  textOf: (one: One) => string,
  after: string,
): Promise<FastifyReply> => {
  const parts = [Buffer.from(before)]
  let length = 0
  let inThisTurn = 0
  for (const [i, one] of all.entries()) {
    const part = Buffer.from(`${i === 0 ? '' : ','}${textOf(one)}`)
    parts.push(part)
    length += part.length
    inThisTurn += part.length
    if (inThisTurn < BYTES_A_TURN) continue
    inThisTurn = 0
    await nextTurn()
  }
  parts.push(Buffer.from(after))
  length += Buffer.byteLength(before) + Buffer.byteLength(after)
  return sendJson(reply.header('content-length', length), Readable.from(parts))
}
