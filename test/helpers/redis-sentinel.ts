/**
 * A real group of Redis: a master with two replicas, and three Sentinels that watch them. All are the test's own.
 *
 * Sentinels find each other and the replicas by and by: they ask a master for its replicas every 10 s, and greet each other
 * every 2 s. Here each is told of all others by its configuration, as if it had been running for long.
 */
import type { Test } from 'tap'
import {
  ask,
  drawName,
  found,
  freePorts,
  infoOf,
  most,
  type Promoted,
  REPLICATION,
  startAll,
  urlsOf,
} from './redis-group.ts'
import { quoted, type RedisServer, type ServerOptions, staffOf } from './redis-server.ts'
import { until } from './until.ts'

export type { Promoted }

export type SentinelOptions = ServerOptions & {
  /** Of the Sentinels themselves. The URL names it. */
  readonly sentinelPassword?: string
  /** After how long without an answer a Sentinel calls a server down. */
  readonly downAfterMs?: number
  /**
   * Is asked before each server is started, and answers the port under which the server is to be known: that of a proxy of
   * the test, which leads to `port`. `index` counts the servers and the Sentinels, each from 0; server 0 is the first master.
   */
  readonly announce?: (index: number, port: number, kind: 'server' | 'sentinel') => Promise<number>
}

export type SentinelGroup = {
  /** `redis+sentinel://127.0.0.1:p,127.0.0.1:p,127.0.0.1:p/main`, with `default`'s password, if there is one. */
  readonly url: string
  /** The same for another user. */
  urlAs(username: string, password: string): string
  /** The first is the master at first. */
  readonly servers: readonly RedisServer[]
  readonly sentinels: readonly RedisServer[]
  /** The server that most of the Sentinels that answer call the master. */
  master(): Promise<RedisServer>
  /** The replicas that say so themselves. */
  replicas(): Promise<RedisServer[]>
  /** Another text after each fail-over. */
  reign(): Promise<string>
  /** Waits until most of the Sentinels that answer name another master than this one, and that one says so itself. */
  promoted(than: RedisServer): Promise<Promoted>
  /**
   * Waits until all is well again: one master, two replicas that follow it, and every Sentinel sees them and the others. It
   * hurries the Sentinels on, so that a former master that has come back is told soon.
   */
  settled(): Promise<void>
}

const SERVERS = 3
const SENTINELS = 3
const QUORUM = 2
const MASTER = 'main'

const DOWN_AFTER_MS = 1000
/**
 * For tests in which no master is to be changed. A machine that stands still for a second would make another one, and what was
 * done last could be lost with the old one.
 */
export const STEADY_SENTINELS = { downAfterMs: 60_000 }
/** A Sentinel whose fail-over has failed tries no other one for twice as long. One that was done delays none. */
const FAILOVER_TIMEOUT_MS = 3000

/**
 * How often a Sentinel asks servers what they are, and greets the others. By default a former master that comes back may take
 * writes for 20 s until it is told to follow. Only who waits until all is well wants it sooner.
 */
const USUAL = ['info-period', '10000', 'publish-period', '2000']
const QUICK = ['info-period', '300', 'publish-period', '300']

type Names = { readonly announced: readonly number[]; readonly watching: readonly number[] }

