/**
 * Time during which this process ran, in ms: a clock that stands still while the event loop is held up. Deadlines of answers
 * are counted by it, to some 20 ms. An answer that lies unread in a socket because this process was busy is not late.
 */
const TICK_MS = 20
/** A step that took longer is a stall, and counts as this much. */
const LONGEST_STEP_MS = 60

let running = 0
let tickedAt = performance.now()
const listeners = new Set<() => void>()

const tellAll = (): void => {
  for (const listener of listeners) listener()
}

setInterval(() => {
  const at = performance.now()
  running += Math.min(at - tickedAt, LONGEST_STEP_MS)
  tickedAt = at
  // Timers come before the sockets in a turn of the loop. What has arrived is read first, and judged then.
  setImmediate(tellAll)
}, TICK_MS).unref()

/** As of the last tick: each call asks for it, and to ask the system each time costs more than it is worth. */
export const runningTime = (): number => running

/** Calls a function about every 20 ms, until the function that this gives is called. It keeps no process alive. */
export const onTick = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
