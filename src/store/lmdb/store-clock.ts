/**
 * The store's time: the process's clock, but never earlier than the last stored time. So a clock that was set back, also
 * while the process was down, brings no session back that was over. Until the clock has caught up, time stands still.
 *
 * The time is stored along with other writes, once a second at most. It is stored soon after a session was found to be
 * over that would still be live by the stored time.
 */

const STORE_EVERY_MS = 1000

export type StoreClock = ReturnType<typeof createStoreClock>

/** `clock` gives ms since 1970; `stored` is the last time that was stored, 0 if none was. */
export const createStoreClock = (clock: () => number, stored: number) => {
  let highest = stored
  let latestEnd = 0
  const owesTime = (): boolean => latestEnd > stored

  return {
    now: (): number => {
      highest = Math.max(highest, Math.floor(clock()))
      return highest
    },

    /** Takes note that something with this deadline was found to be over. */
    foundOver: (deadline: number): void => {
      latestEnd = Math.max(latestEnd, deadline)
    },

    /** Whether something was found to be over that is not over by the stored time. */
    owesTime,

    /** The time to store along with a write, or null if the stored one is still good. */
    toStore: (): number | null => (owesTime() || highest - stored >= STORE_EVERY_MS ? highest : null),

    wasStored: (time: number): void => {
      stored = time
    },

    /** By how many ms the clock is behind the store's time, 0 if it is not. */
    behind: (): number => Math.max(0, highest - Math.floor(clock())),
  }
}
