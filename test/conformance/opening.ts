/** Opening and closing: what was answered is there when the store is opened again, and a closed store says so. */
import type { Test } from 'tap'
import { type Store, StoreUnavailable } from '../../src/store/port.ts'
import { type Harness, withStores } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, put, readLive, sorted, texts } from './session.ts'

const REPEAT = { key: '0'.repeat(32), fingerprint: '1'.repeat(32) }

export const opening = async (t: Test, harness: Harness): Promise<void> => {
  await t.test('a store that is opened again has everything', async (t) => {
    const [live, unwritten, gone, repeated] = [newRef(), newRef(), newRef(), newRef()]
    const write = aWrite({ set: texts({ a: '1' }), result: '"kept"', repeat: REPEAT })
    const before = await harness.open()
    await put(before, live, { a: '1.10', é: '"\\ud800"' }, { subject: 'ada' })
    await begin(before, unwritten)
    await begin(before, gone)
    await before.end(gone, DELETED)
    const first = is(await before.write(repeated, write), 'written')
    const refs = [live, unwritten, gone, repeated]
    const found = await before.readMany(refs)
    const count = await before.count()
    await before.close()

    await withStores(harness, async ({ store }) => {
      t.strictSame(await store.readMany(refs), found)
      t.equal(await store.count(), count)
      t.strictSame(await store.write(repeated, write), { ...first, repeated: true }, 'kept outcomes, too')
      t.match(await put(store, live, { b: '1' }), { version: { revision: 2 } }, 'and goes on from there')
    })
  })

  await t.test('a store that is closed under load has what it answered', async (t) => {
    const ref = newRef()
    const before = await harness.open()
    await begin(before, ref)
    const writes = Array.from({ length: 20 }, (_, at) => put(before, ref, { [`key ${at}`]: `${at}` }))
    const settled = Promise.allSettled(writes)
    await before.close()
    const outcomes = await settled

    await withStores(harness, async ({ store }) => {
      const { settings } = await readLive(store, ref)
      for (const [at, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') t.equal(settings.get(`key ${at}`), `${at}`)
        else t.ok(outcome.reason instanceof StoreUnavailable, 'or says that the outcome is not known')
      }
    })
  })

  await t.test('a closed store refuses every call, and can be closed again', async (t) => {
    const ref = newRef()
    const closed = await harness.open()
    await put(closed, ref, { a: '1' })
    await Promise.all([closed.close(), closed.close()])
    await closed.close()
    const calls: Record<string, (store: Store) => Promise<unknown>> = {
      read: (store) => store.read(ref),
      readMany: (store) => store.readMany([ref]),
      write: (store) => store.write(ref, aWrite({ set: texts({ a: '2' }) })),
      touch: (store) => store.touch(ref, null),
      end: (store) => store.end(ref, DELETED),
      revoke: (store) => store.revoke(ref),
      count: (store) => store.count(),
      sweep: (store) => store.sweep(),
      check: (store) => store.check(),
    }
    for (const [name, call] of Object.entries(calls)) {
      // Also a call that throws before it returns a promise is caught here, and is wrong.
      const promise = call(closed)
      const error = await promise.then(
        () => null,
        (reason: unknown) => reason,
      )
      t.ok(error instanceof StoreUnavailable, `${name} says that the store is away`)
    }
    await withStores(harness, async ({ store }) => {
      t.strictSame(sorted((await readLive(store, ref)).settings), [['a', '1']], 'nothing has changed')
    })
  })

  await t.test('a store that answers is healthy', async (t) => {
    await withStores(harness, async ({ store, other }) => {
      for (const one of [store, other]) {
        const { warnings } = await one.check()
        t.ok(Array.isArray(warnings) && warnings.every((warning) => typeof warning === 'string'))
      }
      t.ok(Number.isFinite(store.now()))
      t.ok(Math.abs(store.now() - other.now()) < 1000, 'and both have one time')
    })
  })
}
