// @ts-check
/**
 * `npm run bench:memory`: what a session takes in Redis, written through the store's own adapter with nothing left out
 * (clocks, life, the place among the expiries), beside a plain `SET session:<uuid> <the same JSON> PX …`. Each number is
 * what `used_memory` grew by in a Redis of its own, divided by the sessions.
 *
 *     --sessions N   BENCH_SESSIONS, 100000; far fewer say less: small sorted sets are stored more tightly
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { importSource } from '../scripts/import-source.mjs'
import { withProcesses } from './processes.mjs'
import { table } from './statistics.mjs'
import { NAMESPACE, settingsText, settingsTexts } from './workload.mjs'

/** @typedef {import('./workload.mjs').Size} Size */

const { openRedisStore } = /** @type {typeof import('../src/store/redis/store.ts')} */ (
  await importSource('src/store/redis/store.ts')
)

const AIM = 1.8
const AT_ONCE = 100
const IDLE_TIMEOUT_SECONDS = 8_640_000
const LIFETIME_SECONDS = 34_560_000

const { values: flags } = parseArgs({
  options: { sessions: { type: 'string', default: process.env.BENCH_SESSIONS ?? '100000' } },
})
const count = Number(flags.sessions)
if (!(count >= AT_ONCE)) throw new Error(`Sessions are a number from ${AT_ONCE} on.`)

/** Does something `count` times, some at once. @param {() => Promise<unknown>} work */
const many = async (work) => {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, work))
  }
}

/** @param {string} url @param {Size} size */
const fillThroughAdapter = async (url, size) => {
  const store = openRedisStore({ url })
  const settings = settingsTexts(size)
  while (!(await store.check().catch(() => null))) await sleep(50)
  await many(async () => {
    const { state } = await store.write(
      { namespace: NAMESPACE, id: randomUUID() },
      {
        credential: null,
        create: 'if-missing',
        clocks: { idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS, lifetimeSeconds: LIFETIME_SECONDS },
        set: settings,
        writes: true,
        limits: { bytes: 65_536, keys: 256 },
        use: true,
      },
    )
    if (state !== 'written') throw new Error(`A session could not be written: ${state}.`)
  })
  await store.close()
}

/** @param {string} url @param {Size} size */
const fillPlainly = async (url, size) => {
  const redis = new Redis(url)
  const text = settingsText(size)
  await many(() => redis.set(`session:${randomUUID()}`, text, 'PX', IDLE_TIMEOUT_SECONDS * 1000))
  redis.disconnect()
}

/** What Redis holds, once it has let go of what connections and growing tables took. @param {Redis} redis */
const usedMemory = async (redis) => {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10; i++) {
    await sleep(100)
    const info = await redis.info('memory')
    least = Math.min(least, Number(/^used_memory:(\d+)/m.exec(info)?.[1]))
  }
  return least
}

await withProcesses(async (processes) => {
  /** Bytes a session. @param {(url: string) => Promise<void>} fill @param {string[]} args of Redis */
  const measure = async (fill, args = []) => {
    const server = await processes.startRedis(['--appendonly', 'no', ...args])
    const url = `redis://127.0.0.1:${server.port}`
    const redis = new Redis(url)
    const before = await usedMemory(redis)
    await fill(url)
    const bytes = ((await usedMemory(redis)) - before) / count
    redis.disconnect()
    await server.stop()
    return bytes
  }

  console.log(`${count.toLocaleString('en')} sessions each; this takes a minute or two.`)
  const rows = []
  for (const size of /** @type {const} */ (['small', 'large'])) {
    const json = settingsText(size)
    const keys = settingsTexts(size).size
    const plain = await measure((url) => fillPlainly(url, size))
    const compact = await measure((url) => fillThroughAdapter(url, size))
    const loose = await measure((url) => fillThroughAdapter(url, size), ['--hash-max-listpack-value', '64'])
    const times = (/** @type {number} */ bytes) => (bytes / plain).toFixed(2)
    rows.push(
      [`${json.length} B of JSON, ${keys} keys`, 'plain SET', Math.round(plain).toString(), '1.00', ''],
      ...[
        { name: 'Coatcheck, hash-max-listpack-value 1024', bytes: compact, aim: AIM },
        { name: 'Coatcheck, hash-max-listpack-value 64', bytes: loose, aim: undefined },
      ].map(({ name, bytes, aim }) => [
        '',
        name,
        Math.round(bytes).toString(),
        times(bytes),
        aim === undefined ? 'none' : `${aim}, ${bytes / plain <= aim ? 'met' : 'MISSED'}`,
      ]),
    )
  }
  console.log(`\n${table([['session', 'stored as', 'bytes', 'ratio', 'aim'], ...rows])}`)
})
