/** Each end is told once it is known: of a session by one of its clocks, and of an id by a tombstone. */

import { drawId } from '../../src/store/layout/partition.ts'
import { LATE, until } from '../helpers/until.ts'
import type { TimedConcern } from './harness.ts'
import { begin, DELETED, LONG, newRef, put } from './session.ts'
import { listenTo, partitionIn } from './telling.ts'

export const tellingEnds: TimedConcern = {
  'what is over by a clock is told by a sweep, with the clock': async (t, { store, other }, time) => {
    const [idle, lifetime] = [newRef(), newRef()]
    await begin(store, idle, { a: '1' }, { clocks: { idleTimeoutSeconds: LATE, lifetimeSeconds: 3600 } })
    await begin(store, lifetime, { a: '1' }, { clocks: { idleTimeoutSeconds: 3600, lifetimeSeconds: LATE } })
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

  'a session or a tombstone that takes the id before a sweep came tells of the end': async (
    t,
    { store, other },
    time,
  ) => {
    const [again, ended] = [newRef(), newRef()]
    const clocks = { idleTimeoutSeconds: LATE, lifetimeSeconds: 3600 }
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

  'a session that moves to an id which is over, before a sweep came, tells of that end': async (
    t,
    { store, other },
    time,
  ) => {
    const over = newRef()
    const moving = { ...over, id: drawId(partitionIn(over)) }
    await begin(store, over, { a: '1' }, { clocks: { idleTimeoutSeconds: LATE, lifetimeSeconds: 3600 } })
    await begin(store, moving, { b: '1' })
    const { heard, leave, hears } = await listenTo(other, over)
    // Before the sweep of another test.
    await time.pass(1150)
    const keeps = { life: null, newIdle: false, newLifetime: false }
    const rotation = { ...keeps, newId: over.id, clocks: LONG, tombstoneSeconds: 86_400 }
    t.match(await store.rotate(moving, rotation), { state: 'rotated', id: over.id })
    await hears(2)
    t.match(heard, [{ kind: 'ended', reason: 'idle' }, { kind: 'changed' }])
    leave()
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
