import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { dump } from './raw.ts'
import { aWrite, DELETED, newRef, put, texts } from './session.ts'

const NOON = 1_700_000_000_000
const MINUTE = { clocks: { idleTimeoutSeconds: 60, lifetimeSeconds: 60 } }

const openAt = async (t: Test) => {
  const path = join(t.testdir(), 'data')
  const time = { now: NOON }
  return { path, time, store: await openLmdbStore({ path, clock: () => time.now }) }
}

t.test('what is over leaves the disk, whatever it was', async (t) => {
  const { path, time, store } = await openAt(t)
  const repeat = { key: '0'.repeat(32), fingerprint: '1'.repeat(32) }
  const [live, ended] = [newRef(), newRef()]
  await put(store, live, { a: '1' }, { ...MINUTE, repeat })
  await put(store, ended, { a: '1' })
  await store.end(ended, { ...DELETED, tombstoneSeconds: 60 })
  t.equal(await store.count(), 1, 'tombstones and outcomes do not count')
  time.now = NOON + 59_999
  t.equal(await store.sweep(), 0)
  time.now = NOON + 60_000
  t.equal(await store.sweep(), 1)
  t.equal(await store.count(), 0)
  await store.close()
  const { sessions, expiries, lapses, outcomes } = await dump(path)
  t.strictSame({ sessions, expiries, lapses, outcomes }, { sessions: {}, expiries: {}, lapses: {}, outcomes: {} })
})

t.test('an outcome is kept for 60 s, and may then be another', async (t) => {
  const { path, time, store } = await openAt(t)
  const ref = newRef()
  const repeat = { key: '0'.repeat(32), fingerprint: '1'.repeat(32) }
  const write = (n: string) => store.write(ref, aWrite({ set: texts({ n }), repeat }))
  t.match(await write('1'), { repeated: false, version: { revision: 1 } })
  time.now = NOON + 59_999
  t.match(await write('2'), { repeated: true, version: { revision: 1 } })
  time.now = NOON + 60_000
  t.match(await write('2'), { repeated: false, version: { revision: 2 } })
  await store.sweep()
  t.match(await write('3'), { repeated: true, version: { revision: 2 } }, 'no sweep takes the new one with the old')
  time.now = NOON + 120_000
  await store.sweep()
  await store.close()
  const { outcomes, lapses } = await dump(path)
  t.strictSame({ outcomes, lapses }, { outcomes: {}, lapses: {} })
})

t.test('a sweep goes on until nothing is left that is over, and others come in between', async (t) => {
  const { path, time, store } = await openAt(t)
  await Promise.all(Array.from({ length: 700 }, () => put(store, newRef(), { a: '1' }, MINUTE)))
  await Promise.all(Array.from({ length: 300 }, () => store.end(newRef(), { ...DELETED, tombstoneSeconds: 60 })))
  await Promise.all(Array.from({ length: 300 }, () => put(store, newRef(), { a: '1' })))
  time.now = NOON + 60_000
  const finished: string[] = []
  const sweeping = store.sweep().then((swept) => {
    finished.push('sweep')
    return swept
  })
  await put(store, newRef(), { a: '1' })
  finished.push('write')
  t.equal(await sweeping, 700)
  t.strictSame(finished, ['write', 'sweep'])
  t.equal(await store.count(), 301)
  await store.close()
  t.equal(Object.keys((await dump(path)).sessions).length, 301)
})

t.test('two sweeps at once remove each session once', async (t) => {
  const { time, store } = await openAt(t)
  await Promise.all(Array.from({ length: 600 }, () => put(store, newRef(), { a: '1' }, MINUTE)))
  time.now = NOON + 60_000
  const swept = await Promise.all([store.sweep(), store.sweep()])
  t.equal(swept[0]! + swept[1]!, 600)
  await store.close()
})

t.test('a session has one place in the index, however often its deadline moves', async (t) => {
  const { path, time, store } = await openAt(t)
  const ref = newRef()
  await put(store, ref, { a: '1' })
  for (let n = 0; n < 5; n++) {
    time.now += 60_000
    t.match(await store.touch(ref, null), { record: { lastSeenAt: time.now } })
  }
  t.equal(await store.count(), 1)
  await store.end(ref, { ...DELETED, tombstoneSeconds: 1 })
  time.now += 1000
  await put(store, ref, { b: '1' })
  await store.close()
  const { sessions, expiries, lapses } = await dump(path)
  t.equal(Object.keys(sessions).length, 1)
  t.equal(Object.keys(expiries).length, 1)
  t.strictSame(lapses, {}, 'nor does a tombstone leave one')
})
