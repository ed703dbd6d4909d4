/**
 * Redis's clock, as this process knows it: each answer of a script holds the time at which the script ran. Between answers
 * the process's monotonic clock counts on, so a step of its wall clock changes nothing.
 */
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
