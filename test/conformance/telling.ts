/** What happens to a session is told by the step that does it: to every replica, in order, and nothing else is. */
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import type { Notice, SessionRef, Store } from '../../src/store/port.ts'
import { until } from '../helpers/until.ts'
import type { Concern, TimedConcern } from './harness.ts'
import { aWrite, begin, DELETED, LONG, newRef, put, readLive, texts } from './session.ts'

const partitionIn = ({ id }: SessionRef): string => partitionOf(idBytes(id))

/** Listens for what is told of one session. */
const listenTo = async (store: Store, ref: SessionRef) => {
  const heard: Notice[] = []
  const leave = await store.subscribe(partitionIn(ref), {
    notice: (notice) => {
      if (notice.ref.id === ref.id && notice.ref.namespace === ref.namespace) heard.push(notice)
    },
    lapsed: () => {},
  })
  return { heard, leave, hears: (count: number) => until(() => heard.length >= count, `${count} notices`) }
}

const versionIn = async (store: Store, ref: SessionRef) => {
  const { revision, tag } = (await readLive(store, ref)).record
  return { revision, tag }
}

const UNWRITTEN = { revision: 0, tag: '' }

export const telling: Concern = async (t, { store, other }) => {
  await t.test('a change is told with what was put and removed, and with the versions before and after', async (t) => {
    const ref = newRef()
    const { heard, leave, hears } = await listenTo(other, ref)
    await put(store, ref, { a: '1.10', 'b ü': '{"x": [] }' }, { origin: 'tab-1' })
    const first = await versionIn(store, ref)
    await store.write(ref, aWrite({ set: texts({ a: '2' }), remove: ['b ü', 'none'] }))
    await hears(2)
    const second = await versionIn(store, ref)
    t.strictSame(heard, [
      {
        kind: 'changed',
        ref,
        before: UNWRITTEN,
        after: first,
        origin: 'tab-1',
        set: texts({ a: '1.10', 'b ü': '{"x": [] }' }),
        removed: [],
        isWhole: true,
      },
      {
        kind: 'changed',
        ref,
        before: first,
        after: second,
        origin: null,
        set: texts({ a: '2' }),
        removed: ['b ü'],
        isWhole: true,
      },
    ])
    leave()
  })

  await t.test('what changes nothing is not told, nor is a use', async (t) => {
    const ref = newRef()
    const { heard, leave, hears } = await listenTo(other, ref)
    await begin(store, ref)
    await put(store, ref, {})
    await put(store, ref, {})
    await store.write(ref, aWrite({ writes: false, remove: ['none'] }))
    await store.touch(ref, null)
    await store.write(
      ref,
      aWrite({ precondition: { ifMatch: [{ revision: 9, tag: 'AAAAAAAA' }] }, set: texts({ a: '1' }) }),
    )
    await put(store, ref, { a: '1' })
    await hears(2)
    t.match(heard, [
      { kind: 'changed', before: UNWRITTEN, after: { revision: 1 } },
      { kind: 'changed', after: { revision: 2 } },
    ])
    leave()
  })

  await t.test('long texts are left out, the names never are', async (t) => {
    const ref = newRef()
    const { heard, leave, hears } = await listenTo(other, ref)
    const long = JSON.stringify('x'.repeat(100_000))
    await put(store, ref, { long, short: '1' }, { limits: { bytes: 1_000_000, keys: 256 } })
    await hears(1)
    const told = heard[0]
    t.ok(told?.kind === 'changed' && told.isWhole && [...told.set.keys()].sort().join() === 'long,short')
    if (told?.kind === 'changed' && told.set.get('long') !== null) t.equal(told.set.get('long'), long)
    leave()
  })

  await t.test('ends and revocations are told, each once', async (t) => {
    const [deleted, revoked] = [newRef(), newRef()]
    for (const ref of [deleted, revoked]) await begin(store, ref, { a: '1' })
    const [one, two] = [await listenTo(other, deleted), await listenTo(other, revoked)]
    await store.revoke(revoked)
    await store.end(deleted, DELETED)
    await store.end(deleted, DELETED)
    await store.end(revoked, { ...DELETED, reason: 'revoked' })
    await two.hears(2)
    t.strictSame(one.heard, [{ kind: 'ended', ref: deleted, reason: 'deleted' }])
    t.strictSame(two.heard, [
      { kind: 'revoked', ref: revoked },
      { kind: 'ended', ref: revoked, reason: 'revoked' },
    ])
    for (const { leave } of [one, two]) leave()
  })

  await t.test('a rotation is told under both ids', async (t) => {
    const ref = newRef()
    await begin(store, ref, { a: '1' })
    let target = newRef()
    while (partitionIn(target) !== partitionIn(ref)) target = newRef()
    const [old, moved] = [await listenTo(other, ref), await listenTo(other, target)]
    await store.rotate(ref, {
      newId: target.id,
      life: null,
      clocks: { idleTimeoutSeconds: 60, lifetimeSeconds: 60 },
      newIdle: false,
      newLifetime: false,
      tombstoneSeconds: 60,
    })
    await Promise.all([old.hears(1), moved.hears(1)])
    t.strictSame(old.heard, [{ kind: 'ended', ref, reason: 'rotated' }])
    t.match(moved.heard, [
      { kind: 'changed', before: UNWRITTEN, after: await versionIn(store, target), isWhole: false },
    ])
    for (const { leave } of [old, moved]) leave()
  })

  await t.test('many changes are told in their order, and whoever has left hears nothing', async (t) => {
    const ref = newRef()
    const [staying, leaving] = [await listenTo(other, ref), await listenTo(other, ref)]
    await put(store, ref, { n: '-1' })
    await Promise.all([staying.hears(1), leaving.hears(1)])
    leaving.leave()
    await Promise.all(Array.from({ length: 100 }, (_, i) => put(i % 2 ? store : other, ref, { n: `${i}` })))
    await staying.hears(101)
    let held: object = UNWRITTEN
    for (const notice of staying.heard) {
      if (notice.kind !== 'changed') throw new Error(notice.kind)
      t.strictSame(notice.before, held)
      held = notice.after
    }
    t.strictSame(held, await versionIn(store, ref))
    t.equal(leaving.heard.length, 1)
    staying.leave()
  })

  await t.test('a listener that throws is told that it missed something, and harms nobody else', async (t) => {
    const ref = newRef()
    let lapses = 0
    const fail = (): never => {
      throw new Error('A listener failed.')
    }
    const leaveFailing = await other.subscribe(partitionIn(ref), {
      notice: fail,
      lapsed: () => {
        lapses += 1
        fail()
      },
    })
    const { heard, leave, hears } = await listenTo(other, ref)
    const before = lapses
    await put(store, ref, { a: '1' })
    await put(other, ref, { a: '2' })
    await hears(2)
    t.match(heard, [{ after: { revision: 1 } }, { after: { revision: 2 } }])
    t.ok(lapses - before >= 2, 'each time')
    t.match((await readLive(other, ref)).settings, texts({ a: '2' }), 'and the store goes on')
    for (const each of [leaveFailing, leave]) each()
  })
}

