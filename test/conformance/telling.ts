/** What happens to a session is told by the step that does it: to every replica, in order, and nothing else is. */
import { idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import type { Notice, SessionRef, Store } from '../../src/store/port.ts'
import { until } from '../helpers/until.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, DELETED, newRef, put, readLive, texts } from './session.ts'

export const partitionIn = ({ id }: SessionRef): string => partitionOf(idBytes(id))

/** Listens for what is told of one session. */
export const listenTo = async (store: Store, ref: SessionRef) => {
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

export const telling: Concern = async (t, { store, other, hidesTexts }) => {
  await t.test('a change is told with what was put and removed, and with the versions before and after', async (t) => {
    const ref = newRef()
    const { heard, leave, hears } = await listenTo(other, ref)
    await put(store, ref, { a: '1.10', 'b ü': '{"x": [] }' }, { origin: 'tab-1' })
    const first = await versionIn(store, ref)
    await store.write(ref, aWrite({ set: texts({ a: '2' }), remove: ['b ü', 'none'] }))
    await hears(2)
    const second = await versionIn(store, ref)
    const [began = 0, changed = 0] = heard.map((one) => (one.kind === 'changed' && one.at) || 0)
    const found = await store.read(ref)
    t.equal(began, found.state === 'live' && found.record.createdAt, 'it tells when it was done')
    t.ok(changed >= began && changed <= store.now() + 1000)
    const told = (set: ReadonlyMap<string, string>) =>
      hidesTexts ? new Map([...set.keys()].map((key) => [key, null])) : set
    t.strictSame(heard, [
      {
        kind: 'changed',
        ref,
        before: UNWRITTEN,
        after: first,
        at: began,
        origin: 'tab-1',
        set: told(texts({ a: '1.10', 'b ü': '{"x": [] }' })),
        removed: [],
        isWhole: true,
      },
      {
        kind: 'changed',
        ref,
        before: first,
        after: second,
        at: changed,
        origin: null,
        set: told(texts({ a: '2' })),
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
