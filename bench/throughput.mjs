// @ts-check
/**
 * `npm run bench`: how many answers a second Coatcheck gives on either store, and what each costs its process and its Redis, beside
 * the least that Fastify can do, express-session with connect-redis, and webdis if it is on the PATH (or named by WEBDIS). All run
 * at once and are asked in turn, in another order each round, so that whatever else the machine does falls on all alike; so the
 * ratios within a round say more than the numbers. Reads and patches of small settings are then asked for at half the rate that
 * was found, and how long the answers take is measured.
 *
 *     --quick        a look of half a minute, whose figures mean little
 *     --rounds N     BENCH_ROUNDS, 11        --connections N   BENCH_CONNECTIONS, 32
 *     --seconds N    BENCH_SECONDS, 1.5      --profile DIR     leaves a CPU profile of each server there
 *     --against DIR  another Coatcheck, built, such as that of an earlier commit: this one is held against it alone
 *     --only TEXT    of the workloads only those whose name begins so: `read`, `patch large`; may be said several times
 *     --write        puts the tables into docs/performance.md
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { cpuSeconds, withProcesses } from './processes.mjs'
import { report } from './report.mjs'
import { median, shuffled } from './statistics.mjs'
import { startSubjects, TITLES } from './subjects.mjs'
import { WORKLOADS } from './workload.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: process.env.BENCH_ROUNDS },
    seconds: { type: 'string', default: process.env.BENCH_SECONDS },
    connections: { type: 'string', default: process.env.BENCH_CONNECTIONS ?? '32' },
    only: { type: 'string', multiple: true, default: [''] },
    profile: { type: 'string' },
    against: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 11))
const seconds = Number(flags.seconds ?? (flags.quick ? 0.75 : 1.5))
const connections = Number(flags.connections)
const workloads = WORKLOADS.filter(({ name }) => flags.only.some((begin) => name.startsWith(begin)))
if (!(rounds >= 1 && seconds > 0 && connections >= 1)) throw new Error('Rounds, seconds and connections are numbers.')
if (workloads.length === 0) throw new Error(`The workloads are ${WORKLOADS.map(({ name }) => name).join(', ')}.`)

/** How long a server is asked before it counts: at the start, until its code is compiled, and before each turn. */
const FIRST_WARM_UP = 2
const WARM_UP = seconds / 6

/** The workloads whose answers are timed at half load. */
const TIMED = ['read small', 'patch small']
const HALF_LOAD_SECONDS = 3 * seconds

const PAGE = new URL('../docs/performance.md', import.meta.url)
const SECTION = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/

/** How often the engine ran a script, and how long it took for all of them, in µs. @param {Redis} redis */
const scripts = async (redis) => {
  const [, calls = '0', usec = '0'] =
    /cmdstat_evalsha:calls=(\d+),usec=(\d+)/.exec(await redis.info('commandstats')) ?? []
  return { calls: Number(calls), usec: Number(usec) }
}

const difference = (/** @type {number | undefined} */ after, /** @type {number | undefined} */ before) =>
  after === undefined || before === undefined ? undefined : after - before

