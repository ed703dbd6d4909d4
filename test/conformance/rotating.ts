/** A session moves to another id, is bound, and a code is redeemed: each all or nothing, and each only once. */

import { randomBytes } from 'node:crypto'
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import type { Handoff, HandoffRef, Rotation, SessionRef } from '../../src/store/port.ts'
import { LATE } from '../helpers/until.ts'
import type { Concern, TimedConcern } from './harness.ts'
import { aWrite, begin, DELETED, is, LONG, newRef, OTHER, put, readLive, sorted, texts, tokenOf } from './session.ts'

const partitionIn = ({ id }: SessionRef): string => partitionOf(idBytes(id))

/** Another id that this session may move to. */
const targetOf = (ref: SessionRef): SessionRef => ({ ...ref, id: drawId(partitionIn(ref)) })

const BOUND = { idleTimeoutSeconds: 1000, lifetimeSeconds: 2000 }

const aRotation = (newId: string | null, over: Partial<Rotation> = {}): Rotation => ({
  newId,
  life: null,
  clocks: BOUND,
  newIdle: false,
  newLifetime: false,
  tombstoneSeconds: 86_400,
  ...over,
})

const REPEAT = () => ({ key: randomBytes(16).toString('hex'), fingerprint: randomBytes(16).toString('hex') })

const codeFor = (ref: SessionRef): HandoffRef => ({
  namespace: ref.namespace,
  partition: partitionIn(ref),
  hash: randomBytes(32).toString('hex'),
})

