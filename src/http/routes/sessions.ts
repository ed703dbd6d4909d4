/** One session as a whole: begin, read, use, rotate, end. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { members } from '../../domain/json/json-text.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Rotations } from '../../domain/sessions/rotations.ts'
import type { Session } from '../../domain/sessions/session.ts'
import type { NewSession as Begin, Sessions } from '../../domain/sessions/sessions.ts'
import type { Grants } from '../../domain/sessions/token-grants.ts'
import { checkSettings } from '../../domain/settings/check-settings.ts'
import { bodyText, countsAsUse, repeatableOf, serviceOf, sessionId } from '../request.ts'
import * as schemas from '../schemas.ts'
import { sendJson } from '../send-json.ts'
import { clocksOf, copiesMember, sessionText } from '../session-text.ts'
import { TokenBody, tokenMember, tokenRequest } from '../token-body.ts'

const TAGS = ['Sessions']

const LOCATION = { Location: { type: 'string', required: true, description: 'Where the session is.' } }

/** No body without members needs more; what is longer is not read, so it costs nothing to judge. */
const MEMBERLESS_BODY_BYTES = 1024

export type SessionRoutesOptions = {
  readonly sessions: Sessions
  readonly rotations: Rotations
  readonly grants: Grants
  readonly policyOf: (namespace: string) => Policy
  /** What stands before `/v1` in a `Location`. */
  readonly baseUrl: string
}

export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRoutesOptions> = async (
  app,
  { sessions, rotations, grants, policyOf, baseUrl },
) => {
  /** The settings of a new session as texts, cut from the body. */
  const settingsIn = (text: string, policy: Policy): ReadonlyMap<string, string> => {
    const settings = new Map(members(members(text).find(([name]) => name === 'settings')?.[1] ?? '{}'))
    checkSettings(settings, policy)
    return settings
  }

  /** Answers a session that was begun or moved, with the token that was asked for. */
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    session: Session & { readonly copies?: number | null },
    mint: ReturnType<Grants['prepare']> | undefined,
  ): Promise<FastifyReply> => {
    const granted = await mint?.(session.id, session.record)
    if (granted) reply.header('cache-control', 'no-store')
    reply.code(201).header('location', `${baseUrl}/v1/sessions/${session.id}`)
    return sendJson(reply, sessionText(session, request.caller, copiesMember(session.copies) + tokenMember(granted)))
  }

  app.post(
    '/v1/sessions',
    {
      config: {
        access: 'create',
        emptyBodyIsObject: true,
        writesSettings: true,
        refusals: ['session_gone', 'session_exists', 'subject_ended', 'too_many_sessions'],
      },
      schema: {
        tags: TAGS,
        operationId: 'createSession',
        summary: 'Begin a session',
        description:
          'Begins a session, under `id` or under a UUID that is drawn. With `settings` they are at revision 1, without at 0 (unwritten). A session need not be begun: the first write of its settings does it.',
        headers: schemas.Headers(schemas.IdempotencyKey),
        body: schemas.NewSession,
        response: {
          201: schemas.answers('The session.', 'SessionWithToken', LOCATION),
        },
      },
    },
    async (request, reply) => {
      const caller = serviceOf(request)
      const { settings, id, token, ...rest } = request.body
      const policy = policyOf(caller.namespace)
      const mint = token && grants.prepare(caller, tokenRequest(token))
      const begin: Begin = {
        ...rest,
        ...(id === undefined ? {} : { id: id.toLowerCase() }),
        ...(settings === undefined ? {} : { settings: settingsIn(bodyText(request), policy) }),
      }
      return answer(request, reply, await sessions.create(caller, begin, repeatableOf(request)), mint)
    },
  )

  app.post(
    '/v1/sessions/:id/rotate',
    {
      config: {
        access: 'rotate',
        emptyBodyIsObject: true,
        refusals: ['subject_ended', 'too_many_sessions', 'store_full'],
      },
      schema: {
        tags: TAGS,
        operationId: 'rotateSession',
        summary: 'Give a session a new id, and bind it',
        description:
          'The same settings go on under a new UUID, and the old one is gone (`rotated`) in the same step, with all its tokens. With `subject` the session is bound to that user and a new lifetime begins: what a login should do. A missing session is begun under the new id.',
        params: schemas.SessionParams,
        headers: schemas.Headers(schemas.IdempotencyKey),
        body: Type.Object(
          {
            subject: Type.Optional(schemas.Subject),
            ...schemas.ClocksAsked,
            token: Type.Optional(TokenBody),
          },
          { additionalProperties: false, examples: [{ subject: 'user-42' }] },
        ),
        response: {
          201: schemas.answers('The session under its new id.', 'RotatedSession', LOCATION),
        },
      },
    },
    async (request, reply) => {
      const caller = serviceOf(request)
      const { token, ...rotation } = request.body
      const mint = token && grants.prepare(caller, tokenRequest(token))
      const rotated = await rotations.rotate(caller, sessionId(request), rotation, repeatableOf(request))
      return answer(request, reply, rotated, mint)
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
        },
      },
    },
    async (request, reply) => {
      const use = request.method === 'GET' && countsAsUse(request)
      const session = await sessions.get(request.caller, sessionId(request), use)
      return sendJson(reply, sessionText(session, request.caller))
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
          'The settings are removed and a tombstone stays: a late write gets 410 and brings nothing back. An id that is missing can be ended, too, for a log-out may come before the first write. Ending twice is 204 twice. One that was rotated lives on under its new id: that is 410 (`rotated`).',
        params: schemas.SessionParams,
        response: { 204: schemas.noBody('It is over.') },
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
      bodyLimit: MEMBERLESS_BODY_BYTES,
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
        },
      },
    },
    async (request, reply) => {
      const { id, record } = await sessions.touch(request.caller, sessionId(request))
      return sendJson(reply, JSON.stringify(clocksOf(id, record, request.caller)))
    },
  )
}
