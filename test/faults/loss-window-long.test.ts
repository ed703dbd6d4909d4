/**
 * What a fail-over may lose, measured: Redis answers a write before its replicas have it. Here the line from the master to
 * its replicas is slow, the master is killed under a steady load, and every write that was answered is looked for after. The
 * loss is no older than the replicas were behind.
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

const writeSteadily = (store: Store) => {
  const done: Done[] = []
  let isOn = true
  const running = (async () => {
    const calls: Promise<unknown>[] = []
    while (isOn) {
      const id = randomUUID()
      const call = store.write({ namespace: 'shop', id }, write()).then(
        () => done.push({ id, at: performance.now() }),
        () => {},
      )
      calls.push(call)
      await delay(WRITES_MS)
    }
    await Promise.all(calls)
  })()
  return {
    done,
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

    const store = openRedisStore({ url: group.url })
    t.teardown(() => store.close())
    const { done, stop } = writeSteadily(store)
    const loadedUntil = performance.now() + LOAD_MS
    await until(() => performance.now() > loadedUntil, 'there was load for a while')
    const killedAt = performance.now()
    await master.kill()
    await stop()
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
    const found = await Promise.all(done.map(({ id }) => store.read({ namespace: 'shop', id })))
    const lost = done.filter((_, at) => found[at]?.state !== 'live')
    const oldest = Math.round(Math.max(0, ...lost.map(({ at }) => killedAt - at)))
    t.ok(done.length > 100)
    t.ok(
      oldest <= lagMs + SLACK_MS,
      `${lost.length} of ${done.length} answered writes lost, the oldest ${oldest} ms before the master's end`,
    )
    if (lagMs > 0) t.ok(lost.length > 0, 'the replicas were behind, so this measures something')
  })
}
