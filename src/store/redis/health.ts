/** Whether Redis is fit to hold sessions: which part of it serves, and whether its setup would lose or bloat sessions. */
import { setTimeout as delay } from 'node:timers/promises'
import { runningTime } from '../../running-time.ts'
import type { Health } from '../port.ts'
import { StoreUnavailable, StoreUnfit } from '../port.ts'
import type { Connection } from './connection.ts'
import type { Part, Topology } from './topology.ts'

const ANSWER_MS = 500
const LISTPACK_VALUE = 1024
const ASK_AGAIN_MS = 30_000
/** So long the first look waits for the first connection. */
const FIRST_MS = 1000
const RETRY_MS = 20

const UNKNOWN = 'nobody is known to hold it'
const FULL =
  'Redis has reached its maxmemory: writes that need room get 507. Give it more memory, or let sessions end sooner.'

const ask = (connection: Connection, command: string, args: string[]): Promise<unknown> =>
  connection.send(runningTime() + ANSWER_MS, command, args)

/** A setting of the server, or undefined where CONFIG is not allowed (many hosted Redises forbid it). */
const setting = async (connection: Connection, name: string): Promise<string | undefined> => {
  try {
    return String(((await ask(connection, 'config', ['GET', name])) as Buffer[])[1])
  } catch {
    return undefined
  }
}

const setupWarnings = async (connection: Connection): Promise<string[]> => {
  const warnings: string[] = []
  const info = /redis_version:(\d+)/.exec(String(await ask(connection, 'info', ['server'])))
  if (info && Number(info[1]) < 7) {
    warnings.push('Redis is older than version 7: upgrade it, or nothing can be written.')
  }
  const policy = await setting(connection, 'maxmemory-policy')
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push(
      `Redis evicts (maxmemory-policy ${policy}): sessions that are alive will vanish. Set maxmemory-policy noeviction.`,
    )
  }
  const listpack = await setting(connection, 'hash-max-listpack-value')
  if (listpack !== undefined && Number(listpack) < LISTPACK_VALUE) {
    warnings.push(
      `Set hash-max-listpack-value ${LISTPACK_VALUE} in Redis (it is ${listpack}): sessions then take half the memory.`,
    )
  }
  return warnings
}

/** Causes that do not pass by themselves. */
const FOR_GOOD =
  /^(NOPERM|WRONGPASS|NOAUTH|no database|not a Cluster|a Cluster|no master|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|CERT_)/

const isForGood = (cause: string | undefined): boolean => cause !== undefined && FOR_GOOD.test(cause)

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
        const message = `Redis cannot be used: ${cause ?? UNKNOWN}.`
        throw isForGood(cause) ? new StoreUnfit(message) : new StoreUnavailable(message)
      }
      await delay(RETRY_MS)
    }
    const parts = topology.parts()
    if (performance.now() - askedAt > ASK_AGAIN_MS) {
      const serving = parts.filter((part) => whyAway(part) === undefined)
      const all = await Promise.allSettled(serving.map(({ server }) => setupWarnings(server?.connection as Connection)))
      warnings = [...new Set(all.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])))]
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
