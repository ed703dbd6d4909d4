/** Hand-offs: a one-time code from the socket to the HTTP side. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { members } from '../../domain/json/json-text.ts'
import { HANDOFF_SECONDS, type Handoffs } from '../../domain/sessions/handoffs.ts'
import type { Grants } from '../../domain/sessions/token-grants.ts'
import { CoatcheckError } from '../../errors.ts'
import { CODE_PATTERN } from '../patterns.ts'
import { repeatableOf, serviceOf, sessionId } from '../request.ts'
import * as schemas from '../schemas.ts'
import { sendJson } from '../send-json.ts'
import { copiesMember, sessionText } from '../session-text.ts'
import { TokenAnswer, TokenBody, tokenMember, tokenRequest } from '../token-body.ts'

const TAGS = ['Hand-offs']

const Payload = Type.Unknown({
  description: 'Any JSON value, kept as the text that was sent and given to whoever redeems the code.',
  examples: [{ flash: 'Welcome back' }],
})

export type HandoffRoutesOptions = { readonly handoffs: Handoffs; readonly grants: Grants }

export const handoffRoutes: FastifyPluginAsyncTypebox<HandoffRoutesOptions> = async (app, { handoffs, grants }) => {
  const limitFailure = app.limitFailures('handoff', 'Too many codes from this address that cannot be redeemed.')

  app.post(
    '/v1/sessions/:id/handoffs',
    {
      config: { access: 'handoffs', emptyBodyIsObject: true, refusals: ['limit_exceeded', 'store_full'] },
      schema: {
        tags: TAGS,
        operationId: 'makeHandoff',
        summary: 'Make a one-time code',
        description:
          'Made where the login happened, such as a live view, and redeemed on the HTTP side after a redirect. It is for this life of this session. With `subject`, redeeming binds the session to that user under a new id. A session that nobody has written yet is begun for it.',
        params: schemas.SessionParams,
        body: Type.Object(
          {
            payload: Type.Optional(Payload),
            subject: Type.Optional(schemas.Subject),
            expiresInSeconds: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: HANDOFF_SECONDS.longest,
                default: HANDOFF_SECONDS.default,
                description: 'How long the code is good.',
              }),
            ),
          },
          { additionalProperties: false, examples: [{ subject: 'user-42', payload: { flash: 'Welcome back' } }] },
        ),
        response: {
          201: schemas.answers(
            'The code, which is a secret.',
            Type.Object({ code: Type.String(), expiresAt: Type.String({ format: 'date-time' }) }),
          ),
        },
      },
    },
    async (request, reply) => {
      const { subject, expiresInSeconds = HANDOFF_SECONDS.default } = request.body
      const payload = members(request.jsonText ?? '{}').find(([name]) => name === 'payload')?.[1] ?? null
      const made = await handoffs.make(serviceOf(request), sessionId(request), {
        payload,
        expiresInSeconds,
        ...(subject === undefined ? {} : { subject }),
      })
      return reply.code(201).send({ code: made.code, expiresAt: new Date(made.expiresAt).toISOString() })
    },
  )

  app.post(
    '/v1/handoffs/redeem',
    {
      config: {
        access: 'handoffs',
        refusals: ['handoff_gone', 'session_gone', 'session_not_found', 'too_many_sessions', 'store_full'],
      },
      schema: {
        tags: TAGS,
        operationId: 'redeemHandoff',
        summary: 'Redeem a one-time code',
        description:
          "`sessionId` is what the visitor's own browser holds: a code for another session is refused, and not spent. With a subject the session moves to a new id in the same step; until then the old one lives, and after it is gone (`rotated`).",
        headers: schemas.Headers(schemas.IdempotencyKey),
        body: Type.Object(
          {
            code: Type.String({ pattern: CODE_PATTERN, description: 'What *Make a one-time code* gave.' }),
            sessionId: schemas.Id,
            token: Type.Optional(TokenBody),
          },
          { additionalProperties: false },
        ),
        response: {
          200: schemas.answers(
            'What was handed over, and the session as it is now.',
            Type.Object({
              payload: Type.Unknown({ description: 'What the code was made with; null if nothing.' }),
              session: Type.Unsafe({ $ref: 'Session#' }),
              copies: schemas.Copies,
              token: Type.Optional(TokenAnswer),
            }),
          ),
        },
      },
    },
    async (request, reply) => {
      const caller = serviceOf(request)
      const { code, sessionId, token } = request.body
      const mint = token && grants.prepare(caller, tokenRequest(token))
      const { payload, session } = await handoffs
        .redeem(caller, code, sessionId.toLowerCase(), repeatableOf(request))
        .catch(async (error: unknown) => {
          const isGone = error instanceof CoatcheckError && error.code === 'handoff_gone'
          throw isGone ? await limitFailure(request, error) : error
        })
      const granted = await mint?.(session.id, session.record)
      const sessionJson = sessionText(session, caller)
      const more = `${copiesMember(session.copies)}${tokenMember(granted)}`
      return sendJson(reply, `{"payload":${payload ?? 'null'},"session":${sessionJson}${more}}`)
    },
  )
}
