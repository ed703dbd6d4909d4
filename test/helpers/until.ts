/** Waits for a condition, looking again and again, and fails with its name when the deadline has passed. */
import { setTimeout as delay } from 'node:timers/promises'

/**
 * How long a test waits for what must come. Only a test that fails waits that long, so a machine that is busy with other
 * things gets all the time that it needs. A shorter deadline is for what must come sooner, and the test is about that.
 */
export const DEADLINE_MS = 60_000

/** How many times slower the code is than it is shipped: `npm run test:mutants` counts in it which line was run. */
export const SLOWED = Number(process.env.SLOWED ?? 1)

/**
 * How many times later than on a machine of its own something is done: `npm test` measures it. Times that a test really waits
 * for, and in which something else must be done, are stretched by it.
 */
export const LATE = Number(process.env.LATE ?? 1)

/** What is waited for long is looked for less often: looking costs, and the machine has other work. */
const pauseMs = (waitedMs: number): number => Math.min(50, 5 + waitedMs / 20)

export const until = async (
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = DEADLINE_MS,
): Promise<void> => {
  const started = performance.now()
  while (!(await condition())) {
    const waitedMs = performance.now() - started
    if (waitedMs > deadlineMs) throw new Error(`It did not come about within ${deadlineMs} ms that ${what}.`)
    await delay(pauseMs(waitedMs))
  }
}
