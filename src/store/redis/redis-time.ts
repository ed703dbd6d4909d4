/**
 * Redis's clock, as this process knows it: each server is asked for its time before it is given anything to do, and each
 * second after, and each answer of a script holds the time at which it ran. Between answers the process's monotonic clock
 * counts on, so a step of its wall clock changes nothing.
 */
import { onTick } from '../../running-time.ts'

export type RedisTime = {
  now(): number
  /** Learns the time, in ms, from an answer to a command that was sent at `sentAt`, by `performance.now()`. */
  learn(time: number, sentAt: number): void
}

export const createRedisTime = (): RedisTime => {
  let offset = Date.now() - performance.now()
  return {
    now: () => Math.round(performance.now() + offset),
    learn(time, sentAt) {
      offset = time - (sentAt + performance.now()) / 2
    },
  }
}

/** What the two clocks may differ by from one look to the next, and how long the process may have done nothing between them. */
const GAP_MS = 500

/**
 * Calls a function after a gap of which this process knows nothing: it stood still, or the wall clock and the monotonic clock
 * have parted, as after a sleep of the machine. Time is another one then, and the master may be.
 */
export const onGap = (afterGap: () => void): (() => void) => {
  let [wall, monotonic] = [Date.now(), performance.now()]
  return onTick(() => {
    const [wallNow, now] = [Date.now(), performance.now()]
    const passed = now - monotonic
    if (passed > GAP_MS || Math.abs(wallNow - wall - passed) > GAP_MS) afterGap()
    ;[wall, monotonic] = [wallNow, now]
  })
}
