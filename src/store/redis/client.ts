/**
 * Sets up the ioredis client so that a dead, frozen or silent Redis is an error at once: no command is queued while Redis is
 * away, none is sent twice, and each command and each silent connection has a timeout.
 */
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { ScriptName } from './scripts.ts'
import { scriptTexts } from './scripts.ts'
import type { RedisTarget } from './url.ts'

export const COMMAND_TIMEOUT_MS = 1000

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1000

/** 50 ms, doubled up to 1 s, and at random down to half of that, so that replicas do not come back in step. */
const reconnectDelay = (attempt: number): number => {
  const delay = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_RETRY_MS)
  return Math.round(delay * (0.5 + Math.random() / 2))
}

/** After a fail-over the old master answers READONLY: connect anew, but do not send the command again (1, not 2). */
const reconnectOnError = (error: Error): 1 | false => (error.message.startsWith('READONLY') ? 1 : false)

export type Client = Redis | Cluster

const scriptCommands = () => {
  const texts = scriptTexts()
  return Object.fromEntries(
    (Object.keys(texts) as ScriptName[]).map((name) => [scriptCommand(name), { lua: texts[name] }]),
  )
}

/** A client that connects at once and keeps at it. The caller listens to 'error'. */
export const createClient = (target: RedisTarget): Client => connect(target, { scripts: scriptCommands() })

/** A client for subscriptions. It makes none by itself. */
export const createSubscriberClient = (target: RedisTarget): Client =>
  connect(target, { autoResubscribe: false, connectionName: 'coatcheck-changes' })

/** The host's name is said (SNI), where there is one: several servers may be behind one address. */
const tlsFor = ({ kind, hosts }: RedisTarget): ConnectionOptions => {
  const { host = '' } = hosts[0] ?? {}
  return kind === 'single' && isIP(host) === 0 ? { servername: host } : {}
}

const connect = (target: RedisTarget, peculiar: RedisOptions): Client => {
  const connection: RedisOptions = {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: tlsFor(target) } : {}),
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 1000,
    socketTimeout: 2000,
    enableReadyCheck: true,
    autoResendUnfulfilledCommands: false,
    connectionName: 'coatcheck',
    reconnectOnError,
    ...peculiar,
  }
  if (target.kind === 'cluster') {
    return new Cluster([...target.hosts], {
      ...(peculiar.scripts && { scripts: peculiar.scripts }),
      shardedSubscribers: peculiar.scripts === undefined,
      enableOfflineQueue: false,
      slotsRefreshTimeout: 2000,
      slotsRefreshInterval: 10_000,
      scaleReads: 'master',
      clusterRetryStrategy: reconnectDelay,
      redisOptions: { ...connection, maxRetriesPerRequest: 0 },
    })
  }
  const single: RedisOptions = {
    ...connection,
    db: target.db,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnectDelay,
  }
  if (target.kind === 'sentinel') {
    return new Redis({
      ...single,
      sentinels: [...target.hosts],
      name: target.master,
      failoverDetector: true,
      sentinelRetryStrategy: reconnectDelay,
      sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
      // Without the two ioredis speaks TLS to nobody here: neither to the Sentinels, nor to the Redis that they name.
      ...(target.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
      ...(target.sentinelUsername === undefined ? {} : { sentinelUsername: target.sentinelUsername }),
      ...(target.sentinelPassword === undefined ? {} : { sentinelPassword: target.sentinelPassword }),
    })
  }
  const [host] = target.hosts
  return new Redis({ ...single, host: host?.host ?? '127.0.0.1', port: host?.port ?? 6379 })
}

/** The name under which a script is a command of the client. */
export const scriptCommand = (name: ScriptName): string => `coatcheck_${name}`
