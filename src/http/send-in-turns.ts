/** Answers that hold many sessions, and so may have megabytes. */
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { sendJson } from './send-json.ts'

/** How much text is made before others have their turn, in UTF-16 code units. */
const LENGTH_A_TURN = 131_072

/**
 * Sends JSON: `before`, the text of each with commas in between, and `after`. Other calls have their turn meanwhile, and what is
 * long is not sent all in one piece.
 */
export const sendInTurns = async <One>(
  reply: FastifyReply,
  before: string,
  all: readonly One[],
  textOf: (one: One) => string,
  after: string,
): Promise<FastifyReply> => {
  const pieces: Buffer[] = []
  let piece = before
  for (const [i, one] of all.entries()) {
    piece += `${i === 0 ? '' : ','}${textOf(one)}`
    if (piece.length < LENGTH_A_TURN) continue
    pieces.push(Buffer.from(piece))
    piece = ''
    await nextTurn()
  }
  piece += after
  if (pieces.length === 0) return sendJson(reply, piece)
  pieces.push(Buffer.from(piece))
  const length = pieces.reduce((sum, one) => sum + one.length, 0)
  return sendJson(reply.header('content-length', length), Readable.from(pieces))
}
