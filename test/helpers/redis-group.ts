/** What a group of Sentinels and a Cluster have in common. */
import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { within } from '../../src/store/within.ts'
import { freePort, type RedisServer, type StartOptions, startRedis } from './redis-server.ts'
import { until } from './until.ts'

export type Promoted = {
  readonly server: RedisServer
  /** When it was seen, by `performance.now()`. */
  readonly at: number
}

/** As nodes and Sentinels name themselves. */
export const drawName = (): string => randomBytes(20).toString('hex')

/** So many different ports. */
export const freePorts = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort))

/**
 * A replica begins to follow at once; by default it is made to wait 5 s, for others that may come. A master that has nothing
 * to say says so each second: a Cluster names no replica that has heard nothing yet.
 */
export const REPLICATION = ['repl-diskless-sync-delay 0', 'repl-ping-replica-period 1', 'repl-timeout 10']

/** Starts servers side by side; all are ended with the test, also if one does not start. */
export const startAll = async (t: Test, all: readonly StartOptions[]): Promise<RedisServer[]> => {
  const starting = all.map((options) => startRedis(options))
  t.teardown(async () => {
    for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') await one.value.stop()
  })
  return Promise.all(starting)
}

/** Who does not answer by then counts as silent. It is tight, as who waits for a fail-over asks the dead as well. */
const SILENT_MS = 250

/** The answers of those who answer, and whose they are. */
export const ask = async <T>(
  servers: readonly RedisServer[],
  question: (server: RedisServer) => Promise<T>,
): Promise<[RedisServer, T][]> => {
  const asked = servers.map(
    async (server): Promise<[RedisServer, T]> => [server, await within(question(server), SILENT_MS)],
  )
  const answers = await Promise.allSettled(asked)
  return answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

/** What more than half of these are, if there is such a one. */
export const most = <T>(all: readonly T[]): T | undefined =>
  all.find((one) => 2 * all.filter((other) => other === one).length > all.length)

/** Waits until there is one, and answers it. */
export const found = async <T>(look: () => Promise<T | undefined>, what: string): Promise<T> => {
  let seen: T | undefined
  await until(async () => {
    seen = await look()
    return seen !== undefined
  }, what)
  return seen as T
}

export const infoOf = async (server: RedisServer, section: string): Promise<ReadonlyMap<string, string>> => {
  const text = String(await server.call('INFO', section))
  return new Map([...text.matchAll(/^([^:\r\n]+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]))
}

/** Makes the URLs of a group for its users. */
export const urlsOf =
  (form: 'sentinel' | 'cluster', hosts: readonly RedisServer[], end: string, hasTls: boolean) =>
  (username: string, password: string | undefined): string => {
    const user = password === undefined ? '' : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`
    const at = hosts.map(({ announced }) => `127.0.0.1:${announced}`).join(',')
    return `redis${hasTls ? 's' : ''}+${form}://${user}${at}${end}`
  }
