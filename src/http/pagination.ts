/** Listings of sessions, part by part: what the query says, and what is answered. */
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../domain/credentials/caller.ts'
import type { SessionPage } from '../domain/sessions/session.ts'
import { sendInTurns } from './send-in-turns.ts'
import { sessionText } from './session-text.ts'

const DEFAULT_LIMIT = 50

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({
        pattern: '^([1-9]|[1-9][0-9]|100)$',
        description: `How many at most; ${DEFAULT_LIMIT} if left out, 100 at most.`,
      }),
    ),
    cursor: Type.Optional(Type.String({ pattern: '^[\\w-]{1,64}$', description: '`next` of the part before.' })),
  },
  { additionalProperties: false },
)

export const PageAnswer = Type.Object({
  sessions: Type.Array(Type.Unsafe({ $ref: 'Session#' })),
  next: Type.Optional(Type.String({ description: 'Where the next part begins; left out at the end.' })),
})

/** What a query asks for; `cursor` is null for the first part. */
export const pageOf = ({ limit, cursor = null }: { limit?: string; cursor?: string | null }) => ({
  limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
  cursor,
})

export const sendPage = (
  reply: FastifyReply,
  { sessions, next }: SessionPage,
  caller: Caller,
): Promise<FastifyReply> => {
  const more = next === null ? '' : `,"next":${JSON.stringify(next)}`
  return sendInTurns(reply, '{"sessions":[', sessions, (session) => sessionText(session, caller), `]${more}}`)
}
