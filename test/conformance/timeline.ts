/**
 * One passing of time for many tests. A harness that truly waits would make a dozen tests of two seconds each take
 * half a minute, and a harness that moves one clock would move it under the feet of whoever else is running. So the
 * tests of a timeline all run at once, each waits by it alone, and only when every one of them waits or has ended does
 * the time pass, to the earliest instant that one of them waits for.
 */

import type { Test } from 'tap'
import { LATE } from '../helpers/until.ts'
import type { Harness, Stores, TimedConcern } from './harness.ts'

export type Timeline = {
  /** Waits until the store's time is past this instant, in ms since 1970. */
  past(instant: number): Promise<void>
  /** Waits until this many ms have passed by the store's time; on a slow machine `LATE` times as many. */
  pass(ms: number): Promise<void>
}

/** A remote store's `now()` is an estimate: what is waited for is surely over once this much more has passed. */
const ESTIMATE_MS = 50

type Sleeper = { readonly until: number; wake(): void; fail(error: unknown): void }

const createTimeline = (harness: Harness, now: () => number, tests: number) => {
  let awake = tests
  let sleepers: Sleeper[] = []

  const passIfAllWait = async (): Promise<void> => {
    if (awake > 0 || sleepers.length === 0) return
    const next = Math.min(...sleepers.map(({ until }) => until))
    try {
      await harness.elapse(Math.max(1, next - now()))
    } catch (error) {
      for (const sleeper of sleepers) sleeper.fail(error)
      return
    }
    const due = sleepers.filter(({ until }) => until <= next)
    sleepers = sleepers.filter(({ until }) => until > next)
    awake = due.length
    for (const sleeper of due) sleeper.wake()
  }

  const rest = (): Promise<void> => {
    awake -= 1
    return passIfAllWait()
  }

  const until = (instant: number): Promise<void> =>
    new Promise<void>((wake, fail) => {
      sleepers.push({ until: instant, wake, fail })
      void rest()
    })

  const timeline: Timeline = {
    past: (instant) => until(instant + ESTIMATE_MS),
    pass: (ms) => until(now() + ms * LATE),
  }
  return { timeline, rest }
}

/** Runs all tests of these concerns at once, on one timeline. */
export const runTimed = async (t: Test, harness: Harness, stores: Stores, concerns: TimedConcern[]): Promise<void> => {
  const tests = concerns.flatMap((concern) => Object.entries(concern))
  const { timeline, rest } = createTimeline(harness, () => stores.store.now(), tests.length)
  t.jobs = tests.length
  await Promise.all(
    tests.map(([name, test]) =>
      t.test(name, async (t) => {
        try {
          await test(t, stores, timeline)
        } finally {
          void rest()
        }
      }),
    ),
  )
}
