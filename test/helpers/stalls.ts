/** For how long this process could do nothing, because the machine was busy with something else. */

const TICK_MS = 10
/** A tick that is later than this is no inaccuracy of the timer. */
const LATE_MS = 20

let stalledMs = 0
let tickedAt = performance.now()

/** So far, in ms. */
export const stalled = (): number => {
  const late = performance.now() - tickedAt - TICK_MS
  return stalledMs + (late > LATE_MS ? late : 0)
}

setInterval(() => {
  stalledMs = stalled()
  tickedAt = performance.now()
}, TICK_MS).unref()
