/**
 * Time during which this process ran, in ms: a clock that stands still while the event loop is held up. Deadlines of answers
 * are counted by it. An answer that lies unread in a socket because this process was busy is not late.
 */
const TICK_MS = 20
/** A step that took longer is a stall, and counts as this much. */
const LONGEST_STEP_MS = 60

let running = 0
let tickedAt = performance.now()
const listeners = new Set<() => void>()

const stepSince = (at: number): number => Math.min(at - tickedAt, LONGEST_STEP_MS)

const tellAll = (): void => {
  for (const listener of listeners) listener()
}

setInterval(() => {
  const at = performance.now()
  running += stepSince(at)
  tickedAt = at
  // Timers come before the sockets in a turn of the loop. What has arrived is read first, and judged then.
  setImmediate(tellAll)
}, TICK_MS).unref()

export const runningTime = (): number => running + stepSince(performance.now())

/** Calls a function about every 20 ms, until the function that this gives is called. It keeps no process alive. */
export const onTick = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
