// @ts-check
/**
 * `npm run bench:changes`: what open streams of events cost, and how soon a change is with its reader. On either store:
 *
 * - streams: 10,000 in one process, on 1,000 sessions; the memory that the server holds before and after.
 * - delivery: 1,000 changes a second on 1,000 sessions, each with one reader; from before a patch is sent to when its
 *   event is there, by the one clock of the machine.
 * - readers that never read: 100 of them beside 100 that do, values of 60 KB, 100 changes a second on 10 sessions; how soon
 *   the others are told with and without them, and the memory of the server.
 *
 * Servers, readers and writers are processes of their own, and share the processors.
 *
 *     --quick        a tenth of the streams, for a few seconds: a look, whose figures mean little
 *     --store NAME   lmdb or redis alone
 *     --seconds N    BENCH_SECONDS, 20: how long changes are written each time
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuSeconds, withProcesses } from './processes.mjs'
import { table } from './statistics.mjs'
import { API_KEY, NAMESPACE, sessionIds, settingsPath, settingsText } from './workload.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    store: { type: 'string', default: '' },
    seconds: { type: 'string', default: process.env.BENCH_SECONDS },
  },
})
const seconds = Number(flags.seconds ?? (flags.quick ? 3 : 20))
const STREAMS = flags.quick ? 1000 : 10_000
const RATE = 1000
const READER_PROCESSES = 2
const BIG = { sessions: 10, readers: 10, rate: 100, bytes: 60_000 }

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const MB = 1024 * 1024

/** What a process holds in memory, in bytes. @param {number} pid */
const memory = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

/** The least of some looks: what is garbage is gone by then, or counts. @param {number} pid */
const settledMemory = async (pid) => {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10; i++) {
    await sleep(flags.quick ? 50 : 500)
    least = Math.min(least, memory(pid))
  }
  return least
}

/** @param {readonly number[]} sorted @param {number} share */
const percentile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const ms = (/** @type {number} */ value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

/** @param {number} port @param {string[]} ids */
const fill = async (port, ids) => {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }
  for (let i = 0; i < ids.length; i += 20) {
    const answers = await Promise.all(
      ids.slice(i, i + 20).map((id) =>
        fetch(`http://127.0.0.1:${port}${settingsPath(id)}`, {
          method: 'PATCH',
          headers,
          body: settingsText('small'),
        }),
      ),
    )
    for (const { ok, status } of answers) if (!ok) throw new Error(`A session could not be made: ${status}.`)
  }
}

const limit = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
const load = loadavg()[0]?.toFixed(2)
console.log(
  `Node ${process.versions.node}, ${cpus().length} cores, load before ${load}; open files a process: ${limit}`,
)

