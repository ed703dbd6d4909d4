/** Sessions as a whole: begin, read, use, end, and many at once. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { checkSettings, isWellFormed } from '../../domain/check-settings.ts'
import { members } from '../../domain/json-text.ts'
import type { Policy } from '../../domain/policy.ts'
import type { NewSession as Begin, Sessions } from '../../domain/sessions.ts'
import { CoatcheckError } from '../../errors.ts'
import { bodyText, countsAsUse, repeatableOf, serviceOf, sessionId } from '../calls.ts'
import { JSON_TYPE } from '../plugins/json-body.ts'
import * as schemas from '../schemas.ts'
import { clocksOf, sessionText } from '../session-text.ts'

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

export type SessionRoutesOptions = {
  readonly sessions: Sessions
  readonly policyOf: (namespace: string) => Policy
  /** What stands before `/v1` in a `Location`. */
  readonly baseUrl: string
}

export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRoutesOptions> = async (
  app,
  { sessions, policyOf, baseUrl },
) => {
  /** The settings of a new session as texts, cut from the body. */
  const settingsIn = (text: string, policy: Policy): ReadonlyMap<string, string> => {
    const settings = new Map(members(members(text).find(([name]) => name === 'settings')?.[1] ?? '{}'))
    checkSettings(settings, policy.limits)
    return settings
  }

  const checkSubject = (subject: string | undefined, { limits }: Policy): void => {
    if (subject !== undefined && !isWellFormed(subject)) {
      throw new CoatcheckError('invalid_request', undefined, {
        errors: [{ pointer: '#/subject', detail: 'holds half of a surrogate pair' }],
      })
    }
    if (subject !== undefined && Buffer.byteLength(subject) > limits.subjectBytes) {
      throw new CoatcheckError('limit_exceeded', undefined, {
        limit: limits.subjectBytes,
        errors: [{ pointer: '#/subject', detail: `may have ${limits.subjectBytes} bytes` }],
      })
    }
  }

  app.post(
    '/v1/sessions',
    {
      config: { access: 'create', emptyBodyIsObject: true },
      schema: {
        tags: TAGS,
        operationId: 'createSession',
        summary: 'Begin a session',
        description:
          'Begins a session, under `id` or under a UUID that is drawn. With `settings` they are at revision 1, without at 0 (unwritten). A session need not be begun: the first write of its settings does it.',
        headers: schemas.Headers(schemas.IdempotencyKey),
        body: schemas.NewSession,
        response: {
          201: schemas.answers('The session.', 'Session', {
            Location: { type: 'string', description: 'Where the session is.' },
          }),
          ...schemas.problems(
            ...schemas.BODY_ERRORS,
            ...schemas.WRITE_ERRORS.filter((code) => code !== 'precondition_failed'),
            'session_exists',
            'limit_exceeded',
          ),
        },
      },
    },
    async (request, reply) => {
      const { settings, id, ...rest } = request.body
      const policy = policyOf(request.caller.namespace)
      checkSubject(rest.subject, policy)
      const begin: Begin = {
        ...rest,
        ...(id === undefined ? {} : { id: id.toLowerCase() }),
        ...(settings === undefined ? {} : { settings: settingsIn(bodyText(request), policy) }),
      }
      const session = await sessions.create(serviceOf(request), begin, repeatableOf(request))
      return reply
        .code(201)
        .header('location', `${baseUrl}/v1/sessions/${session.id}`)
        .type(JSON_TYPE)
        .send(sessionText(session, request.caller))
    },
  )

  app.get(
    '/v1/sessions/:id',
    {
      config: { access: ['read'] },
      schema: {
        tags: TAGS,
        operationId: 'getSession',
        summary: 'Read a session with its settings and clocks',
        params: schemas.SessionParams,
        querystring: schemas.UseQuery,
        response: {
          200: schemas.answers('The session.', 'Session'),
          ...schemas.problems('session_not_found', 'session_gone'),
        },
      },
    },
    async (request, reply) => {
      const use = request.method === 'GET' && countsAsUse(request)
      const session = await sessions.get(request.caller, sessionId(request), use)
      return reply.type(JSON_TYPE).send(sessionText(session, request.caller))
    },
  )

  app.delete(
    '/v1/sessions/:id',
    {
      config: { access: ['end'] },
      schema: {
        tags: TAGS,
        operationId: 'endSession',
        summary: 'End a session for good',
        description:
          'The settings are removed and a tombstone stays: a late write gets 410 and brings nothing back. An id that is missing can be ended, too, for a log-out may come before the first write. Ending twice is 204 twice.',
        params: schemas.SessionParams,
        response: { 204: schemas.noBody('It is over.'), ...schemas.problems(...schemas.BODY_ERRORS) },
      },
    },
    async (request, reply) => {
      await sessions.end(request.caller, sessionId(request))
      return reply.code(204).send()
    },
  )

  app.post(
    '/v1/sessions/:id/touch',
    {
      config: { access: ['touch'], emptyBodyIsObject: true },
      schema: {
        tags: TAGS,
        operationId: 'touchSession',
        summary: 'Slide the idle clock',
        description:
          'Says that the session is in use. Reads and writes say that by themselves; this is for whoever keeps the settings in memory.',
        params: schemas.SessionParams,
        body: Type.Object({}, { additionalProperties: false }),
        response: {
          200: schemas.answers('The session without its settings.', 'SessionClocks'),
          ...schemas.problems(...schemas.BODY_ERRORS, 'session_not_found', 'session_gone'),
        },
      },
    },
    async (request, reply) => {
      const { id, record } = await sessions.touch(request.caller, sessionId(request))
      return reply.type(JSON_TYPE).send(JSON.stringify(clocksOf(id, record, request.caller)))
    },
  )

  app.post(
    '/v1/sessions/batch',
    {
      config: { access: 'read' },
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
          ...schemas.problems(...schemas.BODY_ERRORS, 'limit_exceeded'),
        },
      },
    },
    async (request, reply) => {
      const ids = request.body.ids.map((id) => id.toLowerCase())
      const caller = serviceOf(request)
      const { sessions: living, missing, gone } = await sessions.batch(caller, ids, request.body.touch === true)
      const texts = living.map((session) => `"${session.id}":${sessionText(session, caller)}`)
      const ended = gone.map((one) => ({ ...one, endedAt: new Date(one.endedAt).toISOString() }))
      return reply
        .type(JSON_TYPE)
        .send(`{"sessions":{${texts.join(',')}},"missing":${JSON.stringify(missing)},"gone":${JSON.stringify(ended)}}`)
    },
  )
}
