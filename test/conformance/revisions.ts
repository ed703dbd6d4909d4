/** When the settings have a new version, and what a write says of what it did. */
import type { Concern } from './harness.ts'
import { aWrite, begin, is, newRef, put, readLive, sorted, texts, UNWRITTEN } from './session.ts'

export const revisions: Concern = async (t, { store, other }) => {
  await t.test('each change is one revision more, however many keys it touches', async (t) => {
    const ref = newRef()
    const steps = [
      { set: texts({ a: '1' }) },
      { set: texts({ a: '2', b: '1', c: '1' }) },
      { set: texts({ d: '1' }), remove: ['a', 'b'] },
      { remove: ['c'] },
      { set: texts({ e: '1' }), replace: true },
      { replace: true },
    ]
    const tags = new Set<string>()
    for (const [at, step] of steps.entries()) {
      const written = is(await store.write(ref, aWrite(step)), 'written')
      t.equal(written.version.revision, at + 1)
      t.equal(written.changed, true)
      t.equal(written.id, ref.id)
      t.match(written.version.tag, /^[\w-]{8}$/)
      tags.add(written.version.tag)
      const { record } = await readLive(other, ref)
      t.strictSame({ revision: record.revision, tag: record.tag }, written.version, 'as it is read')
    }
    t.equal(tags.size, steps.length, 'each has a tag of its own')
  })

  await t.test('a write that leaves every text as it was changes nothing', async (t) => {
    const ref = newRef()
    const { version } = await put(store, ref, { a: '1.0', b: '{"x":1,"y":2}' })
    const before = await store.read(ref)
    const same = [
      { set: texts({ a: '1.0' }) },
      { set: texts({ b: '{"x":1,"y":2}', a: '1.0' }), replace: true },
      { remove: ['c', 'd'] },
      { set: texts({ a: '1.0' }), remove: ['c'], writes: false },
      {},
    ]
    for (const step of same) {
      const written = is(await store.write(ref, aWrite(step)), 'written')
      t.match(written, { version, changed: false, began: false, added: 0, repeated: false })
      t.strictSame(await other.read(ref), before)
    }
  })

  await t.test('another text of an equal value is a change', async (t) => {
    const ref = newRef()
    await put(store, ref, { a: '1', b: '{"x":1,"y":2}' })
    t.match(await put(store, ref, { a: '1.0' }), { version: { revision: 2 }, changed: true })
    t.match(await put(store, ref, { b: '{"y":2,"x":1}' }), { version: { revision: 3 }, changed: true })
    t.match(await put(store, ref, { b: '{"y":2, "x":1}' }), { version: { revision: 4 }, changed: true })
  })

  await t.test('the first write begins the settings, even if it sets nothing', async (t) => {
    for (const step of [{}, { replace: true }, { remove: ['a'] }, { set: texts({ a: '1' }) }]) {
      const ref = newRef()
      await begin(store, ref)
      const first = is(await store.write(ref, aWrite(step)), 'written')
      t.match(first, { version: { revision: 1, tag: /^[\w-]{8}$/ }, changed: true, began: true })
      const second = is(await store.write(ref, aWrite(step)), 'written')
      t.match(second, { version: first.version, changed: false, began: false }, 'and only the first')
    }
  })

  await t.test('a removal does not begin the settings', async (t) => {
    const ref = newRef()
    const { record } = await begin(store, ref)
    const removal = { create: 'never', writes: false, remove: ['a'], take: 'a' } as const
    t.match(await store.write(ref, aWrite(removal)), {
      state: 'written',
      version: UNWRITTEN,
      changed: false,
      began: false,
      added: 0,
      taken: null,
    })
    t.strictSame((await readLive(other, ref)).record, record)
  })

  await t.test('settings stay written when their last key goes', async (t) => {
    const ref = newRef()
    await put(store, ref, { a: '1' })
    const { version } = is(await store.write(ref, aWrite({ writes: false, remove: ['a'] })), 'written')
    t.equal(version.revision, 2)
    const { record, settings } = await readLive(other, ref)
    t.equal(record.revision, 2)
    t.strictSame(sorted(settings), [])
  })

  await t.test('`added` counts the keys that were not there', async (t) => {
    const ref = newRef()
    t.equal((await put(store, ref, { a: '1', b: '1' })).added, 2)
    t.equal((await put(store, ref, { a: '2', c: '1', d: '1' })).added, 2)
    t.equal((await put(store, ref, { a: '3' })).added, 0)
    t.equal((await put(store, ref, { a: '3', e: '1' }, { replace: true })).added, 1)
    t.equal((await put(store, ref, { b: '1' })).added, 1, 'also where it was once')
  })

  await t.test('the answer holds the session only if it was asked for', async (t) => {
    const ref = newRef()
    t.equal((await put(store, ref, { a: '1' })).live, null)
    const { live } = await put(store, ref, { b: '2' }, { readBack: true })
    t.strictSame(live!.record, (await readLive(other, ref)).record)
    t.strictSame(sorted(live!.settings), [
      ['a', '1'],
      ['b', '2'],
    ])
    t.equal((await put(store, ref, { b: '2' }, { readBack: true })).live?.record.revision, 2, 'also without a change')
  })

  await t.test('no two sessions share a tag', async (t) => {
    const written = await Promise.all(Array.from({ length: 100 }, () => put(store, newRef(), { a: '1' })))
    t.equal(new Set(written.map(({ version }) => version.tag)).size, 100)
  })
}
