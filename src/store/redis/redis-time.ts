/**
 * Redis's clock as it can be known from here: each answer of a script carries the time at which it ran. Between answers
 * this process's monotonic clock goes on, so that a step of its wall clock changes nothing.
 */
export type RedisTime = {
  now(): number
  /** Takes note of the time, in ms, in an answer to what was sent at `sentAt` (a reading of `performance.now()`). */
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
