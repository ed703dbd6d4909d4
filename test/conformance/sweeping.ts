/**
 * Sweeping: what is over leaves the expiry index and the disk, once, and nothing else does. Sessions are counted
 * exactly, so this runs while nothing comes to an end that earlier concerns left behind. A sweep may answer the
 * tombstones that it removed as well; whether there are any to remove is the adapter's affair.
 */
import type { SessionRef, Store } from '../../src/store/port.ts'
import type { TimedConcern } from './harness.ts'
import { begin, DELETED, newRef, put, readLive, sorted } from './session.ts'

const BRIEF = { clocks: { idleTimeoutSeconds: 1, lifetimeSeconds: 3600 } }
const SHORT = { clocks: { idleTimeoutSeconds: 2, lifetimeSeconds: 3600 } }

const newRefs = (n: number): SessionRef[] => Array.from({ length: n }, () => newRef())

/** Sweeps six times at once, and answers how many were removed in all. */
const sweepAtOnce = async (...stores: Store[]): Promise<number> => {
  const swept = await Promise.all([...stores, ...stores, ...stores].map((store) => store.sweep()))
  return swept.reduce((sum, n) => sum + n)
}

export const sweeping: TimedConcern = {
  'a sweep removes what is over and nothing else': async (t, { store, other }, time) => {
    await store.sweep()
    t.equal(await store.sweep(), 0, 'nothing is over now')
    const before = await store.count()

    const [brief, long, used, again] = [newRefs(12), newRefs(4), newRef(), newRef()]
    for (const ref of [...brief, again]) await begin(store, ref, { a: '1' }, BRIEF)
    for (const ref of long) await begin(store, ref, { a: '1' })
    await begin(store, used, { a: '1' }, SHORT)
    t.equal(await other.count(), before + 18, 'the living count')
    await time.pass(700)
    t.equal(await store.sweep(), 0, 'a session about to end is not over')

    await time.pass(550)
    await store.touch(used, null)
    await put(store, again, { b: '2' })
    t.equal(await store.count(), before + 18, 'what no sweep has met still counts')
    t.equal(await sweepAtOnce(store, other), brief.length, 'each that is over is removed by one of the sweeps')
    t.equal(await store.count(), before + 6)

    const [lapsing, standing, lapsedAgain] = [newRefs(2), newRefs(2), newRef()]
    for (const ref of [lapsing[0]!, standing[0]!]) await begin(store, ref, { a: '1' })
    t.equal(await other.count(), before + 8)
    for (const ref of [...lapsing, lapsedAgain]) await store.end(ref, { ...DELETED, tombstoneSeconds: 1 })
    for (const ref of standing) await store.end(ref, DELETED)
    t.equal(await other.count(), before + 6, 'a tombstone does not count')

    await time.pass(1100)
    await put(store, lapsedAgain, { b: '2' })
    t.ok((await sweepAtOnce(store, other)) <= lapsing.length, 'no session is over, but tombstones have lapsed')
    t.equal(await store.count(), before + 7)
    for (const ref of [...long, used]) t.strictSame(sorted((await readLive(store, ref)).settings), [['a', '1']])
    for (const ref of [again, lapsedAgain]) t.strictSame(sorted((await readLive(store, ref)).settings), [['b', '2']])
    for (const ref of standing) t.equal((await store.read(ref)).state, 'gone')
    for (const ref of [...brief, ...lapsing]) t.strictSame(await store.read(ref), { state: 'missing' })

    await time.pass(1400)
    t.equal(await store.count(), before + 7)
    t.equal(await other.sweep(), 1, 'a session that was used is removed at its last deadline')
    t.equal(await store.count(), before + 6)
  },
}
