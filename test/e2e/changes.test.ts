/**
 * What readers of events are told while everything around them breaks: two replicas of the compiled service on one Redis.
 * Whatever is lost on the way, in the end each reader holds what the store holds.
 */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { idBytes, partitionOf } from '../../src/store/partition.ts'
import { KEYS } from '../helpers/app.ts'
import { type FollowedState, type Follower, follow } from '../helpers/follower.ts'
import { type RedisServer, startRedis } from '../helpers/redis-server.ts'
import { type Replica, startReplica } from '../helpers/replica.ts'
import { slowLine } from '../helpers/slow-line.ts'
import { until } from '../helpers/until.ts'

const begin = async (t: Test, env: Readonly<Record<string, string>> = {}) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const start = () => startReplica(t, { COATCHECK_STORE: redis.url, ...env })
  const replicas: Replica[] = await Promise.all([start(), start()])
  return { redis, replicas }
}

/** Two replicas, of which the first has a line to Redis that can be slow or go silent. */
const beginOnLine = async (t: Test) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const line = await slowLine(redis.port)
  t.teardown(() => line.stop())
  const [far, near] = (await Promise.all(
    [line.port, redis.port].map((port) => startReplica(t, { COATCHECK_STORE: `redis://127.0.0.1:${port}` })),
  )) as [Replica, Replica]
  return { line, far, near }
}

const adminOf = (t: Test, redis: RedisServer): Redis => {
  const admin = new Redis(redis.port, { retryStrategy: () => 50 })
  admin.on('error', () => {})
  t.teardown(() => admin.disconnect())
  return admin
}

const settingsOf = (id: string): string => `/v1/sessions/${id}/settings`

const make = async ({ call }: Replica, count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => randomUUID())
  const made = await Promise.all(ids.map((id) => call('PATCH', settingsOf(id), { body: { a: 0 } })))
  for (const { status } of made) if (status !== 201) throw new Error(`A session could not be made: ${status}.`)
  return ids
}

/** One reader of each session on each replica; settles when each holds a state. */
const followAll = async (
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
const LONG = 'long '.repeat(500)

/** Writes to these sessions by each replica, again and again, until stopped; an outage is nothing to it. */
const keepWriting = (t: Test, replicas: readonly Replica[], ids: readonly string[]) => {
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
      return until(() => acknowledged >= aim, `${more} more writes are acknowledged`, 20_000)
    },
  }
}

/** What the store holds of these sessions, by the API. */
const readAll = async ({ call }: Replica, ids: readonly string[]): Promise<Map<string, FollowedState>> => {
  const found = new Map<string, FollowedState>()
  for (let at = 0; at < ids.length; at += 100) {
    const { json } = await call('POST', '/v1/sessions/batch', { body: { ids: ids.slice(at, at + 100) } })
    for (const [id, { etag, settings }] of Object.entries(json.sessions)) found.set(id, { etag, settings })
  }
  return found
}

/** A copy of a session's hash, and what puts it back as if nothing had been written since: a fail-over that lost writes. */
const copyOf = async (admin: Redis, id: string) => {
  const bytes = idBytes(id)
  const key = Buffer.concat([Buffer.from(`cc:{${partitionOf(bytes)}}:s:shop:`), bytes])
  const [dump, until] = [await admin.dumpBuffer(key), await admin.pexpiretime(key)]
  return {
    key,
    putBack: () => admin.call('RESTORE', key, until, dump, 'REPLACE', 'ABSTTL'),
  }
}