await withProcesses(async (processes) => {
  const subjects = await startSubjects(processes, { profiles: flags.profile, against: flags.against })
  /** @type {(task: import('./load.mjs').Task) => Promise<import('./load.mjs').Done>} */
  const load = processes.startWorker(fileURLToPath(new URL('./load.mjs', import.meta.url)))
  /** @type {Map<string, Redis>} */
  const engines = new Map(subjects.flatMap(({ name, engine }) => (engine ? [[name, new Redis(engine.url)]] : [])))
  /** @type {Set<string>} */
  const faults = new Set()

  /**
   * @param {import('./subjects.mjs').Subject} subject @param {import('./workload.mjs').Workload} workload
   * @param {{ seconds: number, rate?: number }} how
   */
  const send = async ({ name, url, asked }, workload, how) => {
    const done = await load({ url, workload, connections, asked, ...how })
    if (done.fault !== null) faults.add(`${TITLES[name]}, ${workload.name}: ${done.fault}`)
    return done
  }

  /** What the processor and the engine have done so far. @param {import('./subjects.mjs').Subject} subject */
  const spent = async ({ name, pid, engine }) => {
    const redis = engines.get(name)
    return {
      cpu: cpuSeconds(pid),
      engine: engine && cpuSeconds(engine.pid),
      scripts: redis ? await scripts(redis) : { calls: 0, usec: 0 },
    }
  }

  /**
   * @param {import('./subjects.mjs').Subject} subject @param {import('./workload.mjs').Workload} workload
   * @returns {Promise<import('./report.mjs').Measured>}
   */
  const measure = async (subject, workload) => {
    const before = await spent(subject)
    const done = await send(subject, workload, { seconds })
    const after = await spent(subject)
    const forOne = (/** @type {number | undefined} */ all) =>
      all === undefined ? undefined : (all / done.answers) * 1e6
    const ran = after.scripts.calls - before.scripts.calls
    return {
      rate: done.answers / done.seconds,
      busy: done.busy,
      cpu: forOne(difference(after.cpu, before.cpu)),
      engine: forOne(difference(after.engine, before.engine)),
      script: ran === 0 ? undefined : (after.scripts.usec - before.scripts.usec) / ran,
    }
  }

  const nameOf = (/** @type {string} */ workload, /** @type {string} */ subject) => `${workload} ${subject}`
  const pairs = workloads.flatMap((workload) =>
    subjects.filter(({ takes }) => takes(workload.call)).map((subject) => ({ workload, subject })),
  )
  /** A turn a round, by workload and subject. @type {Map<string, import('./report.mjs').Measured[]>} */
  const turns = new Map(pairs.map(({ workload, subject }) => [nameOf(workload.name, subject.name), []]))
  const turnsOf = (/** @type {string} */ workload, /** @type {string} */ subject) =>
    turns.get(nameOf(workload, subject)) ?? []

  if (!flags.quick) {
    console.log('warming up')
    for (const { workload, subject } of pairs) await send(subject, workload, { seconds: FIRST_WARM_UP })
  }
  for (let round = 1; round <= rounds; round++) {
    console.log(`round ${round} of ${rounds}`)
    for (const workload of shuffled(workloads)) {
      for (const { subject } of shuffled(pairs.filter((pair) => pair.workload === workload))) {
        await send(subject, workload, { seconds: WARM_UP })
        turnsOf(workload.name, subject.name).push(await measure(subject, workload))
      }
    }
  }
  /** @type {Map<string, import('./report.mjs').Waited>} */
  const waited = new Map()
  for (const { workload, subject } of pairs.filter(({ workload }) => TIMED.includes(workload.name))) {
    const rate = median(turnsOf(workload.name, subject.name).map((turn) => turn.rate)) / 2
    const { times } = await send(subject, workload, { seconds: HALF_LOAD_SECONDS, rate })
    const at = (/** @type {number} */ part) => times[Math.floor(times.length * part)] ?? Number.NaN
    waited.set(nameOf(workload.name, subject.name), { p50: at(0.5), p99: at(0.99) })
  }
  for (const redis of engines.values()) redis.disconnect()
  // A profile is written by a server as it ends.
  for (const subject of subjects) await subject.stop()

  const about = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim()}); ${connections} connections, ${rounds} rounds of ${seconds} s.`
  const text = `${about}\n\n${report({ workloads, turns: turnsOf, waited: (workload, subject) => waited.get(nameOf(workload, subject)) })}`
  console.log(`\n${text}`)
  if (faults.size > 0) {
    console.error(`\nThese figures count for nothing, for there were wrong answers:\n- ${[...faults].join('\n- ')}`)
    process.exitCode = 1
  } else if (flags.write) {
    writeFileSync(
      PAGE,
      readFileSync(PAGE, 'utf8').replace(SECTION, (_all, begin, end) => `${begin}\n${text}\n${end}`),
    )
  }
})
