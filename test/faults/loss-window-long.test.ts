/**
 * What a fail-over may lose, measured: Redis answers a write before its replicas have it. Here the line from the master to
 * its replicas is slow, the master is killed under a steady load, and every write that was answered is looked for after. The
 * loss is no older than the replicas were behind. Beside it writes a namespace whose writes must be on all replicas first: of
 * what was answered there, nothing is lost.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Store, Write } from '../../src/store/port.ts'
import { openRedisStore } from '../../src/store/redis/store.ts'
import { startSentinels } from '../helpers/redis-sentinel.ts'
import { until } from '../helpers/until.ts'
import { startFaultProxy } from './proxy.ts'

const WRITES_MS = 5
const LOAD_MS = 2000
/** Beside the line: Redis hands writes on at once, but this machine may be busy. */
const SLACK_MS = 300

const write = (): Write => ({
  credential: null,
  create: 'must-be-missing',
  clocks: { idleTimeoutSeconds: 1000, lifetimeSeconds: 1000 },
  writes: true,
  use: true,
  limits: { bytes: 1000, keys: 10 },
})

type Done = { readonly id: string; readonly at: number }

/** Both are written to the same Redis. */
const PLAIN = 'shop'
const SAFE = 'safe'
const REPLICAS = 2

const writeSteadily = (store: Store, namespace: string) => {
  const done: Done[] = []
  const refused: unknown[] = []
  let isOn = true
  const running = (async () => {
    const calls: Promise<unknown>[] = []
    while (isOn) {
      const id = randomUUID()
      const call = store.write({ namespace, id }, write()).then(
        () => done.push({ id, at: performance.now() }),
        (error) => refused.push(error),
      )
      calls.push(call)
      await delay(WRITES_MS)
    }
    await Promise.all(calls)
  })()
  return {
    done,
    refused,
    namespace,
    stop: () => {
      isOn = false
      return running
    },
  }
}

for (const lagMs of [0, 100, 500]) {
  t.test(`with replicas that are ${lagMs} ms behind`, async (t) => {
    const group = await startSentinels(t)
    const master = await group.master()
    const line = await startFaultProxy(t, { port: master.port })
    for (const replica of await group.replicas()) await replica.call('REPLICAOF', '127.0.0.1', String(line.port))
    const follow = async (): Promise<boolean> => {
      const infos = await Promise.all((await group.replicas()).map((one) => one.call('INFO', 'replication')))
      return infos.length === 2 && infos.every((info) => String(info).includes('master_link_status:up'))
    }
    await until(follow, 'the replicas follow by the other line')
    await line.set({ kind: 'latency', ms: lagMs })

    const store = openRedisStore({
      url: group.url,
      copies: { needed: REPLICAS, isFor: (namespace) => namespace === SAFE },
    })
    t.teardown(() => store.close())
    const writers = [writeSteadily(store, PLAIN), writeSteadily(store, SAFE)] as const
    const loadedUntil = performance.now() + LOAD_MS
    await until(() => performance.now() > loadedUntil, 'there was load for a while')
    const killedAt = performance.now()
    const unconfirmed = writers[1].refused.length
    await master.kill()
    await Promise.all(writers.map(({ stop }) => stop()))
    await line.stop()
    await group.promoted(master)
    await until(
      () =>
        store.check().then(
          () => true,
          () => false,
        ),
      'it serves again',
    )
    const lostOf = async ({ namespace, done }: (typeof writers)[number]): Promise<Done[]> => {
      const found = await Promise.all(done.map(({ id }) => store.read({ namespace, id })))
      return done.filter((_, at) => found[at]?.state !== 'live')
    }
    const [{ done }, { done: safe }] = writers
    const lost = await lostOf(writers[0])
    const oldest = Math.round(Math.max(0, ...lost.map(({ at }) => killedAt - at)))
    t.ok(done.length > 100)
    t.ok(
      oldest <= lagMs + SLACK_MS,
      `${lost.length} of ${done.length} answered writes lost, the oldest ${oldest} ms before the master's end`,
    )
    if (lagMs > 0) t.ok(lost.length > 0, 'the replicas were behind, so this measures something')
    t.strictSame(
      await lostOf(writers[1]),
      [],
      `none of ${safe.length} that replicas had to have; ${unconfirmed} were refused before the master's end`,
    )
    // A confirmation takes the line there and back.
    if (lagMs < 200) t.ok(safe.length > 100)
    else t.ok(unconfirmed > 0, 'replicas that are too far behind are told')
  })
}
