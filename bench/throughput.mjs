// @ts-check
/**
 * `npm run bench`: how many settings are read and patched a second, on either store, beside servers that do the least
 * that could be done. All run at once and are asked in turn, in another order each round, so that whatever else the
 * machine does falls on all alike; so the ratios within a round say more than the numbers.
 *
 *     --quick        a look of some 20 s, whose figures mean little
 *     --rounds N     BENCH_ROUNDS, 11        --connections N   BENCH_CONNECTIONS, 32
 *     --seconds N    BENCH_SECONDS, 1.5      --profile DIR     leaves a CPU profile of each server there
 *     --against DIR  another Coatcheck, built, such as that of an earlier commit: this one is held against it alone
 *     --only TEXT    of the workloads only those whose name begins so: `read`, `patch large`
 */
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuSeconds, withProcesses } from './processes.mjs'
import { report } from './report.mjs'
import { shuffled } from './statistics.mjs'
import { startSubjects, TITLES } from './subjects.mjs'
import { WORKLOADS } from './workload.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: process.env.BENCH_ROUNDS },
    seconds: { type: 'string', default: process.env.BENCH_SECONDS },
    connections: { type: 'string', default: process.env.BENCH_CONNECTIONS ?? '32' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
    against: { type: 'string' },
  },
})
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 11))
const seconds = Number(flags.seconds ?? (flags.quick ? 0.75 : 1.5))
const connections = Number(flags.connections)
const workloads = WORKLOADS.filter(({ name }) => name.startsWith(flags.only))
if (!(rounds >= 1 && seconds > 0 && connections >= 1)) throw new Error('Rounds, seconds and connections are numbers.')
if (workloads.length === 0) throw new Error(`The workloads are ${WORKLOADS.map(({ name }) => name).join(', ')}.`)

/** How long a server is asked before it counts: at the start, until its code is compiled, and before each turn. */
const FIRST_WARM_UP = 2
const WARM_UP = seconds / 6

await withProcesses(async (processes) => {
  const subjects = await startSubjects(processes, { profiles: flags.profile, against: flags.against })
  /** @type {(task: import('./load.mjs').Task) => Promise<import('./load.mjs').Done>} */
  const load = processes.startWorker(fileURLToPath(new URL('./load.mjs', import.meta.url)))
  /** @type {Set<string>} */
  const faults = new Set()

  /**
   * @param {import('./subjects.mjs').Subject} subject @param {import('./workload.mjs').Workload} workload @param {number} duration
   * @returns {Promise<import('./report.mjs').Measured>}
   */
  const ask = async ({ name, url, pid, tokens }, workload, duration) => {
    const before = cpuSeconds(pid)
    const done = await load({ url, workload, connections, seconds: duration, ...(tokens && { tokens }) })
    const after = cpuSeconds(pid)
    if (done.fault !== null) faults.add(`${TITLES[name]}, ${workload.name}: ${done.fault}`)
    const cpu = before === undefined || after === undefined ? undefined : ((after - before) / done.answers) * 1e6
    return { rate: done.answers / done.seconds, busy: done.busy, cpu }
  }

  /** A turn a round, by workload and subject. @type {Map<string, import('./report.mjs').Measured[]>} */
  const turns = new Map()
  const nameOf = (/** @type {{ name: string }} */ workload, /** @type {string} */ subject) =>
    `${workload.name} ${subject}`
  for (const workload of workloads) for (const { name } of subjects) turns.set(nameOf(workload, name), [])

  if (!flags.quick) {
    console.log('warming up')
    for (const workload of workloads) for (const subject of subjects) await ask(subject, workload, FIRST_WARM_UP)
  }
  for (let round = 1; round <= rounds; round++) {
    console.log(`round ${round} of ${rounds}`)
    for (const workload of shuffled(workloads)) {
      for (const subject of shuffled(subjects)) {
        await ask(subject, workload, WARM_UP)
        turns.get(nameOf(workload, subject.name))?.push(await ask(subject, workload, seconds))
      }
    }
  }
  // A profile is written by a server as it ends.
  for (const subject of subjects) await subject.stop()

  console.log(
    `\nNode ${process.versions.node}, ${cpus().length} cores; ${connections} connections, ${seconds} s a turn`,
  )
  console.log(report(workloads, (workload, subject) => turns.get(nameOf(workload, subject)) ?? []))
  if (faults.size === 0) return
  console.error(`\nThese figures count for nothing, for there were wrong answers:\n- ${[...faults].join('\n- ')}`)
  process.exitCode = 1
})
