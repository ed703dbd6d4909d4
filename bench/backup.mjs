// @ts-check
/**
 * `npm run bench:backup`: what a backup of the embedded store costs those who write meanwhile. A service with a million
 * sessions gets 500 patches a second, at random, first for some seconds without a backup and then while one is made; from
 * before a patch is due to when its answer is there. The backup is then restored, opened by LMDB alone, and each session is
 * counted. A session that each patch counts up says whether everything that was answered before the backup began is in it.
 *
 *     --sessions N   1,000,000
 *     --rate N       500 patches a second
 *     --quick        20,000 sessions, a few seconds: a look, whose figures mean little
 */
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { importSource } from '../scripts/import-source.mjs'
import { withProcesses } from './processes.mjs'
import { table } from './statistics.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    sessions: { type: 'string' },
    rate: { type: 'string', default: '500' },
  },
})
const { openLmdbStore } = /** @type {typeof import('../src/store/lmdb/store.ts')} */ (
  await importSource('src/store/lmdb/store.ts')
)
const SESSIONS = Number(flags.sessions ?? (flags.quick ? 20_000 : 1_000_000))
const RATE = Number(flags.rate)
const BEFORE_MS = flags.quick ? 3000 : 20_000
const AT_ONCE = 2000
const KEY = 'ck_a-key-of-this-measurement'
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

const ids = Array.from({ length: SESSIONS }, () => randomUUID())
const text = (/** @type {number} */ n) =>
  new Map([
    ['n', String(n)],
    ['theme', '"dark"'],
    ['name', `"visitor ${n}"`],
  ])
const WRITE = /** @type {const} */ ({
  credential: null,
  create: 'if-missing',
  clocks: { idleTimeoutSeconds: 8_640_000, lifetimeSeconds: 34_560_000 },
  writes: true,
  limits: { bytes: 65_536, keys: 256 },
  use: true,
})

/** @param {string} path */
const fill = async (path) => {
  const store = await openLmdbStore({ path, deadlineMs: 60_000 })
  for (let from = 0; from < SESSIONS; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE)
    await Promise.all(some.map((id, i) => store.write({ namespace: 'app', id }, { ...WRITE, set: text(from + i) })))
  }
  await store.close()
}

/** @param {number[]} times @param {number} part */
const percentile = (times, part) => [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN

/** Writes at the rate until it is stopped. @param {number} port */
const startWriting = (port) => {
  const agent = new Agent({ keepAlive: true })
  /** @type {{ at: number, ms: number }[]} */
  const answered = []
  let failures = 0
  let highest = 0
  let sent = 0
  const since = performance.now()
  const patch = (/** @type {number} */ dueAt, /** @type {number} */ n) => {
    // Every tenth counts one session up, in order.
    const id = n % 10 === 0 ? ids[0] : ids[Math.floor(Math.random() * SESSIONS)]
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
    const path = `/v1/sessions/${id}/settings`
    const outgoing = request({ port, agent, method: 'PATCH', path, headers }, (incoming) => {
      incoming.resume().once('end', () => {
        if (incoming.statusCode !== 204) failures += 1
        else if (n % 10 === 0) highest = Math.max(highest, n)
        answered.push({ at: dueAt, ms: performance.now() - dueAt })
      })
    })
    outgoing.once('error', () => {
      failures += 1
    })
    outgoing.end(JSON.stringify({ count: n }))
  }
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - since) / 1000) * RATE)
    for (; sent < due; sent++) patch(since + (sent / RATE) * 1000, sent)
  }, 1)
  return {
    answered,
    failures: () => failures,
    /** The highest count that was answered. */
    highest: () => highest,
    async stop() {
      clearInterval(timer)
      await sleep(1000)
      agent.destroy()
    },
  }
}

const peakOf = (/** @type {number} */ pid) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** @param {string[]} args @param {Record<string, string>} env */
const coatcheck = async (args, env) => {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`coatcheck ${args[0]} ended with ${code}.`)
}

