/** The conformance suite on Redis: one server, and a Cluster of one node, which refuses what crosses slots. */
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Store } from '../../../src/store/port.ts'
import { openRedisStore } from '../../../src/store/redis/store.ts'
import { conformance } from '../../conformance/index.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'

/** Opens a store and waits until it answers. */
const openWhenReady = async (url: string): Promise<Store> => {
  const store = openRedisStore({ url })
  await until(
    () =>
      store.check().then(
        () => true,
        () => false,
      ),
    'the store answers',
  )
  return store
}

t.test('Redis', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  await conformance(t, { open: () => openWhenReady(server.url), elapse: (ms) => delay(ms), replicas: 2 })
})

t.test('a Cluster', async (t) => {
  const server = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] })
  t.teardown(() => server.stop())
  const admin = new Redis(server.port)
  await admin.cluster('ADDSLOTSRANGE', 0, 16383)
  await until(async () => String(await admin.cluster('INFO')).includes('cluster_state:ok'), 'the Cluster is up')
  admin.disconnect()
  const url = `redis+cluster://127.0.0.1:${server.port}`
  await conformance(t, { open: () => openWhenReady(url), elapse: (ms) => delay(ms), replicas: 2 })
})