/** The configuration of a Sentinel that has long found everything. */
const sentinelLines = (at: number, names: readonly string[], ports: Names, options: SentinelOptions): string[] => {
  const { sentinelPassword, downAfterMs = DOWN_AFTER_MS } = options
  const { username, password } = staffOf(options)
  const [master, ...replicas] = ports.announced
  return [
    `sentinel myid ${names[at]}`,
    ...['sentinel announce-ip 127.0.0.1', `sentinel announce-port ${ports.watching[at]}`],
    ...(sentinelPassword === undefined ? [] : [`requirepass ${quoted(sentinelPassword)}`]),
    `sentinel monitor ${MASTER} 127.0.0.1 ${master} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER} ${downAfterMs}`,
    ...[`sentinel failover-timeout ${MASTER} ${FAILOVER_TIMEOUT_MS}`, `sentinel parallel-syncs ${MASTER} 2`],
    ...(username === undefined ? [] : [`sentinel auth-user ${MASTER} ${username}`]),
    ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER} ${password}`]),
    ...replicas.map((port) => `sentinel known-replica ${MASTER} 127.0.0.1 ${port}`),
    ...ports.watching.flatMap((port, other) =>
      other === at ? [] : [`sentinel known-sentinel ${MASTER} 127.0.0.1 ${port} ${names[other]}`],
    ),
  ]
}

/** What a Sentinel says of one instance, or of several. */
const asMap = (flat: unknown): ReadonlyMap<string, string> => {
  const words = (flat as unknown[]).map(String)
  return new Map(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? ''] as const] : [])))
}
const asMaps = (all: unknown) => (all as unknown[]).map(asMap)

const seesAll = async (sentinel: RedisServer, master: RedisServer): Promise<boolean> => {
  const [itself, replicas, others] = await Promise.all([
    sentinel.call('SENTINEL', 'MASTER', MASTER).then(asMap),
    sentinel.call('SENTINEL', 'REPLICAS', MASTER).then(asMaps),
    sentinel.call('SENTINEL', 'SENTINELS', MASTER).then(asMaps),
  ])
  // A flag more says that it is down, or that a fail-over is under way.
  if (itself.get('port') !== String(master.announced) || itself.get('flags') !== 'master') return false
  if (others.length !== SENTINELS - 1 || others.some((one) => one.get('flags') !== 'sentinel')) return false
  const follows = (one: ReadonlyMap<string, string>): boolean =>
    one.get('flags') === 'slave' &&
    one.get('master-link-status') === 'ok' &&
    one.get('master-port') === String(master.announced) &&
    // Only a replica that has been asked may be promoted.
    Number(one.get('info-refresh')) > 0
  return replicas.length === SERVERS - 1 && replicas.every(follows)
}

const roleOf = async (server: RedisServer): Promise<string> =>
  (await infoOf(server, 'replication')).get('role') as string

/** Starts them, and ends them with the test. All are well when this is done: the next master may fail at once. */
export const startSentinels = async (t: Test, options: SentinelOptions = {}): Promise<SentinelGroup> => {
  const { announce = async (_, port) => port, sentinelPassword, tls } = options
  const [ports, sentinelPorts] = [await freePorts(SERVERS), await freePorts(SENTINELS)]
  const announced = await Promise.all(ports.map((port, at) => announce(at, port, 'server')))
  const watching = await Promise.all(sentinelPorts.map((port, at) => announce(at, port, 'sentinel')))

  const serverAt = (at: number) => ({
    ...options,
    port: ports[at] as number,
    announced: announced[at] as number,
    lines: [
      ...REPLICATION,
      ...['replica-announce-ip 127.0.0.1', `replica-announce-port ${announced[at]}`],
      ...(at === 0 ? [] : [`replicaof 127.0.0.1 ${announced[0]}`]),
    ],
  })
  const names = sentinelPorts.map(drawName)
  const sentinelAt = (at: number) => ({
    ...(tls === undefined ? {} : { tls }),
    ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
    isSentinel: true,
    port: sentinelPorts[at] as number,
    announced: watching[at] as number,
    lines: sentinelLines(at, names, { announced, watching }, options),
  })

  // A replica that finds no master tries again only after a second.
  const servers = await startAll(t, [serverAt(0)])
  servers.push(...(await startAll(t, [serverAt(1), serverAt(2)])))
  const sentinels = await startAll(
    t,
    names.map((_, at) => sentinelAt(at)),
  )

  const named = async (): Promise<RedisServer | undefined> => {
    const answers = await ask(sentinels, (one) => one.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER))
    const port = most(answers.map(([, answer]) => Number((answer as string[])[1])))
    return servers.find((server) => server.announced === port)
  }
  const saying = async (role: string): Promise<RedisServer[]> => {
    const roles = await ask(servers, roleOf)
    return roles.filter(([, one]) => one === role).map(([server]) => server)
  }

  const isWell = async (): Promise<boolean> => {
    const master = await named()
    if (!master || (await roleOf(master)) !== 'master') return false
    const followers = await Promise.all(
      servers.filter((one) => one !== master).map((one) => infoOf(one, 'replication')),
    )
    const follow = followers.every(
      (info) => info.get('master_link_status') === 'up' && info.get('master_port') === String(master.announced),
    )
    return follow && (await Promise.all(sentinels.map((one) => seesAll(one, master)))).every(Boolean)
  }

  const pace = (periods: readonly string[]) => ask(sentinels, (one) => one.call('SENTINEL', 'DEBUG', ...periods))

  const urls = urlsOf('sentinel', sentinels, `/${MASTER}${query(sentinelPassword)}`, tls !== undefined)
  const group: SentinelGroup = {
    url: urls('', options.password),
    urlAs: urls,
    servers,
    sentinels,
    master: () => found(named, 'the Sentinels agree on a master'),
    replicas: () => saying('slave'),
    reign: () =>
      found(async () => {
        const all = await ask(sentinels, (one) => one.call('SENTINEL', 'MASTER', MASTER).then(asMap))
        return most(all.map(([, itself]) => itself.get('config-epoch')))
      }, 'the Sentinels agree on the last fail-over'),
    promoted: (than) =>
      found(async () => {
        const server = await named()
        if (!server || server === than) return
        const [said] = await ask([server], roleOf)
        return said?.[1] === 'master' ? { server, at: performance.now() } : undefined
      }, 'the Sentinels have promoted another server'),
    async settled() {
      await pace(QUICK)
      try {
        await until(() => isWell().catch(() => false), 'the Sentinels and their servers are well')
      } finally {
        await pace(USUAL)
      }
    },
  }
  await group.settled()
  return group
}

const query = (sentinelPassword: string | undefined): string =>
  sentinelPassword === undefined ? '' : `?sentinelPassword=${encodeURIComponent(sentinelPassword)}`
