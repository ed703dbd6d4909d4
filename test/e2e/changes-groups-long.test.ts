/**
 * What readers of events are told while a group of Redis breaks under them, on Sentinels and on a Cluster: two replicas of the
 * compiled service, one of which is killed, subscriptions that are cut, and masters that are killed. In the end each reader
 * holds what the store holds, whatever a fail-over has lost.
 */
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { startCluster } from '../helpers/redis-cluster.ts'
import { startSentinels } from '../helpers/redis-sentinel.ts'
import type { RedisServer } from '../helpers/redis-server.ts'
import { type Replica, startReplica } from '../helpers/replica.ts'
import { followAll, keepWriting, make, readAll } from '../helpers/two-replicas.ts'
import { until } from '../helpers/until.ts'

const SESSIONS = 100
/** A stream looks at its session every 15 s, whatever it was told. */
const LOOKED_MS = 40_000

type Group = {
  readonly url: string
  readonly servers: readonly RedisServer[]
  /** Kills a master, and waits until another server is the master in its place. */
  failOver(): Promise<RedisServer>
  settled(): Promise<void>
}

const onSentinels = async (t: Test): Promise<Group> => {
  const { url, servers, master, promoted, settled } = await startSentinels(t)
  return {
    ...{ url, servers, settled },
    async failOver() {
      const victim = await master()
      await victim.kill()
      await promoted(victim)
      return victim
    },
  }
}

const onCluster = async (t: Test): Promise<Group> => {
  const { url, servers, masterOf, promoted, settled } = await startCluster(t)
  return {
    ...{ url, servers, settled },
    async failOver() {
      const victim = await masterOf(0)
      await victim.kill()
      await promoted(victim)
      return victim
    },
  }
}

const readersEndWithTheState = async (t: Test, { url, servers, failOver, settled }: Group): Promise<void> => {
  const start = () => startReplica(t, { COATCHECK_STORE: url })
  const [first, second] = (await Promise.all([start(), start()])) as [Replica, Replica]
  const ids = await make(first, SESSIONS)
  const followers = await followAll(t, [first, second], ids)
  const writers = keepWriting(t, [first, second], ids)
  const cut = (): void => {
    for (const server of servers) void server.call('CLIENT', 'KILL', 'TYPE', 'pubsub').catch(() => {})
  }
  const cutting = setInterval(cut, 700)
  t.teardown(() => clearInterval(cutting))

  await writers.writes(300)
  await first.kill()
  await writers.writes(200)
  await first.start()
  await writers.writes(200)
  const victim = await failOver()
  await writers.writes(300)
  await victim.start()
  await writers.writes(200)
  clearInterval(cutting)
  await settled()
  await writers.writes(100)
  await writers.stop()

  const stored = await readAll(second, ids)
  const isBehind = (one: (typeof followers)[number]): boolean => !isDeepStrictEqual(one.state(), stored.get(one.id))
  await until(() => !followers.some(isBehind), 'every reader holds what the store holds', LOOKED_MS)
  t.strictSame(
    followers.flatMap(({ faults }) => faults),
    [],
    'every change went on from what its reader held',
  )
  t.ok(followers.filter(({ streams }) => streams() > 1).length >= ids.length, 'those of the killed replica came back')
}

for (const [name, begin] of Object.entries({ Sentinels: onSentinels, 'a Cluster': onCluster })) {
  t.test(`on ${name} every reader ends with what the store holds`, async (t) => {
    await readersEndWithTheState(t, await begin(t))
  })
}
