/** Whether the process is alive, and whether it can do its work. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CoatcheckError } from '../../errors.ts'
import type { Store } from '../../store/port.ts'
import * as schemas from '../schemas.ts'

const TAGS = ['Operations']

export const healthRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (app, { store }) => {
  app.get(
    '/livez',
    {
      config: { access: 'anybody', isProbe: true },
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
      config: { access: 'anybody', isProbe: true, refusals: ['store_unavailable', 'draining'] },
      schema: {
        tags: TAGS,
        operationId: 'isReady',
        summary: 'Whether the service can do its work',
        description:
          'It can while any part of the store serves. `degraded` says that a part is away, and `away` which: calls for the sessions in it are answered 503, all others go on. What is wrong with the setup of the store is in `warnings`. A service that is about to end says 503 `draining`; it goes on answering all other calls.',
        security: [],
        response: {
          200: schemas.answers(
            'It can.',
            Type.Object({
              status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
              warnings: Type.Array(Type.String()),
              away: Type.Array(Type.String()),
            }),
          ),
        },
      },
    },
    async () => {
      if (app.isDraining()) throw new CoatcheckError('draining')
      const { warnings, away } = await store.check()
      const status = away.length === 0 ? ('ok' as const) : ('degraded' as const)
      return { status, warnings: [...warnings], away: [...away] }
    },
  )
}
