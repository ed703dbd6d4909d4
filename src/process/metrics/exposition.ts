/**
 * What was counted, as the text that Prometheus reads, together with what Node says of itself. prom-client makes both. To load
 * it takes longer than anything else that a start does, so it is loaded once the service serves.
 */
import type { Metric, Registry } from 'prom-client'
import type { Family } from './families.ts'

/** How often the delay of the event loop is looked at, in ms: an idle process is woken for it. */
const LOOP_MS = 20

/**
 * These go through all that is open: with ten thousand streams that holds the process up, and what they tell is told by other
 * families.
 */
const TOO_DEAR = [
  ...['nodejs_active_handles', 'nodejs_active_handles_total'],
  ...['nodejs_active_requests', 'nodejs_active_requests_total'],
  ...['nodejs_active_resources', 'nodejs_active_resources_total'],
]

/** A family of ours as prom-client takes what it did not make itself. */
const metricOf = (family: Family): Metric =>
  ({
    name: family.name,
    get: async () => ({
      name: family.name,
      help: family.help,
      type: family.type,
      values: family.read(),
      aggregator: 'sum',
    }),
  }) as unknown as Metric

export const createExposition = async (families: readonly Family[]): Promise<Registry> => {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const registry = new Registry()
  for (const family of families) registry.registerMetric(metricOf(family))
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_MS })
  for (const name of TOO_DEAR) registry.removeSingleMetric(name)
  return registry
}