export const tellingTimed: TimedConcern = {
  'what is over by a clock is told by a sweep, with the clock': async (t, { store, other }, time) => {
    const [idle, lifetime] = [newRef(), newRef()]
    await begin(store, idle, { a: '1' }, { clocks: { idleTimeoutSeconds: 1, lifetimeSeconds: 3600 } })
    await begin(store, lifetime, { a: '1' }, { clocks: { idleTimeoutSeconds: 3600, lifetimeSeconds: 1 } })
    const [one, two] = [await listenTo(other, idle), await listenTo(other, lifetime)]
    await time.pass(1300)
    await until(async () => {
      await store.sweep()
      return one.heard.length > 0 && two.heard.length > 0
    }, 'the sweep tells')
    await store.sweep()
    t.strictSame(one.heard, [{ kind: 'ended', ref: idle, reason: 'idle' }])
    t.strictSame(two.heard, [{ kind: 'ended', ref: lifetime, reason: 'lifetime' }])
    for (const { leave } of [one, two]) leave()
  },

  'whoever begins another session, or ends the id, before a sweep does tells of the end': async (
    t,
    { store, other },
    time,
  ) => {
    const [again, ended] = [newRef(), newRef()]
    const clocks = { idleTimeoutSeconds: 1, lifetimeSeconds: 3600 }
    for (const ref of [again, ended]) await begin(store, ref, { a: '1' }, { clocks })
    const [one, two] = [await listenTo(other, again), await listenTo(other, ended)]
    await time.pass(1300)
    await put(store, again, { b: '2' })
    await store.end(ended, DELETED)
    await Promise.all([one.hears(1), two.hears(2)])
    t.match(one.heard[0], { kind: 'ended', reason: 'idle' })
    t.strictSame(
      two.heard,
      [
        { kind: 'ended', ref: ended, reason: 'idle' },
        { kind: 'ended', ref: ended, reason: 'deleted' },
      ],
      'of its life, and of the tombstone',
    )
    for (const { leave } of [one, two]) leave()
  },

  'a tombstone is told as an end, also where nothing lived': async (t, { store, other }) => {
    const [ended, revoked, moved] = [newRef(), newRef(), newRef()]
    const followers = await Promise.all([ended, revoked, moved].map((ref) => listenTo(other, ref)))
    await store.end(ended, DELETED)
    await store.end(revoked, { ...DELETED, reason: 'revoked', subject: 'u' })
    const newId = drawId(partitionIn(moved))
    const keeps = { life: null, newIdle: false, newLifetime: false }
    await store.rotate(moved, { ...keeps, newId, clocks: LONG, tombstoneSeconds: 86_400 })
    await Promise.all(followers.map(({ hears }) => hears(1)))
    t.strictSame(
      followers.flatMap(({ heard }) => heard),
      [
        { kind: 'ended', ref: ended, reason: 'deleted' },
        { kind: 'ended', ref: revoked, reason: 'revoked' },
        { kind: 'ended', ref: moved, reason: 'rotated' },
      ],
    )
    await store.end(ended, DELETED)
    await put(store, { ...moved, id: newId }, { a: '1' })
    for (const { leave, heard } of followers) {
      t.equal(heard.length, 1, 'once')
      leave()
    }
  },
}
