/** Many sessions at once: those of the namespace, part by part, and those that a caller names. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Sessions } from '../../domain/sessions/sessions.ts'

import { PageAnswer, PageQuery, pageOf, sendPage } from '../pagination.ts'
import { serviceOf } from '../request.ts'
import * as schemas from '../schemas.ts'
import { sendInTurns } from '../send-in-turns.ts'
import { sessionText } from '../session-text.ts'

const TAGS = ['Sessions']

const Ended = Type.Object({
  id: schemas.Id,
  reason: Type.String({ examples: ['deleted'] }),
  endedAt: Type.String({ format: 'date-time' }),
})

const BatchAnswer = Type.Object({
  sessions: Type.Record(Type.String(), Type.Unsafe({ $ref: 'Session#' }), { description: 'The living, by their ids.' }),
  missing: Type.Array(schemas.Id, { description: 'Never made, or over by a clock.' }),
  gone: Type.Array(Ended, { description: 'Ended, as long as the tombstone stands.' }),
})

export const sessionListRoutes: FastifyPluginAsyncTypebox<{ sessions: Sessions }> = async (app, { sessions }) => {
  app.get(
    '/v1/sessions',
    {
      config: { access: { permissions: ['read', 'list'] } },
      schema: {
        tags: TAGS,
        operationId: 'listSessions',
        summary: 'All sessions of the namespace',
        description:
          'Those that live, part by part, in no order that is promised. What lives all the time while the parts are read is in some part; what begins or ends meanwhile may be in one or not, and a session may be in two. A part may hold fewer than `limit`, and none at all, while there is a `next`. This is no use of the sessions.',
        querystring: PageQuery,
        response: { 200: schemas.answers('A part of them.', PageAnswer) },
      },
    },
    async (request, reply) => {
      const caller = serviceOf(request)
      const page = await sessions.list(caller, pageOf(request.query))
      return sendPage(reply, page, caller)
    },
  )

  app.post(
    '/v1/sessions/batch',
    {
      config: { access: 'read', refusals: ['limit_exceeded'] },
      schema: {
        tags: TAGS,
        operationId: 'readSessions',
        summary: 'Read many sessions at once',
        description: 'Each is read by itself: this is not one snapshot. It counts as use only with `touch: true`.',
        body: Type.Object(
          {
            ids: Type.Array(schemas.Id, { examples: [[schemas.EXAMPLE_ID]] }),
            touch: Type.Optional(Type.Boolean({ default: false, description: 'Whether this counts as use.' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: schemas.answers('What was found.', BatchAnswer),
        },
      },
    },
    async (request, reply) => {
      const ids = request.body.ids.map((id) => id.toLowerCase())
      const caller = serviceOf(request)
      const { sessions: living, missing, gone } = await sessions.batch(caller, ids, request.body.touch === true)
      const ended = gone.map((one) => ({ ...one, endedAt: new Date(one.endedAt).toISOString() }))
      return sendInTurns(
        reply,
        '{"sessions":{',
        living,
        (session) => `"${session.id}":${sessionText(session, caller)}`,
        `},"missing":${JSON.stringify(missing)},"gone":${JSON.stringify(ended)}}`,
      )
    },
  )
}