export const rotating: Concern = async (t, { store, other }) => {
  await t.test('the same settings go on under the new id, and the old one is gone', async (t) => {
    const ref = newRef()
    const target = targetOf(ref)
    await put(store, ref, { a: '1.10', 'b ö': '[]' })
    const before = await readLive(store, ref)
    const { id, live, repeated } = is(await store.rotate(ref, aRotation(target.id)), 'rotated')
    t.equal(id, target.id)
    t.notOk(repeated)
    const after = await readLive(other, target)
    t.strictSame(live && [live.record, sorted(live.settings)], [after.record, sorted(after.settings)])
    t.strictSame(sorted(after.settings), sorted(before.settings))
    const { revision, tag, endsAt, idleTimeoutSeconds, lifetimeSeconds, subject } = before.record
    t.match(after.record, { revision, tag, endsAt, idleTimeoutSeconds, lifetimeSeconds })
    t.equal(after.record.subject, subject)
    t.not(after.record.life, before.record.life, 'in another life')
    t.not(after.record.gen, before.record.gen)
    t.match(await other.read(ref), { state: 'gone', reason: 'rotated', life: before.record.life })
    t.strictSame(await other.write(ref, aWrite({ set: texts({ a: '2' }) })), await store.read(ref))
    t.equal(is(await store.touch(target, null), 'live').record.life, after.record.life)
  })

  await t.test('a credential of the old id is told so, and is of no use on the new one', async (t) => {
    const ref = newRef()
    const target = targetOf(ref)
    const credential = tokenOf((await begin(store, ref, { a: '1' })).record)
    await store.rotate(ref, aRotation(target.id))
    const write = aWrite({ credential, create: 'never', set: texts({ a: '2' }) })
    t.match(await other.write(ref, write), { state: 'gone', reason: 'rotated' })
    t.strictSame(await other.write(target, write), { state: 'refused', why: 'life' })
  })

  await t.test('with a subject it is bound, and its clocks begin anew if that is asked for', async (t) => {
    const ref = newRef()
    const target = targetOf(ref)
    await put(store, ref, { a: '1' })
    const rotation = aRotation(target.id, { subject: 'ü', newIdle: true, newLifetime: true })
    const { live } = is(await store.rotate(ref, rotation), 'rotated')
    t.match(live?.record, { subject: 'ü', ...BOUND })
    const { endsAt, lastSeenAt, createdAt } = (await readLive(other, target)).record
    t.equal(endsAt - lastSeenAt, BOUND.lifetimeSeconds * 1000)
    t.equal(createdAt, lastSeenAt)
  })

  await t.test('a session that nobody has written has its full idle timeout after', async (t) => {
    const ref = newRef()
    await begin(store, ref, null, { idleUntilWrittenSeconds: 3600 })
    const target = targetOf(ref)
    await store.rotate(ref, aRotation(target.id, { newIdle: true }))
    t.equal((await readLive(store, target)).record.idleTimeoutSeconds, BOUND.idleTimeoutSeconds)
    await put(store, target, { a: '1' }, { clocks: LONG })
    t.equal((await readLive(store, target)).record.idleTimeoutSeconds, BOUND.idleTimeoutSeconds, 'and keeps it')
  })

  await t.test('a missing id is begun under the new one, and leaves a tombstone', async (t) => {
    const ref = newRef()
    const target = targetOf(ref)
    const { live } = is(await store.rotate(ref, aRotation(target.id, { subject: 'u' })), 'rotated')
    t.match(live?.record, { revision: 0, subject: 'u', ...BOUND })
    t.match(await other.read(ref), { state: 'gone', reason: 'rotated', life: null })
    t.equal((await readLive(other, target)).settings.size, 0)
  })

  await t.test('a life that is named must be the present one', async (t) => {
    const ref = newRef()
    t.strictSame(await store.rotate(ref, aRotation(targetOf(ref).id, { life: OTHER })), { state: 'missing' })
    const { record } = await begin(store, ref)
    t.strictSame(await store.rotate(ref, aRotation(targetOf(ref).id, { life: OTHER })), {
      state: 'refused',
      why: 'life',
    })
    t.strictSame((await readLive(other, ref)).record, record, 'nothing is done')
    is(await store.rotate(ref, aRotation(targetOf(ref).id, { life: record.life })), 'rotated')
  })

  await t.test('an id that was used is never moved to', async (t) => {
    const ref = newRef()
    const [live, gone, was] = [targetOf(ref), targetOf(ref), await begin(store, ref, { a: '1' })]
    await begin(store, live, { b: '2' })
    await store.end(gone, DELETED)
    t.strictSame(await store.rotate(ref, aRotation(live.id)), { state: 'taken', by: 'session' })
    t.strictSame(await store.rotate(ref, aRotation(gone.id)), { state: 'taken', by: 'gone' })
    t.strictSame((await readLive(other, ref)).record, was.record)
    t.strictSame(sorted((await readLive(other, live)).settings), [['b', '2']])
    t.match(await other.read(gone), { state: 'gone', reason: 'deleted' })
  })

  await t.test('a session that is bound otherwise than was thought is not moved', async (t) => {
    const [free, bound] = [newRef(), newRef()]
    await begin(store, free)
    await begin(store, bound, null, { subject: 'u' })
    t.strictSame(await store.rotate(free, aRotation(targetOf(free).id, { boundTo: 'u' })), { state: 'other' })
    t.strictSame(await store.rotate(bound, aRotation(targetOf(bound).id, { boundTo: null })), { state: 'other' })
    const target = targetOf(bound)
    is(await store.rotate(bound, aRotation(target.id, { boundTo: 'u' })), 'rotated')
    t.equal((await readLive(other, target)).record.subject, 'u')
    is(await store.rotate(free, aRotation(targetOf(free).id, { boundTo: null })), 'rotated')
  })

  await t.test('of many who rotate one does, and all others find it gone', async (t) => {
    const ref = newRef()
    await begin(store, ref, { a: '1' })
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 ? store : other).rotate(ref, aRotation(targetOf(ref).id))),
    )
    t.equal(outcomes.filter(({ state }) => state === 'rotated').length, 1)
    t.equal(outcomes.filter(({ state }) => state === 'gone').length, 49)
  })

  await t.test('repeated, it answers the id of the first time and does nothing', async (t) => {
    const ref = newRef()
    const repeat = REPEAT()
    const [first, second] = [targetOf(ref), targetOf(ref)]
    await begin(store, ref, { a: '1' })
    await store.rotate(ref, aRotation(first.id, { repeat, result: '{"x":1}' }))
    t.match(await other.rotate(ref, aRotation(second.id, { repeat, result: '{"x":2}' })), {
      state: 'rotated',
      id: first.id,
      result: '{"x":1}',
      repeated: true,
      live: null,
    })
    t.strictSame(await other.read(second), { state: 'missing' })
    const another = { ...repeat, fingerprint: '0'.repeat(32) }
    t.strictSame(await store.rotate(ref, aRotation(second.id, { repeat: another })), { state: 'reused' })
  })

  await t.test('a hand-off is read as it was kept', async (t) => {
    const ref = newRef()
    for (const [payload, bind] of [
      [null, null],
      ['{"a":[1.10,"ü"]}', null],
      [null, { subject: 'ü'.repeat(128), newId: targetOf(ref).id }],
      ['""', { subject: 'u', newId: targetOf(ref).id }],
    ] as const) {
      const handoff: Handoff = { sessionId: ref.id, life: OTHER, payload, bind }
      const code = codeFor(ref)
      await store.addHandoff(code, handoff, 60)
      t.strictSame(await other.readHandoff(code), handoff)
      t.equal(await other.readHandoff({ ...code, namespace: 'another' }), null)
    }
    t.equal(await store.readHandoff(codeFor(ref)), null)
  })

  await t.test('a code is redeemed once, however many try', async (t) => {
    for (const moves of [true, false]) {
      const ref = newRef()
      const { record } = await begin(store, ref, { a: '1' })
      const code = codeFor(ref)
      const bind = moves ? { subject: 'u', newId: targetOf(ref).id } : null
      await store.addHandoff(code, { sessionId: ref.id, life: record.life, payload: '1', bind }, 60)
      const rotation = aRotation(bind?.newId ?? null, { life: record.life, handoff: code.hash, subject: 'u' })
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (at % 2 ? store : other).rotate(ref, rotation)),
      )
      t.equal(outcomes.filter(({ state }) => state === 'rotated').length, 1)
      t.equal(outcomes.filter(({ state }) => state === 'spent').length, 49)
      t.equal(await other.readHandoff(code), null)
      const now = await readLive(other, { ...ref, id: bind?.newId ?? ref.id })
      t.equal(now.record.subject, 'u')
      t.equal(now.record.life === record.life, !moves)
    }
  })

  await t.test('a code is not spent by what is refused', async (t) => {
    const ref = newRef()
    const { record } = await begin(store, ref)
    const code = codeFor(ref)
    const handoff: Handoff = { sessionId: ref.id, life: record.life, payload: null, bind: null }
    await store.addHandoff(code, handoff, 60)
    const redeem = aRotation(null, { handoff: code.hash })
    is(await store.rotate(ref, { ...redeem, life: OTHER }), 'refused')
    is(await store.rotate(ref, { ...redeem, boundTo: 'somebody' }), 'other')
    t.strictSame(await other.readHandoff(code), handoff)
    await store.end(ref, DELETED)
    is(await store.rotate(ref, { ...redeem, life: record.life }), 'gone')
  })

  await t.test('an end for one subject spares the sessions of others', async (t) => {
    const [theirs, free, missing] = [newRef(), newRef(), newRef()]
    await begin(store, theirs, null, { subject: 'theirs' })
    await begin(store, free)
    const end = { ...DELETED, reason: 'revoked', subject: 'ours' } as const
    t.strictSame(await store.end(theirs, end), { state: 'other' })
    t.strictSame(await store.end(free, end), { state: 'other' })
    t.strictSame(await store.end(missing, end), { state: 'ended', wasLive: false })
    t.match(await other.read(missing), { state: 'gone', reason: 'revoked' })
    t.strictSame(await store.end(theirs, { ...end, subject: 'theirs' }), { state: 'ended', wasLive: true })
    is(await other.read(free), 'live')
  })
}

