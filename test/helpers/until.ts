/** Waits for a condition, looking every few milliseconds, and fails with its name when the deadline has passed. */
import { setTimeout as delay } from 'node:timers/promises'

/**
 * How long a test waits for what must come. Only a test that fails waits that long, so a machine that is busy with other
 * things gets all the time that it needs. A shorter deadline is for what must come sooner, and the test is about that.
 */
export const DEADLINE_MS = 60_000

export const until = async (
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = DEADLINE_MS,
): Promise<void> => {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`It did not come about within ${deadlineMs} ms that ${what}.`)
    await delay(5)
  }
}
