/** The conformance suite on Redis: one server, and a Cluster of one node, which refuses what crosses slots. */
import { Redis } from 'ioredis'
import t from 'tap'
import { startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'
import { conforms } from './conforms.ts'

t.test('Redis', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  await conforms(t, server.url)
})

t.test('a Cluster', async (t) => {
  const server = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] })
  t.teardown(() => server.stop())
  const admin = new Redis(server.port)
  await admin.cluster('ADDSLOTSRANGE', 0, 16383)
  await until(async () => String(await admin.cluster('INFO')).includes('cluster_state:ok'), 'the Cluster is up')
  admin.disconnect()
  await conforms(t, `redis+cluster://127.0.0.1:${server.port}`)
})
