/** Faults of a Cluster. */
import type { RedisCluster } from '../helpers/redis-cluster.ts'
import type { RedisServer } from '../helpers/redis-server.ts'
import { slotOf } from './bench.ts'
import type { Scenario, Scene } from './scene.ts'

const ON = ['cluster'] as const
const LOSES_MS = 1000
/** So soon after a master has failed what is on the others is served as if nothing were. */
const SPARED_AFTER_MS = 300

const clusterOf = ({ bench }: Scene): RedisCluster => {
  if (!bench.cluster) throw new Error('There is no Cluster here.')
  return bench.cluster
}

/** The master of the first shared session. What is on the others must not suffer. */
const victimOf = async (scene: Scene): Promise<RedisServer> => {
  const { bench, load } = scene
  const servers = await Promise.all(load.shared.map((session) => bench.serverOf(session)))
  const [master] = servers as [RedisServer]
  scene.spare(
    load.shared.filter((_, at) => servers[at] !== master),
    SPARED_AFTER_MS,
  )
  return master
}

const failOver = (
  name: string,
  harm: (one: RedisServer) => unknown,
  undo: (one: RedisServer) => unknown,
): Scenario => ({
  name,
  on: ON,
  lastsMs: 0,
  losesMs: LOSES_MS,
  async harm(scene) {
    const cluster = clusterOf(scene)
    const master = await victimOf(scene)
    await harm(master)
    return async () => {
      const { at } = await cluster.promoted(master)
      await scene.failedOver()
      await undo(master)
      await cluster.settled()
      return at
    }
  },
})

export const CLUSTER_FAULTS: readonly Scenario[] = [
  {
    ...failOver(
      'a master is killed',
      (one) => one.kill(),
      (one) => one.start(),
    ),
    quickOn: ON,
  },
  failOver(
    'a master is frozen, and thawed after the fail-over',
    (one) => one.freeze(),
    (one) => one.thaw(),
  ),
  {
    name: 'a master and its replica are gone for a while',
    on: ON,
    lastsMs: 2500,
    losesMs: LOSES_MS,
    async harm(scene) {
      const cluster = clusterOf(scene)
      const master = await victimOf(scene)
      const replica = await cluster.replicaOf(master)
      await Promise.all([replica.kill(), master.kill()])
      return async () => {
        await Promise.all([replica.start(), master.start()])
        await cluster.settled()
        return undefined
      }
    },
  },
  {
    name: 'slots are moved from master to master',
    on: ON,
    quickOn: ON,
    lastsMs: 0,
    async harm(scene) {
      const { bench, load } = scene
      const cluster = clusterOf(scene)
      scene.spare(load.shared)
      return async () => {
        const masters = await Promise.all(load.shared.map((session) => bench.serverOf(session)))
        const others = [...new Set(masters)]
        for (const [at, session] of load.shared.slice(0, 3).entries()) {
          const from = masters[at] as RedisServer
          const to = others[(others.indexOf(from) + 1) % others.length] as RedisServer
          const slot = await slotOf(from, session)
          await cluster.move(slot, from, to)
          // A slot that comes back before all nodes have heard that it had left may lose its keys: a node that hears late
          // of a later owner drops them.
          await cluster.settled()
          await cluster.move(slot, to, from)
        }
        await cluster.settled()
        return undefined
      }
    },
  },
]
