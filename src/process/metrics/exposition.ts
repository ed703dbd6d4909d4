/**
 * What was counted, as the text that Prometheus reads, together with what Node says of itself, which prom-client knows. To load
 * that takes longer than anything else that a start does, so it is loaded when somebody asks, or some time after the start.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Registry } from 'prom-client'
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
  ...['nodejs_active_resources', 'nodejs_active_resources_total', 'process_open_fds'],
]

/** So many lines are made before others have their turn. */
const LINES_A_TURN = 250

export const loadNodeMetrics = async (): Promise<Registry> => {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_MS })
  for (const name of TOO_DEAR) registry.removeSingleMetric(name)
  return registry
}

export const textOf = async (families: readonly Family[]): Promise<string> => {
  const lines: string[] = []
  for (const { name, help, type, lines: own } of families) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
    for (const line of own()) {
      if (lines.push(line) % LINES_A_TURN === 0) await nextTurn()
    }
  }
  const text = `${lines.join('\n')}\n`
  await nextTurn()
  return text
}
