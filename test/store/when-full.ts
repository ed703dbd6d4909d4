/** What a store does when it is full, the same on a full disk and in a full Redis: what needs room is refused, all else is done. */
import type { Test } from 'tap'
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import { type Rotation, type SessionRef, type Store, StoreFull, type Write } from '../../src/store/port.ts'
import { aWrite, begin, DELETED, is, LONG, newRef, put, texts, tokenOf } from '../conformance/session.ts'

const KEPT = { key: 'a'.repeat(32), fingerprint: 'b'.repeat(32) }

const aRotation = (ref: SessionRef, over: Partial<Rotation> = {}): Rotation => ({
  newId: drawId(partitionOf(idBytes(ref.id))),
  life: null,
  clocks: LONG,
  newIdle: false,
  newLifetime: false,
  tombstoneSeconds: 86_400,
  ...over,
})

/** Needs room, by its effect on `{"a":1,"b":2,"code":"x"}`. */
const GROWING: Readonly<Record<string, Partial<Write>>> = {
  'another text': { set: texts({ a: '2' }) },
  'a shorter text': { set: texts({ code: '1' }) },
  'a new key': { set: texts({ c: '1' }) },
  'another document': { set: texts({ a: '2' }), replace: true },
  'a key that it removes and puts': { set: texts({ a: '2' }), remove: ['a', 'b'] },
}

/** Needs none, whatever its request looks like; and whether it changes something. */
const OTHERS: Readonly<Record<string, readonly [Partial<Write>, boolean]>> = {
  'a use': [{ writes: false }, false],
  'the texts that are there': [{ set: texts({ a: '1', b: '2' }) }, false],
  'a key that is removed and put as it is': [{ set: texts({ a: '1' }), remove: ['a'] }, false],
  'a key that goes': [{ create: 'if-missing', remove: ['b'] }, true],
  'a key that is expected and goes': [{ expect: new Map([['a', { text: '1' }]]), remove: ['a'] }, true],
  'the whole, but for a key': [{ set: texts({ a: '1', b: '2' }), replace: true }, true],
  'the whole, of nothing': [{ replace: true }, true],
}

/** `fill` makes the store full; it stays so. */
export const testWhenFull = async (t: Test, store: Store, fill: () => Promise<unknown>): Promise<void> => {
  const settings = { a: '1', b: '2', code: '"x"' }
  const [ref, unwritten, moved, gone] = [newRef(), newRef(), newRef(), newRef()]
  const others = Object.entries(OTHERS).map(([name, other]) => [name, newRef(), ...other] as const)
  for (const [, ref] of others) await put(store, ref, settings)
  const { record } = await begin(store, ref, settings)
  await begin(store, unwritten)
  await begin(store, moved)
  const rotation = aRotation(moved, { repeat: KEPT })
  const first = is(await store.rotate(moved, rotation), 'rotated')
  await store.end(gone, DELETED)
  await fill()

  const before = await store.read(ref)
  for (const [name, over] of Object.entries(GROWING)) await t.rejects(store.write(ref, aWrite(over)), StoreFull, name)
  for (const create of ['if-missing', 'must-be-missing'] as const) {
    await t.rejects(store.write(newRef(), aWrite({ create })), StoreFull, 'a session that begins')
    await t.rejects(store.write(newRef(), aWrite({ create, writes: false })), StoreFull, 'also without settings')
  }
  await t.rejects(store.rotate(ref, aRotation(ref)), StoreFull, 'a rotation')
  await t.rejects(
    store.rotate(newRef(), aRotation(ref, { newId: null })),
    StoreFull,
    'a rotation that begins a session',
  )
  t.strictSame(await store.read(ref), before, 'nothing has changed')

  for (const [name, ref, over, changed] of others) {
    t.match(await store.write(ref, aWrite(over)), { state: 'written', changed }, name)
  }
  t.match(await store.write(unwritten, aWrite({ replace: true })), { changed: true, began: true }, 'an empty object')
  const taken = { take: 'code', remove: ['code'], writes: false, repeat: KEPT }
  t.match(await store.write(ref, aWrite(taken)), { taken: '"x"', repeated: false })
  t.match(await store.write(ref, aWrite(taken)), { taken: '"x"', repeated: true }, 'what is kept is answered again')

  t.match(await put(store, ref, {}, { create: 'never' }), { changed: false })
  t.match(await store.write(newRef(), aWrite({ create: 'never', set: texts({ a: '1' }) })), { state: 'missing' })
  t.match(await store.write(ref, aWrite({ create: 'must-be-missing' })), { state: 'exists' })
  const refused = { set: texts({ a: '2' }), precondition: { ifNoneMatch: '*' } } as const
  t.match(await store.write(ref, aWrite(refused)), { state: 'conflict' }, 'what is refused is told why')
  t.match(await store.write(gone, aWrite({ set: texts({ a: '1' }) })), { state: 'gone' })
  t.match(await store.rotate(gone, aRotation(gone)), { state: 'gone' })
  t.match(await store.rotate(ref, aRotation(ref, { handoff: 'c'.repeat(64) })), { state: 'spent' })
  t.match(await store.rotate(moved, rotation), { state: 'rotated', id: first.id, repeated: true })

  t.match(await store.touch(ref, tokenOf(record)), { state: 'live' })
  t.match(await store.revoke(ref), { state: 'revoked' })
  t.match(await store.end(ref, DELETED), { state: 'ended', wasLive: true })
  t.match(await store.end(newRef(), DELETED), { state: 'ended', wasLive: false }, 'also what was never there')
}