/** Hears of ends in the feed of the namespace, from when this settles on. */
const followFeed = async (t: Test, { port }: Replica, ended: (id: string, reason: string) => void): Promise<void> => {
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
const MOST_BLOCKS = 300

/** Opens streams that nobody reads, and writes until the service has something left for them that it cannot send. */
const openUnread = async (t: Test, at: Replica, writer: Replica): Promise<Socket[]> => {
  const open = (id: string): Promise<{ socket: Socket; status: string }> =>
    new Promise((resolve, reject) => {
      const socket = connect(at.port, '127.0.0.1')
      t.teardown(() => socket.destroy())
      socket.once('error', reject)
      socket.write(`GET /v1/sessions/${id}/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${KEYS.shop}\r\n\r\n`)
      socket.once('data', (data) => {
        socket.pause()
        resolve({ socket, status: String(data).slice(9, 12) })
      })
    })
  let n = 0
  const write = (id: string) => writer.call('PATCH', settingsOf(id), { body: { a: `${n++}${BLOCK}` } })

  // How much is too much is found on one session, which has as many readers as it may have until they are cut off.
  const [measured = '', ...ids] = await make(writer, 7)
  await Promise.all(Array.from({ length: 32 }, () => open(measured)))
  let blocks = 0
  for (let isFull = true; isFull && blocks < MOST_BLOCKS; blocks++) {
    await write(measured)
    const { socket, status } = await open(measured)
    socket.destroy()
    isFull = status === '429'
  }
  t.ok(blocks < MOST_BLOCKS, `cut off after ${blocks} blocks`)
  const sockets = await Promise.all(ids.map((id) => open(id)))
  // A little less, and a little less again: of some the end is in the service, and they are not cut off.
  for (let i = 0; i < blocks; i++) await Promise.all(ids.slice(0, blocks - i - 1).map(write))
  return sockets.map(({ socket }) => socket)
}

t.test('whatever breaks, in the end every reader holds what the store holds', async (t) => {
  const { redis, replicas } = await begin(t)
  const [first, second] = replicas as [Replica, Replica]
  const admin = adminOf(t, redis)
  const ids = await make(first, 200)
  const [moved = '', silent = '', ...others] = ids

  const seen = new Map<string, FollowedState>()
  const differing: string[] = []
  const onState = (id: string, state: FollowedState): void => {
    const name = `${id} ${state.etag}`
    const before = seen.get(name) ?? state
    seen.set(name, state)
    if (!isDeepStrictEqual(before.settings, state.settings)) differing.push(name)
  }
  const followers = await followAll(t, replicas, ids, { onState })
  const writers = keepWriting(t, replicas, others)
  const killing = setInterval(() => void admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub').catch(() => {}), 300)
  t.teardown(() => clearInterval(killing))

  await writers.writes(500)
  await first.kill()
  await writers.writes(200)
  await first.start()
  await writers.writes(300)
  await redis.kill()
  await redis.start()
  await writers.writes(300)

  const holdTheSame = async (some: readonly string[], deadlineMs: number): Promise<void> => {
    const watching = followers.filter(({ id }) => some.includes(id))
    const stored = await readAll(second, some)
    const isBehind = (one: Follower): boolean => !isDeepStrictEqual(one.state(), stored.get(one.id))
    await until(() => !watching.some(isBehind), 'every reader holds what the store holds', deadlineMs).catch(
      (error) => {
        const behind = watching.filter(isBehind)
        const shown = behind.slice(0, 3).map((one) => `${one.id} ${one.state()?.etag} ${stored.get(one.id)?.etag}`)
        throw new Error(`${error.message} ${behind.length} do not: ${shown.join(', ')}`)
      },
    )
  }

  // A revision is given twice: once before a fail-over that loses it, and once after, told and untold.
  const copies = await Promise.all([moved, silent].map((id) => copyOf(admin, id)))
  for (const id of [moved, silent]) t.equal((await first.call('PATCH', settingsOf(id), { body: { a: 1 } })).status, 204)
  await holdTheSame([moved, silent], 20_000)
  clearInterval(killing)
  for (const copy of copies) await copy.putBack()
  t.equal((await second.call('PATCH', settingsOf(moved), { body: { a: 2 } })).status, 204)
  const key = copies[1]?.key ?? ''
  const record = (await admin.hgetBuffer(key, 'r')) as Buffer
  record.writeUIntBE(record.readUIntBE(32, 5) + 1, 32, 5)
  record.write('othertag', 26, 6, 'base64url')
  await admin.hset(key, 'r', record, ':a', '2')

  await writers.writes(200)
  await writers.stop()
  await holdTheSame([moved, ...others], 5000)
  // Of this one nobody was told: each stream finds it when it looks, every 15 s.
  await holdTheSame([silent], 20_000)
  for (const id of [moved, silent]) {
    const states = followers.filter((one) => one.id === id).map((one) => one.state()?.settings)
    t.strictSame(states, [{ a: 2 }, { a: 2 }], 'the second of two states of one revision')
  }
  t.strictSame(
    followers.flatMap(({ faults }) => faults),
    [],
    'every change went on from what its reader held',
  )
  t.strictSame(differing, [], 'no two readers were told different states of one ETag')
  t.ok(followers.filter(({ streams }) => streams() > 1).length >= ids.length, 'those of the killed replica came back')
})

t.test('a connection for changes that goes silent is found, and readers get what they missed', async (t) => {
  const { line, far, near } = await beginOnLine(t)
  const ids = await make(near, 20)
  const followers = await followAll(t, [far], ids)

  line.silence('coatcheck-changes')
  const started = performance.now()
  await Promise.all(ids.map((id) => near.call('PATCH', settingsOf(id), { body: { a: 'missed' } })))
  t.equal((await far.call('GET', '/readyz')).status, 200, 'the other connection is well')
  await until(() => followers.every((one) => one.state()?.settings.a === 'missed'), 'all have it', 5000)
  const ms = performance.now() - started
  t.ok(ms < 3000, `found and repaired after ${Math.round(ms)} ms, where 2000 is the aim`)
  t.ok(
    followers.every((one) => one.streams() === 1),
    'no reader noticed',
  )
})

t.test('what could not be read when it was told is read when the store is back', async (t) => {
  const { line, far, near } = await beginOnLine(t)
  const ids = await make(near, 20)
  const followers = await followAll(t, [far], ids)

  // The connection for commands alone goes silent: what happens is heard, but texts as long as these must be read.
  line.silence('$9\r\ncoatcheck\r\n')
  await Promise.all(ids.map((id) => near.call('PATCH', settingsOf(id), { body: { a: LONG } })))
  const started = performance.now()
  await until(() => followers.every((one) => one.state()?.settings.a === LONG), 'all have it', 20_000)
  const ms = performance.now() - started
  t.ok(ms < 6000, `after ${Math.round(ms)} ms, not at the look that comes every 15 s`)
})

t.test('SIGTERM: every stream ends whole, with when to come back, and so does one that nobody reads', async (t) => {
  const { line, far, near } = await beginOnLine(t)
  const ids = await make(near, 150)
  const followers = await followAll(t, [far, far], ids, { returns: false })
  const unread = await openUnread(t, far, near)
  const writers = keepWriting(t, [far, near], ids)
  await writers.writes(100)
  // Some come in all the time, and at the very moment some are on their way in.
  line.slowDown(20)
  const late: Follower[] = []
  const coming = setInterval(() => {
    const id = ids[late.length % ids.length] as string
    late.push(follow({ port: far.port, id, key: KEYS.shop, returns: false }))
  }, 3)
  t.teardown(() => {
    clearInterval(coming)
    for (const one of late) one.stop()
  })
  await until(() => late.some((one) => one.state() !== null), 'one of them is in')

  const started = performance.now()
  t.equal(await far.end(), 0, 'exit code')
  const ms = performance.now() - started
  t.ok(ms < 10_000, `it ended within ${Math.round(ms)} ms`)
  clearInterval(coming)
  await until(() => followers.every((one) => one.closed() !== null), 'every stream has ended')
  t.equal(followers.filter((one) => one.closed() === 'cut').length, 0, 'none was cut')
  t.equal(followers.filter((one) => one.lastField() !== 'retry').length, 0, 'the last word is when to come back')
  await until(() => late.every((one) => one.streams() === 0 || one.closed() !== null), 'also those on their way in')
  t.ok(unread.length > 0, 'and those that nobody reads')
})

t.test('an end by the clocks is heard, also if the one that sweeps is killed in the middle', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const [sweeping, other] = (await Promise.all(
    ['1', '86400'].map((seconds) =>
      startReplica(t, { COATCHECK_STORE: redis.url, COATCHECK_SWEEP_INTERVAL_SECONDS: seconds }),
    ),
  )) as [Replica, Replica]
  const heard = new Map<string, string>()
  await followFeed(t, other, (id, reason) => heard.set(id, reason))

  const create = async (body: object): Promise<string> =>
    (await other.call('POST', '/v1/sessions', { body: { settings: { a: 0 }, ...body } })).json.id
  const fifty = <T>(make: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 50 }, make))
  const [idle, lifetime] = await Promise.all([
    fifty(() => create({ idleTimeoutSeconds: 3 })),
    fifty(() => create({ lifetimeSeconds: 5 })),
  ])
  const wanted = new Map([
    ...idle.map((id) => [id, 'idle'] as const),
    ...lifetime.map((id) => [id, 'lifetime'] as const),
  ])
  const ids = [...wanted.keys()]
  const followers = await followAll(t, [sweeping, other], ids)

  await until(() => heard.size > 0, 'the first end is heard')
  await sweeping.kill()
  const ofOther = followers.slice(ids.length)
  await until(() => ofOther.every((one) => one.ended() !== null), 'the streams of the other have ended')
  t.ok(heard.size < ids.length, 'by themselves: not every session was swept')
  t.strictSame(new Map(ofOther.map((one) => [one.id, one.ended()])), wanted, 'with the reason')
  await sweeping.start()
  await until(() => heard.size === ids.length, 'the feed has heard of every end')
  t.strictSame(new Map(ids.map((id) => [id, heard.get(id)])), wanted, 'with the reason')
  // Whoever was away meanwhile and comes back finds nothing, as nothing is left that could tell why.
  const isOver = (one: Follower): boolean => one.ended() !== null || one.state()?.etag === '0'
  await until(() => followers.every(isOver), 'the readers of the one that was killed know it, too')
})
