/** A token or cookie names a life and a generation, and works while both are the present ones. */
import type { Credential, Refused, SessionRef, Store } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, OTHER, put, readLive, texts, tokenOf } from './session.ts'

const WRONG_LIFE: Refused = { state: 'refused', why: 'life' }
const WRONG_GEN: Refused = { state: 'refused', why: 'gen' }

/** All that a credential can ask for, but for an end. */
const tryAll = async (store: Store, ref: SessionRef, credential: Credential) => [
  await store.touch(ref, credential),
  await store.write(ref, aWrite({ credential, create: 'never', set: texts({ by: '"token"' }) })),
  await store.write(ref, aWrite({ credential, create: 'if-missing', set: texts({ by: '"token"' }) })),
  await store.write(ref, aWrite({ credential, create: 'never', writes: false, remove: ['a'], take: 'a' })),
]

export const credentials: Concern = async (t, { store, other }) => {
  await t.test('a token of the present life and generation works', async (t) => {
    const ref = newRef()
    const credential = tokenOf((await begin(store, ref, { a: '1' })).record)
    t.same(
      (await tryAll(other, ref, credential)).map(({ state }) => state),
      ['live', 'written', 'written', 'written'],
    )
    t.strictSame(await store.end(ref, { ...DELETED, credential }), { state: 'ended', wasLive: true })
  })

  await t.test('a token of another life is refused, whatever its generation', async (t) => {
    const ref = newRef()
    const before = await begin(store, ref, { a: '1' })
    for (const gen of [OTHER, before.record.gen]) {
      const outcomes = await tryAll(other, ref, { life: OTHER, gen })
      outcomes.push(await other.write(ref, aWrite({ credential: { life: OTHER, gen }, precondition: { ifMatch: [] } })))
      for (const outcome of outcomes) t.strictSame(outcome, WRONG_LIFE)
    }
    t.strictSame((await readLive(store, ref)).record, before.record, 'nothing has changed')
  })

  await t.test('a revocation ends every token so far, and the next one works', async (t) => {
    const ref = newRef()
    const { record } = await begin(store, ref, { a: '1' }, { subject: 'ada' })
    const { gen } = is(await store.revoke(ref), 'revoked')
    t.match(gen, /^[\w-]{16}$/)
    t.not(gen, record.gen)
    t.strictSame((await readLive(other, ref)).record, { ...record, gen }, 'all else is as it was')

    for (const outcome of await tryAll(other, ref, tokenOf(record))) t.strictSame(outcome, WRONG_GEN)
    t.strictSame(await other.end(ref, { ...DELETED, credential: tokenOf(record) }), WRONG_GEN)
    t.equal((await readLive(store, ref)).record.revision, record.revision, 'nothing has changed')
    t.same(
      (await tryAll(other, ref, { life: record.life, gen })).map(({ state }) => state),
      ['live', 'written', 'written', 'written'],
    )

    const again = is(await other.revoke(ref), 'revoked')
    t.notOk([record.gen, gen].includes(again.gen), 'each revocation draws another')
    for (const old of [record.gen, gen]) {
      t.strictSame(await store.touch(ref, { life: record.life, gen: old }), WRONG_GEN)
    }
    t.equal((await put(store, ref, { b: '1' })).state, 'written', 'an API key is not concerned')
  })

  await t.test('on a missing session a token finds nothing and begins nothing', async (t) => {
    const ref = newRef()
    const token = { life: OTHER, gen: OTHER }
    for (const outcome of await tryAll(store, ref, token)) t.strictSame(outcome, { state: 'missing' })
    const create = aWrite({ credential: token, create: 'must-be-missing', set: texts({ a: '1' }) })
    t.strictSame(await store.write(ref, create), { state: 'missing' })
    t.strictSame(await other.read(ref), { state: 'missing' })
  })

  await t.test('on the tombstone of its own life a token hears that it is gone', async (t) => {
    const ref = newRef()
    const { record } = await begin(store, ref, { a: '1' })
    await store.revoke(ref)
    await store.end(ref, DELETED)
    const gone = await store.read(ref)
    for (const outcome of await tryAll(other, ref, tokenOf(record))) t.strictSame(outcome, gone)
  })

  await t.test('on any other tombstone its life is over', async (t) => {
    for (const had of [true, false]) {
      const ref = newRef()
      if (had) await begin(store, ref)
      await store.end(ref, DELETED)
      const gone = await store.read(ref)
      const token = { life: OTHER, gen: OTHER }
      for (const outcome of await tryAll(other, ref, token)) t.strictSame(outcome, WRONG_LIFE)
      t.strictSame(await other.end(ref, { ...DELETED, credential: token }), WRONG_LIFE)
      t.strictSame(await store.read(ref), gone)
    }
  })
}
