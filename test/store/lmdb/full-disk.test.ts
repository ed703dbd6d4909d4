import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { StoreFull, StoreUnavailable } from '../../../src/store/port.ts'
import { testWhenFull } from '../when-full.ts'
import { compileForPlainNode } from './child-process.ts'
import { aWrite, DELETED, newRef, put, texts } from './session.ts'

const MEBIBYTE = 1024 * 1024

t.test('on a full disk nothing grows, and everything else goes on', async (t) => {
  let [free, now] = [1000 * MEBIBYTE, Date.now()]
  const store = await openLmdbStore({
    path: join(t.testdir(), 'data'),
    clock: () => now,
    reserveBytes: 100 * MEBIBYTE,
    freeBytes: () => free,
  })
  const [ref, brief] = [newRef(), newRef()]
  await put(store, ref, { a: '1' })
  await put(store, brief, { a: '1' }, { clocks: { idleTimeoutSeconds: 60, lifetimeSeconds: 60 } })
  await testWhenFull(t, store, async () => {
    free = 100 * MEBIBYTE - 1
  })
  const count = await store.count()

  now += 60_000
  t.match(await store.touch(ref, null), { record: { lastSeenAt: now } })
  t.equal(await store.sweep(), 1)
  t.equal(await store.count(), count - 1)
  t.match(await store.check(), {
    warnings: [/^99 MiB of the disk are free, less than the reserve of 100: writes that grow are refused/],
  })

  free = 199 * MEBIBYTE
  t.match(
    await put(store, ref, { c: '1' }),
    { state: 'written', changed: true },
    'when there is room again it is taken',
  )
  t.match(await store.check(), {
    warnings: [/^199 MiB of the disk are free. Below 100 writes that grow will be refused/],
  })
  free = 200 * MEBIBYTE
  t.strictSame(await store.check(), { warnings: [], away: [] })
  await store.close()
})

t.test('what was removed makes room in the file, whatever the disk says', async (t) => {
  let [free, now] = [1000 * MEBIBYTE, Date.now()]
  const store = await openLmdbStore({
    path: join(t.testdir(), 'data'),
    clock: () => now,
    reserveBytes: 4 * MEBIBYTE,
    freeBytes: () => free,
  })
  const fill = async (sessions: number) => {
    const text = texts({ text: `"${'x'.repeat(16_000)}"` })
    const clocks = { idleTimeoutSeconds: 60, lifetimeSeconds: 60 }
    await Promise.all(Array.from({ length: sessions }, () => store.write(newRef(), aWrite({ set: text, clocks }))))
  }
  await fill(250)
  free = 4 * MEBIBYTE - 1
  await t.rejects(fill(1), StoreFull, 'there are 4 MiB of sessions')
  now += 60_000
  await t.rejects(fill(1), StoreFull, 'also when they are over')
  t.equal(await store.sweep(), 250)
  t.strictSame((await store.check()).warnings.length, 1)
  await fill(50)
  free = 2 * MEBIBYTE - 1
  await t.rejects(fill(1), StoreFull, 'half of the reserve is for what must go on')
  free = 2 * MEBIBYTE
  const fillUp = async () => {
    for (let lots = 0; lots < 30; lots++) await fill(10)
  }
  await t.rejects(fillUp(), StoreFull, 'and when the room in the file is used up, that was all')
  await store.close()
})

t.test('the free space of the file system is what counts', async (t) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path, reserveBytes: 2 ** 60 })
  await t.rejects(put(store, newRef(), { a: '1' }), StoreFull)
  await store.close()
  const roomy = await openLmdbStore({ path, reserveBytes: 0 })
  t.match(await put(roomy, newRef(), { a: '1' }), { state: 'written' })
  await roomy.close()
})

t.test('a disk that does not answer is a store that is away, and no full one', async (t) => {
  const freeBytes = async (): Promise<number> => {
    throw new Error('no such device')
  }
  const store = await openLmdbStore({ path: join(t.testdir(), 'data'), freeBytes })
  await t.rejects(put(store, newRef(), { a: '1' }), StoreUnavailable)
  t.match(await store.end(newRef(), DELETED), { state: 'ended' })
  await store.close()
})

t.test('a disk that fills unnoticed takes nothing back that was answered', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'data')
  const script = compileForPlainNode(join(folder, 'build'), 'test/store/lmdb/fill.ts')
  // A limit to the size of files makes writes fail as a full disk does; the process lives under it as under no other.
  const child = spawnSync('bash', ['-c', `ulimit -f 2048 && exec "$0" "$@"`, process.execPath, script, path], {
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })
  t.equal(child.status, 0, child.stderr.slice(0, 1000))
  const { refs, failure, afterwards } = JSON.parse(child.stdout)
  t.ok(refs.length > 20, `${refs.length} writes of 16 KiB were taken`)
  // A write that fitted in part is told as an I/O error, one that did not fit at all as what it is.
  t.match(failure, /^Store(Full|Unavailable)$/)
  t.match(afterwards, ['live', /^Store(Full|Unavailable)$/], 'it still reads, and says so again')

  const store = await openLmdbStore({ path })
  for (const found of await store.readMany(refs)) t.match(found, { state: 'live', record: { revision: 1 } })
  t.equal(await store.count(), refs.length)
  await store.close()
})
