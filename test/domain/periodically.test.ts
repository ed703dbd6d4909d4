import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { periodically } from '../../src/domain/periodically.ts'
import { openLmdbStore } from '../../src/store/lmdb/store.ts'
import { type Store, StoreUnavailable } from '../../src/store/port.ts'
import { until } from '../helpers/until.ts'

/** A store of which nothing is asked but to sweep. */
const sweeping = (sweep: Store['sweep']): Store => ({ sweep }) as Store

const never = (error: unknown): void => {
  throw error
}

t.test('what is over is swept away, again and again', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-sweeper-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  let now = Date.now()
  const store = await openLmdbStore({ path, clock: () => now })
  t.teardown(() => store.close())
  const sweeper = periodically(() => store.sweep(), { later: true, intervalMs: 5, onError: never })
  t.teardown(() => sweeper.stop())
  for (let time = 0; time < 2; time++) {
    await store.write(
      { namespace: 'shop', id: randomUUID() },
      {
        credential: null,
        create: 'if-missing',
        clocks: { idleTimeoutSeconds: 60, lifetimeSeconds: 3600 },
        writes: true,
        limits: { bytes: 1000, keys: 10 },
        use: true,
      },
    )
    t.equal(await store.count(), 1)
    now += 3_600_000
    await until(async () => (await store.count()) === 0, 'the session is swept away')
  }
})

t.test('a sweep that fails is told of, and the next one comes all the same', async (t) => {
  const errors: unknown[] = []
  let sweeps = 0
  const away = new StoreUnavailable()
  const store = sweeping(async () => {
    if (sweeps++ < 2) throw away
    return 0
  })
  const sweeper = periodically(() => store.sweep(), {
    later: true,
    intervalMs: 2,
    onError: (error) => errors.push(error),
  })
  t.teardown(() => sweeper.stop())
  await until(() => sweeps >= 4, 'sweeps go on')
  t.strictSame(errors, [away, away])
})

t.test('no sweep begins before the last has ended, however long it takes', async (t) => {
  let [running, most, sweeps] = [0, 0, 0]
  const store = sweeping(async () => {
    most = Math.max(most, ++running)
    const end = performance.now() + 10
    await until(() => performance.now() > end, 'the sweep has taken its time')
    running--
    return ++sweeps
  })
  const sweeper = periodically(() => store.sweep(), { later: true, intervalMs: 1, onError: never })
  await until(() => sweeps >= 3, 'there were three sweeps')
  await sweeper.stop()
  t.equal(most, 1)
})

t.test('stopping awaits the sweep that is under way, and none comes after it', async (t) => {
  let finish = (): void => {}
  let [begun, ended] = [0, 0]
  const store = sweeping(async () => {
    begun++
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return ++ended
  })
  const sweeper = periodically(() => store.sweep(), { later: true, intervalMs: 1, onError: never })
  await until(() => begun === 1, 'a sweep is under way')
  const stopped = sweeper.stop().then(() => ended)
  finish()
  t.equal(await stopped, 1)
  const end = performance.now() + 20
  await until(() => performance.now() > end, 'another sweep would have begun')
  t.equal(begun, 1)
})

t.test('a sweeper that has not swept yet can be stopped, also twice', async (t) => {
  let sweeps = 0
  const sweeper = periodically(async () => ++sweeps, {
    later: true,
    intervalMs: 60_000,
    onError: never,
  })
  await sweeper.stop()
  await sweeper.stop()
  t.equal(sweeps, 0)
})

t.test('what is under way is told to stop, and waited for', async (t) => {
  let ended = false
  const sweeper = periodically(
    async (stopping) => {
      await until(() => stopping.aborted, 'it is told to stop')
      ended = true
    },
    { intervalMs: 5, onError: never },
  )
  await sweeper.stop()
  t.ok(ended)
})