export const rotatingTimed: TimedConcern = {
  'a code lapses, and what it stood for with it': async (t, { store, other }, time) => {
    const ref = newRef()
    const { record } = await begin(store, ref)
    const code = codeFor(ref)
    await store.addHandoff(code, { sessionId: ref.id, life: record.life, payload: null, bind: null }, 1)
    await time.pass(1200)
    t.equal(await other.readHandoff(code), null)
    t.strictSame(await other.rotate(ref, aRotation(null, { handoff: code.hash })), { state: 'spent' })
  },

  'a rotated session keeps its end unless a new lifetime begins': async (t, { store, other }, time) => {
    const [ref, longer] = [newRef(), newRef()]
    const clocks = { idleTimeoutSeconds: 3600, lifetimeSeconds: 2 * LATE }
    for (const one of [ref, longer]) await begin(store, one, { a: '1' }, { clocks })
    await time.pass(700)
    const [target, target2] = [targetOf(ref), targetOf(longer)]
    await store.rotate(ref, aRotation(target.id))
    await store.rotate(longer, aRotation(target2.id, { newLifetime: true }))
    await time.pass(1500)
    t.strictSame(await other.read(target), { state: 'missing' })
    is(await other.read(target2), 'live')
  },

  'a tombstone of a rotation lapses': async (t, { store, other }, time) => {
    const ref = newRef()
    await begin(store, ref)
    await store.rotate(ref, aRotation(targetOf(ref).id, { tombstoneSeconds: LATE }))
    await time.pass(1200)
    t.strictSame(await other.read(ref), { state: 'missing' })
  },
}
