// @ts-check
/**
 * `npm run bench:growth`: whether calls get slower and sessions larger the more there are. Through each store's own adapter, one
 * call at a time, of sessions drawn from all that there are: at a thousand sessions, at ten times as many, and so on.
 *
 *     --sessions N   1,000,000 in the end; 10,000,000 take some 6 GB of memory and half an hour
 *     --calls N      5,000 of each kind at each step
 *     --quick        20,000 sessions and 500 calls: a look, whose figures mean little
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { importSource } from '../scripts/import-source.mjs'
import { cpuSeconds, withProcesses } from './processes.mjs'
import { table } from './statistics.mjs'
import { NAMESPACE, settingsTexts } from './workload.mjs'

const { openStore } = /** @type {typeof import('../src/store/open.ts')} */ (await importSource('src/store/open.ts'))

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, sessions: { type: 'string' }, calls: { type: 'string' } },
})
const SESSIONS = Number(flags.sessions ?? (flags.quick ? 20_000 : 1_000_000))
const CALLS = Number(flags.calls ?? (flags.quick ? 500 : 5000))
const FIRST = 1000
const AT_ONCE = 256
/** Long enough to lie down between two steps. */
const REST_MS = flags.quick ? 100 : 2000

const steps = [FIRST]
while ((steps.at(-1) ?? 0) < SESSIONS) steps.push(Math.min(SESSIONS, (steps.at(-1) ?? 0) * 10))

const WRITE = /** @type {const} */ ({
  credential: null,
  create: 'if-missing',
  clocks: { idleTimeoutSeconds: 8_640_000, lifetimeSeconds: 34_560_000 },
  writes: true,
  limits: { bytes: 65_536, keys: 256 },
  use: true,
})
const settings = settingsTexts('small')

/** The ids in 16 bytes each: ten million of them as texts would take more memory than all else. */
const ids = Buffer.alloc(SESSIONS * 16)
for (let at = 0; at < ids.length; at += 16) ids.write(randomUUID().replaceAll('-', ''), at, 'hex')
/** @param {number} n */
const idOf = (n) => ids.toString('hex', n * 16, n * 16 + 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** @param {readonly number[]} times @param {number} part */
const percentile = (times, part) => [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN

/**
 * @param {string} name @param {string} url @param {() => Promise<number>} bytesHeld
 * @param {() => number} cpuOf the engine, in s, where it is a process of its own
 */
const measure = async (name, url, bytesHeld, cpuOf) => {
  const store = await openStore({ url })
  while (!(await store.check().catch(() => null))) await sleep(50)
  const empty = await bytesHeld()
  const rows = []
  let held = 0
  for (const count of steps) {
    const from = held
    let next = from
    const fill = async () => {
      while (next < count) {
        const { state } = await store.write({ namespace: NAMESPACE, id: idOf(next++) }, { ...WRITE, set: settings })
        if (state !== 'written') throw new Error(`A session could not be written: ${state}.`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, fill))
    held = count
    await sleep(REST_MS)
    const each = (((await bytesHeld()) - empty) / count).toFixed(0)
    /** @param {(ref: { namespace: string, id: string }, n: number) => Promise<unknown>} call */
    const time = async (call) => {
      const times = []
      const [cpu, engine] = [process.cpuUsage(), cpuOf()]
      for (let n = 0; n < CALLS; n++) {
        const ref = { namespace: NAMESPACE, id: idOf(Math.floor(Math.random() * count)) }
        const at = performance.now()
        await call(ref, n)
        times.push(performance.now() - at)
      }
      const { user, system } = process.cpuUsage(cpu)
      return [
        percentile(times, 0.5).toFixed(3),
        percentile(times, 0.99).toFixed(3),
        ((user + system) / CALLS).toFixed(0),
        (((cpuOf() - engine) * 1e6) / CALLS).toFixed(0),
      ]
    }
    const read = await time((ref) => store.read(ref))
    const patch = await time((ref, n) =>
      store.write(ref, { ...WRITE, create: 'never', set: new Map([['theme', `"${n}"`]]) }),
    )
    rows.push([name, count.toLocaleString('en'), each, ...read, ...patch])
    console.log(`${name}: ${count.toLocaleString('en')} sessions are measured`)
  }
  await store.close()
  return rows
}

await withProcesses(async (processes) => {
  console.log(`load before: ${loadavg().map((one) => one.toFixed(1))}`)
  const server = await processes.startRedis()
  const url = `redis://127.0.0.1:${server.port}`
  const redis = new Redis(url)
  const usedMemory = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
  const onRedis = await measure('Redis', url, usedMemory, () => cpuSeconds(server.pid) ?? Number.NaN)
  redis.disconnect()
  await server.stop()

  const folder = processes.path('lmdb')
  const onDisk = async () => readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
  const onLmdb = await measure('LMDB', `lmdb:${folder}`, onDisk, () => 0)
  const head = ['store', 'sessions', 'bytes each', 'read p50, ms', 'p99', 'CPU, µs', 'engine, µs']
  console.log(`\n${table([[...head, 'patch p50, ms', 'p99', 'CPU, µs', 'engine, µs'], ...onRedis, ...onLmdb])}`)
  console.log(
    'LMDB works in the process itself, and waits for the disk: its patches share a write only with each other.',
  )
})
