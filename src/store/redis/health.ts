/** Whether Redis is fit to hold sessions: which part of it serves, and whether its setup would lose or bloat sessions. */
import { setTimeout as delay } from 'node:timers/promises'
import { runningTime } from '../../running-time.ts'
import { type Finding, warningsIn } from '../finding.ts'
import type { Health } from '../port.ts'
import { StoreUnavailable, StoreUnfit } from '../port.ts'
import { isForGood, todoFor } from './causes.ts'
import type { Connection } from './connection.ts'
import { judgeSetup, readSetup } from './server-setup.ts'
import type { Part, Topology } from './topology.ts'

const ANSWER_MS = 500
const ASK_AGAIN_MS = 30_000
/** So long the first look waits for the first connection. */
const FIRST_MS = 1000
const RETRY_MS = 20

const UNKNOWN = 'nobody is known to hold it'
const FULL =
  'Redis has reached its maxmemory: writes that need room get 507. Give it more memory, or let sessions end sooner.'

const setupOf = async ({ name, send }: Connection): Promise<Finding[]> =>
  judgeSetup(name, await readSetup((command, ...args) => send(runningTime() + ANSWER_MS, command, args)))

const whyAway = ({ server, why }: Part): string | undefined => (server ? server.connection.cause() : (why ?? UNKNOWN))

/** Looks each time at the connections, which are watched all the time, and every 30 s at how the servers are set up. */
export const createHealth = (topology: Topology, hasRoom: () => boolean): (() => Promise<Health>) => {
  const born = runningTime()
  let warnings: readonly string[] = []
  let askedAt = Number.NEGATIVE_INFINITY

  const isAnyServing = (): boolean => topology.parts().some((part) => whyAway(part) === undefined)

  return async () => {
    while (!isAnyServing()) {
      const [first] = topology.parts()
      const cause = first && whyAway(first)
      if (runningTime() - born > FIRST_MS || isForGood(cause)) {
        const message = `Redis cannot be used: ${cause ?? UNKNOWN}. ${todoFor(cause ?? UNKNOWN)}`
        throw isForGood(cause) ? new StoreUnfit(message) : new StoreUnavailable(message)
      }
      await delay(RETRY_MS)
    }
    const parts = topology.parts()
    if (performance.now() - askedAt > ASK_AGAIN_MS) {
      const serving = parts.filter((part) => whyAway(part) === undefined)
      const all = await Promise.allSettled(serving.map(({ server }) => setupOf(server?.connection as Connection)))
      warnings = warningsIn(all.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])))
      askedAt = performance.now()
    }
    return {
      warnings: hasRoom() ? warnings : [...warnings, FULL],
      away: parts.flatMap((part) => {
        const cause = whyAway(part)
        return cause === undefined ? [] : [`${part.holds}: ${cause}`]
      }),
    }
  }
}
