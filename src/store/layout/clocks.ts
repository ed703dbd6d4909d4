/**
 * The arithmetic of the idle clock; its twin is in `redis/lua/record.lua`. A use is stored only if a tenth of the idle
 * timeout, 60 s at most, has passed since the last stored use. The deadline has this slack added, so that no session ends
 * early.
 */

const MAX_SLACK_MS = 60_000

/** How long after a stored use another one is not stored, in ms. */
export const slack = (idleTimeoutSeconds: number): number => Math.min(idleTimeoutSeconds * 100, MAX_SLACK_MS)

/** When a session ends if its last use is at `lastSeenAt`: the earlier of its two clocks, in ms. */
export const deadline = (lastSeenAt: number, idleTimeoutSeconds: number, endsAt: number): number =>
  Math.min(endsAt, lastSeenAt + idleTimeoutSeconds * 1000 + slack(idleTimeoutSeconds))

/** Whether a use at `now` must be stored. */
export const touchIsDue = (record: { lastSeenAt: number; idleTimeoutSeconds: number }, now: number): boolean =>
  now - record.lastSeenAt >= slack(record.idleTimeoutSeconds)
