/**
 * Two replicas on one Redis, with writers on both, and readers of all kinds: those that fold what they are told, those of
 * the whole namespace, and those that never read.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import { KEYS } from './app.ts'
import { type FollowedState, type Follower, follow } from './follower.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { type Replica, startReplica } from './replica.ts'
import { slowLine } from './slow-line.ts'
import { until } from './until.ts'

export const begin = async (t: Test, env: Readonly<Record<string, string>> = {}) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const start = () => startReplica(t, { COATCHECK_STORE: redis.url, ...env })
  const replicas: Replica[] = await Promise.all([start(), start()])
  return { redis, replicas }
}

/** Two replicas, of which the first has a line to Redis that can be slow or go silent. */
export const beginOnLine = async (t: Test) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const line = await slowLine(redis.port)
  t.teardown(() => line.stop())
  const [far, near] = (await Promise.all(
    [line.port, redis.port].map((port) => startReplica(t, { COATCHECK_STORE: `redis://127.0.0.1:${port}` })),
  )) as [Replica, Replica]
  return { line, far, near }
}

export const adminOf = (t: Test, redis: RedisServer): Redis => {
  const admin = new Redis(redis.port, { retryStrategy: () => 50 })
  admin.on('error', () => {})
  t.teardown(() => admin.disconnect())
  return admin
}

export const settingsOf = (id: string): string => `/v1/sessions/${id}/settings`

export const make = async ({ call }: Replica, count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => randomUUID())
  const made = await Promise.all(ids.map((id) => call('PATCH', settingsOf(id), { body: { a: 0 } })))
  for (const { status } of made) if (status !== 201) throw new Error(`A session could not be made: ${status}.`)
  return ids
}

/** One reader of each session on each replica; settles when each holds a state. */
export const followAll = async (
  t: Test,
  replicas: readonly Replica[],
  ids: readonly string[],
  options: { returns?: boolean; onState?: (id: string, state: FollowedState) => void } = {},
): Promise<Follower[]> => {
  const followers = replicas.flatMap(({ port }) => ids.map((id) => follow({ port, id, key: KEYS.shop, ...options })))
  t.teardown(() => {
    for (const follower of followers) follower.stop()
  })
  await until(() => followers.every((follower) => follower.state() !== null), 'every reader was told a state')
  return followers
}

const WRITERS = 4
export const LONG = 'long '.repeat(500)

/** Writes to these sessions by each replica, again and again, until stopped; an outage is nothing to it. */
export const keepWriting = (t: Test, replicas: readonly Replica[], ids: readonly string[]) => {
  let stopped = false
  let acknowledged = 0
  const pick = <T>(things: readonly T[]): T => things[Math.floor(Math.random() * things.length)] as T

  const write = async ({ call }: Replica): Promise<void> => {
    for (let n = 0; !stopped; n++) {
      const path = settingsOf(pick(ids))
      const value = n % 7 === 0 ? `${n} ${LONG}` : `${n} ${Math.random()}`
      const isRemoval = n % 5 === 0
      const sent = isRemoval
        ? call('DELETE', `${path}/${pick('bcd'.split(''))}`)
        : call('PATCH', path, { body: { [pick('abcd'.split(''))]: value } })
      const status = await sent.then(
        (answer) => answer.status,
        () => 0,
      )
      if (status === 204) acknowledged += 1
      // Away: as any caller it waits a little. Otherwise it leaves the others some of the processor.
      await delay(status === 0 || status === 503 ? 50 : 5)
    }
  }

  const writing = replicas.flatMap((replica) => Array.from({ length: WRITERS }, () => write(replica)))
  const stop = async (): Promise<void> => {
    stopped = true
    await Promise.all(writing)
  }
  t.teardown(stop)
  return {
    stop,
    writes: (more: number) => {
      const aim = acknowledged + more
      return until(() => acknowledged >= aim, `${more} more writes are acknowledged`)
    },
  }
}

/** What the store holds of these sessions, by the API. */
export const readAll = async ({ call }: Replica, ids: readonly string[]): Promise<Map<string, FollowedState>> => {
  const found = new Map<string, FollowedState>()
  for (let at = 0; at < ids.length; at += 100) {
    const { json } = await call('POST', '/v1/sessions/batch', { body: { ids: ids.slice(at, at + 100) } })
    for (const [id, { etag, settings }] of Object.entries(json.sessions)) found.set(id, { etag, settings })
  }
  return found
}

/** A copy of a session's hash, and what puts it back as if nothing had been written since: a fail-over that lost writes. */
export const copyOf = async (admin: Redis, id: string) => {
  const bytes = idBytes(id)
  const key = Buffer.concat([Buffer.from(`cc:{${partitionOf(bytes)}}:s:shop:`), bytes])
  const [dump, until] = [await admin.dumpBuffer(key), await admin.pexpiretime(key)]
  return {
    key,
    putBack: () => admin.call('RESTORE', key, until, dump, 'REPLACE', 'ABSTTL'),
  }
}

/** Hears of ends in the feed of the namespace, from when this settles on. */
export const followFeed = async (
  t: Test,
  { port }: Replica,
  ended: (id: string, reason: string) => void,
): Promise<void> => {
  const headers = { authorization: `Bearer ${KEYS.shop}` }
  const outgoing = request({ host: '127.0.0.1', port, path: '/v1/events', headers, agent: false })
  t.teardown(() => outgoing.destroy())
  outgoing.on('error', () => {})
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  incoming.on('error', () => {})
  let text = ''
  incoming.setEncoding('utf8').on('data', (piece: string) => {
    const blocks = (text + piece).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^event: ended\ndata: (.*)$/.exec(block)?.[1]
      if (data === undefined) continue
      const { id, reason } = JSON.parse(data)
      ended(id, reason)
    }
  })
}

/** What waits in the sockets of this machine for one that does not read is some MB; beyond it 256 KiB are kept by the service. */
const BLOCK = 'x'.repeat(60_000)
/** 15 MB, where a connection of this machine keeps 10 MB at most on its way. */
const BLOCKS = 250

/** Opens a stream that nobody reads, and writes until the service has something left for it that it cannot send. */
export const openUnread = async (t: Test, at: Replica, writer: Replica): Promise<void> => {
  const [id = ''] = await make(writer, 1)
  const socket = connect(at.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(`GET /v1/sessions/${id}/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${KEYS.shop}\r\n\r\n`)
  const [data] = await once(socket, 'data')
  socket.pause()
  if (!String(data).startsWith('HTTP/1.1 200')) throw new Error(`The stream was refused: ${data}`)
  // More than the system keeps on the way, so that the rest waits in the service.
  for (let n = 0; n < BLOCKS; n++) await writer.call('PATCH', settingsOf(id), { body: { a: `${n}${BLOCK}` } })
}
