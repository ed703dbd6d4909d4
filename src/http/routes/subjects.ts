/** Subjects: where a user is logged in, and logging out everywhere. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Subjects } from '../../domain/subjects.ts'
import { serviceOf } from '../calls.ts'
import { JSON_TYPE } from '../plugins/json-body.ts'
import * as schemas from '../schemas.ts'
import { sessionText } from '../session-text.ts'

const TAGS = ['Subjects']
const PAGE = { default: 50, longest: 100 } as const

const SubjectParams = Type.Object({ subject: schemas.Subject })

export type SubjectRoutesOptions = { readonly subjects: Subjects }

export const subjectRoutes: FastifyPluginAsyncTypebox<SubjectRoutesOptions> = async (app, { subjects }) => {
  app.get(
    '/v1/subjects/:subject/sessions',
    {
      config: { access: 'subjects' },
      schema: {
        tags: TAGS,
        operationId: 'listSubjectSessions',
        summary: 'Where a user is logged in',
        description:
          'The living sessions that are bound to the subject, in no order that is promised. A part may hold fewer than `limit`, and none at all, while there is a `next`. This is no use of the sessions.',
        params: SubjectParams,
        querystring: Type.Object(
          {
            limit: Type.Optional(
              Type.String({
                pattern: '^([1-9]|[1-9][0-9]|100)$',
                description: `How many at most; ${PAGE.default} if left out, ${PAGE.longest} at most.`,
              }),
            ),
            cursor: Type.Optional(
              Type.String({ pattern: '^[\\w-]{1,64}$', description: '`next` of the part before.' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: {
          200: schemas.answers(
            'A part of them.',
            Type.Object({
              sessions: Type.Array(Type.Unsafe({ $ref: 'Session#' })),
              next: Type.Optional(Type.String({ description: 'Where the next part begins; left out at the end.' })),
            }),
          ),
          ...schemas.problems('limit_exceeded'),
        },
      },
    },
    async (request, reply) => {
      const caller = serviceOf(request)
      const { limit, cursor = null } = request.query
      const page = { limit: limit === undefined ? PAGE.default : Number(limit), cursor }
      const { sessions, next } = await subjects.sessions(caller, request.params.subject, page)
      const texts = sessions.map((session) => sessionText(session, caller))
      const more = next === null ? '' : `,"next":${JSON.stringify(next)}`
      return reply.type(JSON_TYPE).send(`{"sessions":[${texts.join(',')}]${more}}`)
    },
  )

  app.delete(
    '/v1/subjects/:subject/sessions',
    {
      config: { access: 'subjects' },
      schema: {
        tags: TAGS,
        operationId: 'endSubjectSessions',
        summary: 'Log a user out everywhere',
        description:
          'Ends every session that is bound to the subject (`revoked`), also those that are just being bound, and makes pending hand-offs for it worthless. A 503 says that it is not done yet: ask again, it goes on where it was.',
        params: SubjectParams,
        querystring: Type.Object(
          {
            except: Type.Optional({ ...schemas.Id, description: 'The one session to spare, such as the one in use.' }),
          },
          { additionalProperties: false },
        ),
        response: {
          200: schemas.answers(
            'They are over.',
            Type.Object({
              ended: Type.Integer({ minimum: 0, description: 'How many sessions lived.', examples: [3] }),
            }),
          ),
          ...schemas.problems(...schemas.BODY_ERRORS, 'limit_exceeded'),
        },
      },
    },
    async (request) => {
      const except = request.query.except?.toLowerCase() ?? null
      return { ended: await subjects.endAll(serviceOf(request), request.params.subject, except) }
    },
  )
}
