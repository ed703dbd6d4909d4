/**
 * The idle clock's arithmetic, the one place where it is written down in TypeScript; `redis/lua/record.lua` holds its
 * twin. Use is not written down each time but only once a tenth of the idle timeout (60 s at most) has passed since it
 * was last; the deadline carries that slack on top, so that nobody is ended early.
 */

const MAX_SLACK_MS = 60_000

/** For how long after a use another one writes nothing, in ms. */
export const slack = (idleTimeoutSeconds: number): number => Math.min(idleTimeoutSeconds * 100, MAX_SLACK_MS)

/** When a session ends that nobody uses after `lastSeenAt`: the earlier of its two clocks. In ms. */
export const deadline = (lastSeenAt: number, idleTimeoutSeconds: number, endsAt: number): number =>
  Math.min(endsAt, lastSeenAt + idleTimeoutSeconds * 1000 + slack(idleTimeoutSeconds))

/** Whether a use at `now` must be written down. */
export const touchIsDue = (record: { lastSeenAt: number; idleTimeoutSeconds: number }, now: number): boolean =>
  now - record.lastSeenAt >= slack(record.idleTimeoutSeconds)
