/** A process that could do nothing for a while does not take its own stall for one of Redis. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { onTick, runningTime } from '../../../src/running-time.ts'
import { onGap } from '../../../src/store/redis/redis-time.ts'
import { openRedisStore } from '../../../src/store/redis/store.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'

const STALL_MS = 2500

const stall = (): void => {
  for (const end = performance.now() + STALL_MS; performance.now() < end; );
}

t.test('answers that lay unread while the process was busy are no outage', async (t) => {
  const redis = await startRedis()
  const causes: unknown[] = []
  const store = openRedisStore({ url: redis.url, onState: (_server, cause) => causes.push(cause) })
  t.teardown(async () => {
    await store.close()
    await redis.stop()
  })
  await store.check()
  const read = () => store.read({ namespace: 'shop', id: randomUUID() })
  for (let round = 0; round < 3; round++) {
    const under = Array.from({ length: 5 }, read)
    stall()
    for (const { state } of await Promise.all(under)) t.equal(state, 'missing')
    t.equal((await read()).state, 'missing', 'and the next call is served')
  }
  t.strictSame(causes, [undefined], 'it was never away')
})

t.test('the running time stands still meanwhile', async (t) => {
  let ticks = 0
  const stop = onTick(() => {
    ticks += 1
  })
  await until(() => ticks > 3, 'it ticks')
  const before = runningTime()
  stall()
  t.ok(runningTime() - before < 100, 'a stall is no time')
  const again = ticks
  await until(() => ticks > again, 'it ticks again')
  stop()
})

t.test(
  'a gap is noticed: a stall, and a wall clock that leaves the monotonic one, as after a sleep of the machine',
  async (t) => {
    let gaps = 0
    let ticks = 0
    for (const stop of [onGap(() => (gaps += 1)), onTick(() => (ticks += 1))]) t.teardown(stop)
    const noticed = async (what: string, cause: () => void): Promise<void> => {
      const [before, at] = [gaps, ticks]
      cause()
      await until(() => gaps > before && ticks > at, what)
    }
    await until(() => ticks > 3, 'it ticks')
    await noticed('a stall', stall)
    const { now } = Date
    t.teardown(() => {
      Date.now = now
    })
    await noticed('a step of the clock', () => {
      Date.now = () => now() + 60_000
    })
    await noticed('the step back', () => {
      Date.now = now
    })
  },
)
