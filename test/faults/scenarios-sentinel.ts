/** Faults of a group with Sentinels. */
import type { SentinelGroup } from '../helpers/redis-sentinel.ts'
import type { RedisServer } from '../helpers/redis-server.ts'
import type { Heal, Scenario, Scene } from './scene.ts'

const ON = ['sentinel'] as const

/** What was acknowledged in the last moments may not have been replicated. */
const LOSES_MS = 1000

const groupOf = ({ bench }: Scene): SentinelGroup => {
  if (!bench.sentinels) throw new Error('There are no Sentinels here.')
  return bench.sentinels
}

/** Waits for the fail-over, and then has everything put back that was harmed. */
const failedOver =
  (scene: Scene, master: RedisServer, putBack: () => Promise<unknown>): Heal =>
  async () => {
    const group = groupOf(scene)
    const { at } = await group.promoted(master)
    await scene.failedOver()
    await putBack()
    await group.settled()
    return at
  }

export const SENTINEL_FAULTS: readonly Scenario[] = [
  {
    name: 'the master is killed',
    on: ON,
    quickOn: ON,
    lastsMs: 0,
    losesMs: LOSES_MS,
    async harm(scene) {
      const group = groupOf(scene)
      const master = await group.master()
      await master.kill()
      return failedOver(scene, master, () => master.start())
    },
  },
  {
    name: 'the master is frozen, and thawed after the fail-over',
    on: ON,
    lastsMs: 0,
    losesMs: LOSES_MS,
    async harm(scene) {
      const group = groupOf(scene)
      const master = await group.master()
      master.freeze()
      return failedOver(scene, master, async () => master.thaw())
    },
  },
  {
    name: 'a Sentinel hangs, and the master is killed',
    on: ON,
    lastsMs: 0,
    losesMs: LOSES_MS,
    async harm(scene) {
      const group = groupOf(scene)
      const master = await group.master()
      // The first one is asked first.
      const [first] = group.sentinels as [RedisServer]
      first.freeze()
      await master.kill()
      return failedOver(scene, master, async () => {
        first.thaw()
        await master.start()
      })
    },
  },
  {
    name: 'all Sentinels are restarted',
    on: ON,
    lastsMs: 500,
    async harm(scene) {
      const group = groupOf(scene)
      scene.spare(scene.load.shared)
      await Promise.all(group.sentinels.map((one) => one.kill()))
      return async () => {
        await Promise.all(group.sentinels.map((one) => one.start()))
        const at = performance.now()
        await group.settled()
        return at
      }
    },
  },
  {
    name: 'a replica of Redis is killed, and started again',
    on: ON,
    lastsMs: 500,
    async harm(scene) {
      const group = groupOf(scene)
      scene.spare(scene.load.shared)
      const [replica] = (await group.replicas()) as [RedisServer]
      await replica.kill()
      return async () => {
        await replica.start()
        const at = performance.now()
        await group.settled()
        return at
      }
    },
  },
]
