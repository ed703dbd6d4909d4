/** Ending a session: the tombstone it leaves, and that nothing brings it back while that stands. */
import type { Concern } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, OTHER, put, texts, tokenOf } from './session.ts'

export const ending: Concern = async (t, { store, other }) => {
  await t.test('an ended session is gone for every call', async (t) => {
    const ref = newRef()
    const { record } = await begin(store, ref, { a: '1' })
    t.strictSame(await store.end(ref, DELETED), { state: 'ended', wasLive: true })
    const gone = is(await other.read(ref), 'gone')
    t.match(gone, { reason: 'deleted', life: record.life })
    t.ok(Math.abs(gone.endedAt - store.now()) < 1000, 'ended now, by the store')
    const calls = [
      other.touch(ref, null),
      other.revoke(ref),
      other.write(ref, aWrite()),
      other.write(ref, aWrite({ create: 'never', set: texts({ a: '2' }) })),
      other.write(ref, aWrite({ create: 'must-be-missing', set: texts({ a: '2' }), readBack: true })),
      other.write(ref, aWrite({ precondition: { ifMatch: '*' }, expect: new Map([['a', 'present']]) })),
      other.write(ref, aWrite({ writes: false, remove: ['a'], use: false })),
    ]
    for (const outcome of await Promise.all(calls)) t.strictSame(outcome, gone)
    t.strictSame(await store.read(ref), gone, 'and stays so')
  })

  await t.test('a missing id can be ended: a log-out may come before the first write', async (t) => {
    const ref = newRef()
    t.strictSame(await store.end(ref, { ...DELETED, reason: 'revoked' }), { state: 'ended', wasLive: false })
    const gone = is(await other.read(ref), 'gone')
    t.match(gone, { reason: 'revoked', life: null })
    t.strictSame(await store.write(ref, aWrite({ set: texts({ a: '1' }) })), gone)
  })

  await t.test('an unwritten session can be ended', async (t) => {
    const ref = newRef()
    const { record } = await begin(store, ref)
    t.strictSame(await store.end(ref, DELETED), { state: 'ended', wasLive: true })
    t.match(await other.read(ref), { state: 'gone', life: record.life })
  })

  await t.test('what is gone keeps the reason, time and life it has', async (t) => {
    for (const had of [true, false]) {
      const ref = newRef()
      if (had) await begin(store, ref)
      await store.end(ref, { ...DELETED, reason: 'rotated' })
      const gone = is(await store.read(ref), 'gone')
      for (const reason of ['deleted', 'revoked', 'rotated'] as const) {
        t.strictSame(await other.end(ref, { ...DELETED, reason, tombstoneSeconds: 1 }), gone)
      }
      t.strictSame(await store.read(ref), gone)
    }
  })

  await t.test('a token ends its own session, and hears that it is gone the next time', async (t) => {
    const ref = newRef()
    const credential = tokenOf((await begin(store, ref)).record)
    t.strictSame(await store.end(ref, { ...DELETED, credential }), { state: 'ended', wasLive: true })
    t.strictSame(await other.end(ref, { ...DELETED, credential, reason: 'revoked' }), await store.read(ref))
    t.match(await store.read(ref), { state: 'gone', reason: 'deleted' })
  })

  await t.test('a token ends neither what is missing nor another life', async (t) => {
    const missing = newRef()
    const token = { life: OTHER, gen: OTHER }
    t.strictSame(await store.end(missing, { ...DELETED, credential: token }), { state: 'missing' })
    t.strictSame(await store.read(missing), { state: 'missing' }, 'no tombstone is left')

    const live = newRef()
    await put(store, live, { a: '1' })
    const before = await store.read(live)
    t.strictSame(await store.end(live, { ...DELETED, credential: token }), { state: 'refused', why: 'life' })
    t.strictSame(await store.read(live), before)
  })

  await t.test('of many who end a session one does, and all others find it gone', async (t) => {
    const ref = newRef()
    await begin(store, ref)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? store : other).end(ref, DELETED)),
    )
    t.equal(outcomes.filter(({ state }) => state === 'ended').length, 1)
    const gone = await store.read(ref)
    for (const outcome of outcomes.filter(({ state }) => state !== 'ended')) t.strictSame(outcome, gone)
  })
}
