/** What the service has counted, for Prometheus. */
import type { FastifyPluginAsync } from 'fastify'
import { type OperatorAccess, onlyOnPort } from '../operator-access.ts'

export type Metrics = {
  readonly contentType: string
  /** Never rejects: what cannot be found out now is left out. */
  text(): Promise<string>
}

export type MetricsRouteOptions = { readonly metrics: Metrics; readonly access: OperatorAccess }

export const metricsRoute: FastifyPluginAsync<MetricsRouteOptions> = async (app, { metrics, access }) => {
  app.get(
    '/metrics',
    {
      config: { access: access.kind === 'api-key' ? 'api-key' : 'anybody', isProbe: true, asksNothing: true },
      onRequest: onlyOnPort(access),
      schema: { hide: true },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )
}
