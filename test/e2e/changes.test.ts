/**
 * What readers of events are told while everything around them breaks: two replicas of the compiled service on one Redis.
 * Whatever is lost on the way, in the end each reader holds what the store holds.
 */

import { randomUUID } from 'node:crypto'
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
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const line = await slowLine(redis.port)
  t.teardown(() => line.stop())
  const [far, near] = (await Promise.all(
    [line.port, redis.port].map((port) => startReplica(t, { COATCHECK_STORE: `redis://127.0.0.1:${port}` })),
  )) as [Replica, Replica]
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

t.test('when Redis is back, readers get what is written at once, not at their next look', async (t) => {
  const { redis, replicas } = await begin(t)
  const [first, second] = replicas as [Replica, Replica]
  const ids = await make(first, 50)
  const followers = await followAll(t, replicas, ids)
  for (const a of ['first', 'second', 'third']) {
    await redis.kill()
    await until(async () => (await first.call('GET', '/readyz')).status === 503, 'it is away')
    await redis.start()
    const write = async (id: string): Promise<void> =>
      until(async () => (await second.call('PATCH', settingsOf(id), { body: { a } })).status === 204, 'it is written')
    await Promise.all(ids.map(write))
    const started = performance.now()
    await until(() => followers.every((one) => one.state()?.settings.a === a), 'all have it', 20_000)
    const ms = performance.now() - started
    t.ok(ms < 5000, `after ${Math.round(ms)} ms`)
  }
})
