/**
 * Sweeping: what is over leaves the expiry index and the disk, once, and nothing else does. Sessions are counted
 * exactly, so this runs while nothing comes to an end that earlier concerns left behind. A sweep may answer the
 * tombstones that it removed as well; whether there are any to remove is the adapter's affair.
 */

import type { SessionRef, Store } from '../../src/store/port.ts'
import { LATE } from '../helpers/until.ts'
import type { TimedConcern } from './harness.ts'
import { begin, DELETED, newRef, put, readLive, sorted } from './session.ts'

/** Idle timeouts run for a tenth longer, so that twice this share of one is too long, and once leaves time for what is done. */
const SHARE = 0.65

/**
 * An idle timeout of 4 s, or of as many as leave time for ten sweeps before a session that was used is over: all that
 * is done meanwhile takes the longer the busier the machine is.
 */
const briefFor = (sweepMs: number): number => Math.max(4 * LATE, Math.ceil((10 * sweepMs) / ((1.1 - SHARE) * 1000)))

const newRefs = (n: number): SessionRef[] => Array.from({ length: n }, () => newRef())

/** Sweeps six times at once, and answers how many were removed in all. */
const sweepAtOnce = async (...stores: Store[]): Promise<number> => {
  const swept = await Promise.all([...stores, ...stores, ...stores].map((store) => store.sweep()))
  return swept.reduce((sum, n) => sum + n)
}

export const sweeping: TimedConcern = {
  'a sweep removes what is over and nothing else': async (t, { store, other }, time) => {
    await store.sweep()
    const since = performance.now()
    t.equal(await store.sweep(), 0, 'nothing is over now')
    const seconds = briefFor(performance.now() - since)
    const briefly = { clocks: { idleTimeoutSeconds: seconds, lifetimeSeconds: 3600 } }
    const shareMs = (SHARE * seconds * 1000) / LATE
    const before = await store.count()

    const [brief, long, used, again] = [newRefs(12), newRefs(4), newRef(), newRef()]
    for (const ref of [...brief, again]) await begin(store, ref, { a: '1' }, briefly)
    for (const ref of long) await begin(store, ref, { a: '1' })
    await begin(store, used, { a: '1' }, briefly)
    t.equal(await other.count(), before + 18, 'the living count')
    await time.pass(shareMs)
    t.equal(await store.sweep(), 0, 'a session about to end is not over')
    await store.touch(used, null)

    await time.pass(shareMs)
    await put(store, again, { b: '2' })
    t.equal(await store.count(), before + 18, 'what no sweep has met still counts')
    t.equal(await sweepAtOnce(store, other), brief.length, 'each that is over is removed by one of the sweeps')
    t.equal(await store.count(), before + 6, 'but not one that was used, though its first deadline has passed')
    for (const ref of [...long, used]) t.strictSame(sorted((await readLive(other, ref)).settings), [['a', '1']])
    t.strictSame(sorted((await readLive(other, again)).settings), [['b', '2']], 'nor one that has begun again')
    for (const ref of brief) t.strictSame(await other.read(ref), { state: 'missing' })

    const [lapsing, standing, lapsedAgain] = [newRefs(2), newRefs(2), newRef()]
    for (const ref of [lapsing[0]!, standing[0]!]) await begin(store, ref, { a: '1' })
    t.equal(await other.count(), before + 8)
    for (const ref of [...lapsing, lapsedAgain]) await store.end(ref, { ...DELETED, tombstoneSeconds: LATE })
    for (const ref of standing) await store.end(ref, DELETED)
    t.equal(await other.count(), before + 6, 'a tombstone does not count')

    const racing = newRefs(20)
    for (const ref of racing) await begin(store, ref, { a: '1' }, briefly)

    await time.pass(2 * shareMs)
    await put(store, lapsedAgain, { b: '2' })
    t.equal(await store.count(), before + 27)
    const beginAgain = async (): Promise<void> => {
      for (const ref of racing) await put(other, ref, { b: '2' })
    }
    const [swept] = await Promise.all([sweepAtOnce(store, other), beginAgain()])
    t.ok(
      1 <= swept && swept <= 1 + lapsing.length + racing.length,
      `${swept} removed, the one that was used among them`,
    )
    t.equal(await store.count(), before + 26, 'what begins while a sweep is under way is not removed')
    for (const ref of [...racing, lapsedAgain]) {
      t.strictSame(sorted((await readLive(store, ref)).settings), [['b', '2']])
    }
    for (const ref of standing) t.equal((await store.read(ref)).state, 'gone')
    for (const ref of [...lapsing, used]) t.strictSame(await store.read(ref), { state: 'missing' })
    t.equal(await sweepAtOnce(store, other), 0, 'and nothing is left to remove')
  },
}
