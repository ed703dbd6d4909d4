/** The keys that session tokens are signed with: the public ones for everybody, and retiring one. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { retireSigningKey, type SigningKeys } from '../../domain/credentials/signing-keys.ts'
import * as schemas from '../schemas.ts'

const TAGS = ['Tokens']

const JWKS_AGE_SECONDS = 300

const KidParams = Type.Object({
  kid: Type.String({
    minLength: 1,
    description: "The key's name, as /.well-known/jwks.json and the head of each token that it signed have it.",
    examples: ['5f0c1e9a7b3d2c4e6f'],
  }),
})

export type SigningKeyRoutesOptions = { readonly signingKeys: SigningKeys }

export const signingKeyRoutes: FastifyPluginAsyncTypebox<SigningKeyRoutesOptions> = async (app, { signingKeys }) => {
  app.get(
    '/.well-known/jwks.json',
    {
      config: { access: 'anybody' },
      schema: {
        tags: TAGS,
        operationId: 'getSigningKeys',
        summary: 'The public keys that tokens are signed with',
        description: 'A JWK Set, RFC 7517. A key is here an hour before it signs.',
        response: {
          200: schemas.answers(
            'The keys.',
            Type.Object({ keys: Type.Array(Type.Object({}, { additionalProperties: true })) }),
          ),
        },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${JWKS_AGE_SECONDS}`)
      return { keys: signingKeys.known().map(({ publicJwk }) => ({ ...publicJwk })) }
    },
  )

  app.delete(
    '/v1/signing-keys/:kid',
    {
      config: { access: 'signing-keys', refusals: ['signing_key_not_found', 'signing_keys_fixed'] },
      schema: {
        tags: TAGS,
        operationId: 'retireSigningKey',
        summary: 'Retire a signing key at once',
        description:
          'For a key that others may know. Every token that it signed, of every namespace, is void here with the answer and on every other replica within 5 s; another key signs from then on. Whoever verifies tokens by himself may keep the public key for 5 minutes.',
        params: KidParams,
        response: {
          204: schemas.noBody('It is retired.'),
        },
      },
    },
    async (request, reply) => {
      await retireSigningKey(signingKeys, request.params.kid)
      return reply.code(204).send()
    },
  )
}
