/** Waits for a condition, looking every few milliseconds, and fails with its name when the deadline has passed. */
import { setTimeout as delay } from 'node:timers/promises'

export const until = async (
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 10_000,
): Promise<void> => {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`It did not come about within ${deadlineMs} ms that ${what}.`)
    await delay(5)
  }
}
