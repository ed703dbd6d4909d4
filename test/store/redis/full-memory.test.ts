/** Redis at its maxmemory: a write, rotation or end is judged by its effect. */
import { Redis } from 'ioredis'
import t from 'tap'
import { openRedisStore } from '../../../src/store/redis/store.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'
import { testWhenFull } from '../when-full.ts'

t.test('in a full Redis nothing grows, and everything else goes on', async (t) => {
  const server = await startRedis()
  const store = openRedisStore({ url: server.url })
  const admin = new Redis(server.port)
  t.teardown(async () => {
    admin.disconnect()
    await store.close()
    await server.stop()
  })
  await until(
    () =>
      store.check().then(
        () => true,
        () => false,
      ),
    'the store answers',
  )
  await testWhenFull(t, store, () => admin.config('SET', 'maxmemory', '1'))
})
