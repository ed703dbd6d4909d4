/** What a read finds, and that it leaves what it finds as it was. */
import type { EndReason } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { begin, DELETED, newRef, put, readLive, sorted } from './session.ts'

const MISSING = { state: 'missing' } as const

export const states: Concern = async (t, { store, other }) => {
  await t.test('what was never made is missing, however often it is read', async (t) => {
    const ref = newRef()
    const before = await store.count()
    t.strictSame(await store.read(ref), MISSING)
    t.strictSame(await store.readMany([ref, ref]), [MISSING, MISSING])
    t.strictSame(await store.touch(ref, null), MISSING)
    t.strictSame(await store.revoke(ref), MISSING)
    t.strictSame(await other.read(ref), MISSING)
    t.equal(await store.count(), before, 'nothing was made')
  })

  await t.test('a session begun without a write is live and unwritten', async (t) => {
    const ref = newRef()
    await begin(store, ref)
    const { record, settings } = await readLive(other, ref)
    t.equal(record.revision, 0)
    t.strictSame(sorted(settings), [])
  })

  await t.test('a session is read as it was written, as often as one likes', async (t) => {
    const ref = newRef()
    const begun = await begin(store, ref, { theme: '"dark"', n: '1' })
    for (const replica of [store, other, store]) {
      const found = await readLive(replica, ref)
      t.strictSame(found.record, begun.record)
      t.strictSame(sorted(found.settings), sorted(begun.settings))
    }
  })

  await t.test('an ended session is gone, with its reason, its time and its life', async (t) => {
    for (const reason of ['deleted', 'rotated', 'revoked'] satisfies EndReason[]) {
      const ref = newRef()
      const { record } = await begin(store, ref, { theme: '"dark"' })
      await store.end(ref, { ...DELETED, reason })
      const found = await other.read(ref)
      t.match(found, { state: 'gone', reason, life: record.life, endedAt: Number })
      t.ok(found.state === 'gone' && found.endedAt >= record.createdAt, 'ended after it was made')
      t.strictSame(Object.keys(found).sort(), ['endedAt', 'life', 'reason', 'state'], 'and nothing else is left')
    }
  })

  await t.test('one id is another session in another namespace', async (t) => {
    const here = newRef('here')
    const there = { namespace: 'there-2', id: here.id }
    await put(store, here, { where: '"here"' })
    t.strictSame(await store.read(there), MISSING)
    await put(store, there, { where: '"there"' })
    await store.end(here, DELETED)
    t.equal((await store.read(here)).state, 'gone')
    t.equal((await readLive(store, there)).settings.get('where'), '"there"')
  })

  await t.test('many are read in the order asked, each as it is', async (t) => {
    const [live, gone, unwritten, elsewhere] = [newRef(), newRef(), newRef(), newRef('elsewhere')]
    await Promise.all([put(store, live, { k: '1' }), store.end(gone, DELETED), begin(store, unwritten)])
    await put(store, elsewhere, { k: '2' })
    const refs = [gone, newRef(), live, unwritten, live, elsewhere, { ...elsewhere, namespace: 'conformance' }]
    const found = await other.readMany(refs)
    t.strictSame(
      found.map((one) => (one.state === 'live' ? (one.settings.get('k') ?? 'unwritten') : one.state)),
      ['gone', 'missing', '1', 'unwritten', '1', '2', 'missing'],
    )
    t.strictSame(found, await Promise.all(refs.map((ref) => other.read(ref))), 'as `read` finds them')
    t.strictSame(await store.readMany([]), [], 'none, if none is asked for')
  })

  await t.test('a hundred are read at once', async (t) => {
    const refs = Array.from({ length: 100 }, () => newRef())
    await Promise.all(refs.map((ref, at) => put(store, ref, { at: `${at}` })))
    const found = await other.readMany(refs)
    t.strictSame(
      found.map((one) => one.state === 'live' && one.settings.get('at')),
      refs.map((_, at) => `${at}`),
    )
  })
}