await withProcesses(async ({ path, startNode }) => {
  const [folder, restored, file, config] = [path('data'), path('restored'), path('backup.mdb'), path('config.json')]
  mkdirSync(folder)
  const sha256 = createHash('sha256').update(KEY).digest('hex')
  writeFileSync(
    config,
    JSON.stringify({
      namespaces: { app: { apiKeys: [{ name: 'all', sha256, may: ['read', 'write', 'create', 'operate'] }] } },
    }),
  )
  const startedAt = performance.now()
  await fill(folder)
  console.log(`${SESSIONS} sessions were written in ${Math.round((performance.now() - startedAt) / 1000)} s.`)

  const env = { COATCHECK_STORE: `lmdb:${folder}`, COATCHECK_CONFIG: config, COATCHECK_LOG_LEVEL: 'warn' }
  const service = await startNode([CLI, 'serve'], env)
  const writers = startWriting(service.port)
  await sleep(3000)
  const quietFrom = performance.now()
  await sleep(BEFORE_MS)
  const backupFrom = performance.now()
  const before = writers.highest()
  const peakBefore = peakOf(service.pid)
  await coatcheck(['backup', file], { COATCHECK_URL: `http://127.0.0.1:${service.port}`, COATCHECK_API_KEY: KEY })
  const backupTo = performance.now()
  const peak = peakOf(service.pid)
  const afterwards = writers.highest()
  await sleep(2000)
  await writers.stop()
  await service.stop()

  const between = (/** @type {number} */ from, /** @type {number} */ to) =>
    writers.answered.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms)
  const row = (/** @type {string} */ name, /** @type {number[]} */ times) => [
    name,
    String(times.length),
    ...[0.5, 0.99, 1].map((part) => `${percentile(times, Math.min(part, 1 - 1 / times.length)).toFixed(1)} ms`),
  ]
  console.log(
    table([
      ['', 'writes', 'p50', 'p99', 'most'],
      row('without a backup', between(quietFrom, backupFrom)),
      row('while one is made', between(backupFrom, backupTo)),
    ]),
  )
  const mebibytes = (/** @type {number} */ bytes) => Math.round(bytes / 1024 / 1024)
  console.log(
    `The backup took ${((backupTo - backupFrom) / 1000).toFixed(1)} s and has ${mebibytes(statSync(file).size)} MiB; data.mdb has ` +
      `${mebibytes(statSync(`${folder}/data.mdb`).size)} MiB afterwards. ${writers.failures()} writes failed.`,
  )
  console.log(
    `Resident memory of the service at most: ${Math.round(peakBefore)} MiB before, ${Math.round(peak)} MiB with the backup.`,
  )

  const restoringFrom = performance.now()
  await coatcheck(['restore', '--json', file], { COATCHECK_STORE: `lmdb:${restored}` })
  console.log(`The restore took ${((performance.now() - restoringFrom) / 1000).toFixed(1)} s.`)
  const store = await openLmdbStore({ path: restored })
  let living = 0
  for (let from = 0; from < SESSIONS; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE).map((id) => ({ namespace: 'app', id }))
    for (const { state } of await store.readMany(some)) if (state === 'live') living += 1
  }
  const counted = await store.read({ namespace: 'app', id: ids[0] ?? '' })
  const count = counted.state === 'live' ? Number(counted.settings.get('count')) : Number.NaN
  await store.close()
  console.log(
    `${living} of ${SESSIONS} sessions live in it. It counted to ${count}; ${before} was answered before it, ${afterwards} at its end.`,
  )
  if (living !== SESSIONS || !(count >= before && count <= afterwards + 100))
    throw new Error('That is no consistent backup.')
  console.log(
    `The load was ${loadavg()
      .map((one) => one.toFixed(1))
      .join(', ')}.`,
  )
})
