/** Subjects: where a user is logged in, and logging out everywhere. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Subjects } from '../../domain/sessions/subjects.ts'
import { PageAnswer, PageQuery, pageOf, sendPage } from '../pagination.ts'
import { serviceOf } from '../request.ts'
import * as schemas from '../schemas.ts'

const TAGS = ['Subjects']

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
        querystring: PageQuery,
        response: {
          200: schemas.answers('A part of them.', PageAnswer),
        },
      },
    },
    async (request, reply) => {
      const caller = serviceOf(request)
      const page = await subjects.sessions(caller, request.params.subject, pageOf(request.query))
      return sendPage(reply, page, caller)
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
        },
      },
    },
    async (request) => {
      const except = request.query.except?.toLowerCase() ?? null
      return { ended: await subjects.endAll(serviceOf(request), request.params.subject, except) }
    },
  )
}
