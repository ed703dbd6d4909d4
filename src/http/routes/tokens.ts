/** Session tokens: mint, renew, make void; introspection and revocation as OAuth defines them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Grants } from '../../domain/sessions/token-grants.ts'
import { FORM_TYPE, takeForms } from '../plugins/form-body.ts'
import { serviceOf, sessionId } from '../request.ts'
import * as schemas from '../schemas.ts'
import { TokenAnswer, TokenBody, tokenAnswer, tokenRequest } from '../token-body.ts'

const TAGS = ['Tokens']

const TokenForm = Type.Object(
  { token: Type.String(), token_type_hint: Type.Optional(Type.String()) },
  { additionalProperties: true },
)

const formOf = (schema: typeof TokenForm) => ({ content: { [FORM_TYPE]: { schema } } })

export type TokenRoutesOptions = { readonly grants: Grants }

export const tokenRoutes: FastifyPluginAsyncTypebox<TokenRoutesOptions> = async (app, { grants }) => {
  app.post(
    '/v1/sessions/:id/tokens',
    {
      config: { access: ['renew'], emptyBodyIsObject: true, refusals: ['store_full'] },
      schema: {
        tags: TAGS,
        operationId: 'mintToken',
        summary: 'Mint a session token',
        description:
          'A signed token for this life of this session, to hand to a browser or a socket. It may be narrower than the session: it can be for some keys only, and only do some things. With an API key any can be minted, also for a session that nobody has written yet; with a token that has the scope `renew` the same or less, until `renewUntil`.',
        params: schemas.SessionParams,
        body: TokenBody,
        response: {
          201: schemas.answers('The token, which is a secret.', TokenAnswer),
        },
      },
    },
    async (request, reply) => {
      const granted = await grants.grant(request.caller, sessionId(request), tokenRequest(request.body))
      return reply.code(201).send(tokenAnswer(granted))
    },
  )

  app.delete(
    '/v1/sessions/:id/tokens',
    {
      config: { access: 'tokens' },
      schema: {
        tags: TAGS,
        operationId: 'revokeTokens',
        summary: 'Make every token of a session void',
        description:
          'Every token and cookie of the session so far is dead from the next call on. The session lives on.',
        params: schemas.SessionParams,
        response: {
          204: schemas.noBody('They are void.'),
        },
      },
    },
    async (request, reply) => {
      await grants.revokeAll(serviceOf(request), sessionId(request))
      return reply.code(204).send()
    },
  )

  await app.register(async (scope) => {
    takeForms(scope as never)

    scope.post(
      '/v1/introspect',
      {
        config: { access: 'tokens', mediaTypes: [FORM_TYPE] },
        schema: {
          tags: TAGS,
          operationId: 'introspectToken',
          summary: 'Ask whether a token is good',
          description: 'RFC 7662, for tokens of the namespace of the API key.',
          body: formOf(TokenForm),
          response: {
            200: schemas.answers(
              'What the token says; `{"active": false}` for one that is not good, whatever the reason.',
              Type.Object({ active: Type.Boolean() }, { additionalProperties: true }),
            ),
          },
        },
      },
      async (request, reply) => {
        const { token } = request.body as { token: string }
        const holder = await grants.introspect(serviceOf(request), token)
        reply.header('cache-control', 'no-store')
        if (!holder) return { active: false }
        return {
          active: true,
          token_type: 'Bearer',
          scope: holder.may.join(' '),
          exp: Math.floor(holder.expiresAt / 1000),
          jti: holder.credentialId,
          sid: holder.sessionId,
          keys: holder.keys,
        }
      },
    )

    scope.post(
      '/v1/revoke',
      {
        config: { access: 'tokens', mediaTypes: [FORM_TYPE] },
        schema: {
          tags: TAGS,
          operationId: 'revokeToken',
          summary: 'Make a token void',
          description:
            "RFC 7009. The session's other tokens go with it, as §2.1 there allows. A token that is not good is void already: 200 as well.",
          body: formOf(TokenForm),
          response: {
            200: schemas.noBody('It is void.'),
          },
        },
      },
      async (request, reply) => {
        const { token } = request.body as { token: string }
        await grants.revoke(serviceOf(request), token)
        return reply.code(200).send()
      },
    )
  })
}
