/**
 * The store's time: the process's clock, but never below the last time that was stored, so that a clock which was set
 * back (also while the process was down) brings nothing to life that was over. Until the clock has caught up, time
 * stands still. It is stored with a write of something else, once a second at most; soon, if something was found to be
 * over that the stored time would still call alive.
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

    /** Tells that something which ended at `deadline` was found to be over. */
    foundOver: (deadline: number): void => {
      latestEnd = Math.max(latestEnd, deadline)
    },

    /** Whether something was found to be over by a time that is not stored yet. */
    owesTime,

    /** The time to store with what is being written, or null if the stored one will do. */
    toStore: (): number | null => (owesTime() || highest - stored >= STORE_EVERY_MS ? highest : null),

    wasStored: (time: number): void => {
      stored = time
    },

    /** By how many ms the clock is behind the store's time, 0 if it is not. */
    behind: (): number => Math.max(0, highest - Math.floor(clock())),
  }
}
