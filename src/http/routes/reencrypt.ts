/** Puts what is stored under the key that encrypts now, part by part, while the service goes on. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CoatcheckError } from '../../errors.ts'
import type { Store } from '../../store/port.ts'

const Part = Type.Object(
  {
    looked: Type.Integer({ description: 'How many sessions, lists or secrets were looked at.' }),
    changed: Type.Integer({ description: 'How many of them were encrypted anew.' }),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'Where the next part begins: send it as `after`. Null at the end.',
    }),
  },
  { additionalProperties: false },
)

export const reencryptRoute: FastifyPluginAsyncTypebox<{ store: Store }> = async (app, { store }) => {
  app.post(
    '/v1/reencrypt',
    {
      config: { access: 'operate', refusals: ['not_encrypted', 'store_full'] },
      schema: {
        tags: ['Operations'],
        operationId: 'reencrypt',
        summary: 'Encrypt a part of what is stored, of all namespaces',
        description:
          'Puts what is plain, or encrypted under an older key, under the key that encrypts now. No version, clock or event comes of it. `coatcheck reencrypt` calls this until nothing is left.',
        body: Type.Object(
          {
            after: Type.Optional(
              Type.String({
                pattern: '^[\\w-]{1,128}$',
                description: '`next` of the part before; left out for the first one.',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: Part },
      },
    },
    async ({ body }) => {
      const part = await store.reencrypt(body.after ?? null)
      if (part.state === 'plain') throw new CoatcheckError('not_encrypted')
      const { looked, changed, next } = part
      return { looked, changed, next }
    },
  )
}
