/** The faults: what is done, and how it is undone. `run.ts` does them under load. */
import type { Bench } from './bench.ts'
import { CLUSTER_FAULTS } from './scenarios-cluster.ts'
import { LINE_FAULTS } from './scenarios-line.ts'
import { REDIS_FAULTS } from './scenarios-redis.ts'
import { SENTINEL_FAULTS } from './scenarios-sentinel.ts'
import { SERVICE_FAULTS } from './scenarios-service.ts'
import type { Scenario, Scene } from './scene.ts'

/** Where a fault is. Of different places, two may be done at once. */
export type Place = 'servers' | 'line' | 'service'

type Placed = Scenario & { readonly place: Place }

const at = (place: Place, all: readonly Scenario[]): Placed[] => all.map((one) => ({ ...one, place }))

export const SCENARIOS: readonly Placed[] = [
  ...at('servers', REDIS_FAULTS),
  ...at('line', LINE_FAULTS),
  ...at('service', SERVICE_FAULTS),
  ...at('servers', SENTINEL_FAULTS),
  ...at('servers', CLUSTER_FAULTS),
]

/** Who has which session is found out before any harm: later there may be nobody to ask. */
const asItWas = async ({ bench, load }: Scene): Promise<Bench> => {
  const servers = await Promise.all(load.shared.map((session) => bench.serverOf(session)))
  return {
    ...bench,
    serverOf: async (session) => servers[load.shared.indexOf(session)] ?? bench.serverOf(session),
  }
}

/** Both at once. What one of them may lose may be lost. */
export const combined = (one: Scenario, other: Scenario): Scenario => {
  const losses = [one, other].flatMap(({ losesMs }) => losesMs ?? [])
  return {
    name: `${one.name}, and ${other.name}`,
    on: one.on.filter((topology) => other.on.includes(topology)),
    lastsMs: Math.max(one.lastsMs, other.lastsMs),
    ...(losses.length === 0 ? {} : { losesMs: Math.max(...losses) }),
    mayBeFull: one.mayBeFull === true || other.mayBeFull === true,
    isProxied: one.isProxied === true || other.isProxied === true,
    async harm(scene) {
      const bench = await asItWas(scene)
      // Whatever the one spares, the other may harm.
      const both = { ...scene, bench, spare: () => {} }
      const heals = [await one.harm(both), await other.harm(both)]
      return async () => {
        // One may need that the other is healed.
        await Promise.all(heals.map((heal) => heal()))
        return undefined
      }
    },
  }
}