await withProcesses(async (processes) => {
  const ids = sessionIds('small')
  const startReaders = () => {
    /** @typedef {import('./readers.mjs').Opened & import('./readers.mjs').Collected} Answer */
    const workers = Array.from(
      { length: READER_PROCESSES },
      () =>
        /** @type {(task: import('./readers.mjs').Task) => Promise<Answer>} */ (
          processes.startWorker(at('./readers.mjs'))
        ),
    )
    return {
      /** @param {number} port @param {readonly string[]} wanted @param {boolean} [reads] */
      open: (port, wanted, reads = true) =>
        Promise.all(
          workers.map((ask, n) =>
            ask({ do: 'open', port, ids: wanted.filter((_, i) => i % workers.length === n), reads }),
          ),
        ),
      collect: async () => {
        const parts = await Promise.all(workers.map((ask) => ask({ do: 'collect' })))
        const latencies = parts.flatMap((part) => part.latencies).sort((a, b) => a - b)
        return { latencies, snapshots: parts.reduce((sum, part) => sum + part.snapshots, 0) }
      },
      /** How many have not been cut off. */
      left: async () => {
        const parts = await Promise.all(workers.map((ask) => ask({ do: 'read' })))
        return parts.reduce((sum, part) => sum + part.open, 0)
      },
      close: () => Promise.all(workers.map((ask) => ask({ do: 'close' }))),
    }
  }
  const readers = startReaders()
  const deaf = startReaders()
  /** @type {(task: import('./writers.mjs').Writing) => Promise<import('./writers.mjs').Written>} */
  const write = processes.startWorker(at('./writers.mjs'))

  /** Writes, and what became of it. @param {import('./processes.mjs').Server} server @param {Omit<import('./writers.mjs').Writing, 'port' | 'seconds'>} task @param {number} each readers a session */
  const deliver = async (server, task, each) => {
    // What is compiled by then is compiled, and what is told of the beginning does not count.
    await write({ port: server.port, ...task, seconds: seconds / 5 })
    await sleep(500)
    await readers.collect()
    const cpu = cpuSeconds(server.pid) ?? 0
    const memories = [memory(server.pid)]
    const sampling = setInterval(() => memories.push(memory(server.pid)), 500)
    const written = await write({ port: server.port, ...task, seconds })
    const busy = ((cpuSeconds(server.pid) ?? 0) - cpu) / written.seconds
    await sleep(1000)
    clearInterval(sampling)
    const { latencies, snapshots } = await readers.collect()
    return [
      `${Math.round(written.acknowledged / written.seconds)}`,
      `${latencies.length} of ${written.acknowledged * each}`,
      `${snapshots}`,
      ms(percentile(latencies, 0.5)),
      ms(percentile(latencies, 0.99)),
      `${Math.round(busy * 100)} %`,
      [memories[0], Math.max(...memories), memories.at(-1)].map((one) => Math.round((one ?? 0) / MB)).join(' / '),
    ]
  }

  const streamRows = []
  const rows = []
  for (const store of ['lmdb', 'redis'].filter((name) => name.startsWith(flags.store))) {
    const redis = store === 'redis' ? await processes.startRedis() : undefined
    const server = await processes.startNode([at('../dist/cli.js'), 'serve'], {
      COATCHECK_STORE: redis ? `redis://127.0.0.1:${redis.port}` : `lmdb:${processes.path('data')}`,
      COATCHECK_API_KEYS: `${NAMESPACE}:${createHash('sha256').update(API_KEY).digest('hex')}`,
      COATCHECK_LOG_LEVEL: 'silent',
    })
    while (!(await fetch(`http://127.0.0.1:${server.port}/readyz`)).ok) await sleep(50)
    await fill(server.port, ids)

    console.log(`${store}: ${STREAMS} streams`)
    const before = await settledMemory(server.pid)
    const started = performance.now()
    await readers.open(
      server.port,
      Array.from({ length: STREAMS }, (_, i) => ids[i % ids.length] ?? ''),
    )
    const opening = (performance.now() - started) / 1000
    const after = await settledMemory(server.pid)
    const cpu = cpuSeconds(server.pid) ?? 0
    await sleep(flags.quick ? 1000 : 20_000)
    const idle = ((cpuSeconds(server.pid) ?? 0) - cpu) / (flags.quick ? 1 : 20)
    streamRows.push([
      store,
      `${STREAMS}`,
      `${opening.toFixed(1)} s`,
      `${Math.round(before / MB)} MB`,
      `${Math.round(after / MB)} MB`,
      `${((after - before) / STREAMS / 1024).toFixed(1)} KB`,
      `${Math.round(idle * 100)} %`,
    ])
    await readers.close()

    console.log(`${store}: ${RATE} changes a second`)
    await readers.open(server.port, ids)
    rows.push([store, 'small values', ...(await deliver(server, { ids, rate: RATE, bytes: 0 }, 1))])
    await readers.close()

    const few = ids.slice(0, BIG.sessions)
    const some = Array.from({ length: BIG.sessions * BIG.readers }, (_, i) => few[i % few.length] ?? '')
    const task = { ids: few, rate: BIG.rate, bytes: BIG.bytes }
    console.log(`${store}: ${some.length} readers of big values, without and with as many that never read`)
    await readers.open(server.port, some)
    rows.push([store, 'big values', ...(await deliver(server, task, BIG.readers))])
    await deaf.open(server.port, some, false)
    rows.push([store, `and ${some.length} that never read`, ...(await deliver(server, task, BIG.readers))])
    const refused = (await readers.close()).reduce((sum, part) => sum + part.refused, 0)
    if (refused > 0) console.log(`${store}: ${refused} streams were refused with 503 at first, since the start`)
    console.log(`${store}: of those that never read ${some.length - (await deaf.left())} were cut off`)
    await deaf.close()
    await server.stop()
    await redis?.stop()
  }

  console.log(
    `\n${table([['store', 'streams', 'opened in', 'memory before', 'after', 'a stream', 'CPU when idle'], ...streamRows])}`,
  )
  const heads = ['changes a second', 'told', 'snapshots', 'p50', 'p99', 'CPU of the server', 'MB first / most / last']
  console.log(`\n${table([['store', 'what', ...heads], ...rows])}`)
})
