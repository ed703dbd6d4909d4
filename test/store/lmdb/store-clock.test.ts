import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { createStoreClock } from '../../../src/store/lmdb/store-clock.ts'
import type { Live } from '../../../src/store/port.ts'
import { until } from '../../helpers/until.ts'
import { childStarter } from './child-process.ts'
import { dump } from './raw.ts'
import { aWrite, newRef, put } from './session.ts'

const NOON = 1_700_000_000_000
const HOUR = 3_600_000
const HOURLY = { clocks: { idleTimeoutSeconds: 3600, lifetimeSeconds: 3600 } }

t.test('the time goes with the clock, and stands still while that is behind', async (t) => {
  let now = NOON
  const store = await openLmdbStore({ path: join(t.testdir(), 'data'), clock: () => now })
  t.equal(store.now(), NOON)
  now += 1500.7
  t.equal(store.now(), NOON + 1500, 'in whole milliseconds')
  now = NOON - HOUR
  t.equal(store.now(), NOON + 1500)
  t.match(await store.check(), { warnings: [/The clock is 3602 s behind .* nothing expires/], away: [] })
  now = NOON + HOUR
  t.equal(store.now(), now)
  t.strictSame(await store.check(), { warnings: [], away: [] })
  await store.close()
})

t.test('a clock that was set back while the store was closed brings nothing back that was over', async (t) => {
  for (const seen of ['read', 'touch', 'write', 'sweep'] as const) {
    const path = join(t.testdir(), 'data')
    let now = NOON
    const before = await openLmdbStore({ path, clock: () => now })
    const ref = newRef()
    await put(before, ref, { a: '1' }, HOURLY)
    now += HOUR
    if (seen === 'read') t.match(await before.read(ref), { state: 'missing' })
    if (seen === 'touch') t.match(await before.touch(ref, null), { state: 'missing' })
    if (seen === 'write') t.match(await before.write(ref, aWrite({ create: 'never' })), { state: 'missing' })
    if (seen === 'sweep') t.equal(await before.sweep(), 1)
    await before.close()

    const after = await openLmdbStore({ path, clock: () => NOON })
    t.equal(after.now(), NOON + HOUR, `after a ${seen}`)
    t.match(await after.read(ref), { state: 'missing' })
    t.match(await after.touch(ref, null), { state: 'missing' })
    await after.close()
  }
})

t.test('a clock that is behind judges new sessions by the time that was stored', async (t) => {
  const path = join(t.testdir(), 'data')
  const ahead = await openLmdbStore({ path, clock: () => NOON + HOUR })
  await put(ahead, newRef(), { a: '1' })
  await ahead.close()

  let now = NOON
  const store = await openLmdbStore({ path, clock: () => now })
  const ref = newRef()
  await put(store, ref, { a: '1' }, HOURLY)
  t.match((await store.read(ref)) as Live, { record: { createdAt: NOON + HOUR, endsAt: NOON + 2 * HOUR } })
  now = NOON + 2 * HOUR - 1
  t.match(await store.read(ref), { state: 'live' })
  now = NOON + 2 * HOUR
  t.match(await store.read(ref), { state: 'missing' })
  await store.close()
})

t.test('the time is stored once a second at most', async (t) => {
  const path = join(t.testdir(), 'data')
  let now = NOON
  const stored = async (): Promise<number> => Number.parseInt((await dump(path)).meta.time as string, 16)
  const step = async (ms: number): Promise<number> => {
    now += ms
    const store = await openLmdbStore({ path, clock: () => now })
    await put(store, newRef(), { a: '1' })
    await store.close()
    return stored()
  }
  t.equal(await step(0), NOON)
  t.equal(await step(999), NOON)
  t.equal(await step(1), NOON + 1000)
})

t.test('a time that could not be stored is stored the next time', (t) => {
  let now = NOON
  const clock = createStoreClock(() => now, NOON - 1000)
  clock.now()
  t.equal(clock.toStore(), NOON)
  t.equal(clock.toStore(), NOON, 'until it is said that it was')
  clock.wasStored(NOON)
  t.equal(clock.toStore(), null)

  now += 500
  clock.now()
  clock.foundOver(NOON)
  t.notOk(clock.owesTime(), 'the stored time calls it over, too')
  clock.foundOver(NOON + 1)
  t.ok(clock.owesTime())
  t.equal(clock.toStore(), NOON + 500)
  t.end()
})

t.test('what a reader found over is over after kill -9 as well', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'data')
  const child = childStarter(join(folder, 'build'))(t, path, 1)
  await child.first
  await until(() => child.messages.length > 10, 'it has written')
  await child.signal('SIGKILL')
  const store = await openLmdbStore({ path, clock: () => 0 })
  t.ok(Date.now() - store.now() < 60_000, 'the time goes on from what that process has stored')
  await store.close()
})
