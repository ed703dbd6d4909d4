/** Whether the process is alive, and whether it can do its work. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '../../store/port.ts'
import * as schemas from '../schemas.ts'

const TAGS = ['Operations']

export const healthRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (app, { store }) => {
  app.get(
    '/livez',
    {
      config: { access: 'anybody' },
      schema: {
        tags: TAGS,
        operationId: 'isAlive',
        summary: 'Whether the process is alive',
        description: 'Asks nothing of the store: a store that is away is no reason to restart the service.',
        security: [],
        response: {
          200: schemas.answers('It is.', Type.Object({ status: Type.Literal('ok') })),
        },
      },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { access: 'anybody', refusals: ['store_unavailable'] },
      schema: {
        tags: TAGS,
        operationId: 'isReady',
        summary: 'Whether the store is reachable within its deadline',
        description: 'What is wrong with the setup of the store, if anything, is in `warnings`.',
        security: [],
        response: {
          200: schemas.answers(
            'It is.',
            Type.Object({ status: Type.Literal('ok'), warnings: Type.Array(Type.String()) }),
          ),
        },
      },
    },
    async () => {
      const { warnings } = await store.check()
      return { status: 'ok' as const, warnings: [...warnings] }
    },
  )
}
