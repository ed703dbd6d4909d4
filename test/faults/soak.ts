/**
 * Faults drawn at random, one round after the other, until the time is up: `npm run test:soak -- --minutes 30`. The same seed
 * draws the same faults. A round begins with new sessions; the servers and the service are the same all the time, so what
 * they do not put in order stays. It ends at the first finding.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RedisServer } from '../helpers/redis-server.ts'
import { type Bench, startBench, TOPOLOGIES, type Topology } from './bench.ts'
import { needsProxies } from './check.ts'
import { createDraw, type Draw } from './draw.ts'
import { report } from './judge.ts'
import { runScenario } from './run.ts'
import { combined, SCENARIOS } from './scenarios.ts'
import type { Scenario } from './scene.ts'

const MINUTES = Number(process.env.SOAK_MINUTES ?? 10)
const SEED = Number(process.env.SOAK_SEED ?? Date.now() % 2 ** 31)
const ONLY = process.env.SOAK_TOPOLOGY as Topology | undefined

const endings: (() => unknown)[] = []
const ends = {
  teardown(...all: (() => unknown)[]): void {
    endings.push(...all)
  },
} as Parameters<typeof startBench>[0]

const endAll = async (): Promise<void> => {
  for (let end = endings.pop(); end; end = endings.pop()) await end()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(1)))
}

const topologies = ONLY === undefined ? TOPOLOGIES : [ONLY]
const benches = new Map<string, Bench>()

const benchFor = async (topology: Topology, isProxied: boolean): Promise<Bench> => {
  const name = `${topology} ${isProxied}`
  const bench = benches.get(name) ?? (await startBench(ends, topology, { isProxied }))
  benches.set(name, bench)
  return bench
}

/** One fault, or at times two at once, which lasts as long as it likes. */
const drawScenario = (draw: Draw, topology: Topology): Scenario => {
  const some = SCENARIOS.filter(({ on }) => on.includes(topology))
  const one = draw.of(some)
  const others = some.filter((other) => other.place !== one.place)
  const scenario = draw.below(4) === 0 && others.length > 0 ? combined(one, draw.of(others)) : one
  return { ...scenario, lastsMs: Math.round(scenario.lastsMs * (0.5 + draw.below(100) / 66)) }
}

const LINES = 12

const lastOf = async ({ port, dir }: RedisServer): Promise<string> => {
  const lines = (await readFile(join(dir, 'log'), 'utf8')).trimEnd().split('\n').slice(-LINES)
  return `the log of port ${port}:\n${lines.map((line) => `  ${line}\n`).join('')}`
}

const started = performance.now()
const isOver = (): boolean => performance.now() - started > MINUTES * 60_000
let [rounds, calls, found, strayed] = [0, 0, 0, 0]

console.log(`${MINUTES} minutes of faults on ${topologies.join(', ')}; seed ${SEED}`)
try {
  while (!isOver() && found === 0) {
    rounds++
    const draw = createDraw(SEED).fork(`round ${rounds}`)
    const topology = topologies[(rounds - 1) % topologies.length] as Topology
    const scenario = drawScenario(draw, topology)
    const bench = await benchFor(topology, needsProxies(topology, scenario))
    const at = performance.now()
    const { history, findings, hasStrayed } = await runScenario(bench, scenario, draw)
    if (hasStrayed) strayed++
    if (hasStrayed || findings.length > 0) {
      for (const one of [...bench.servers, ...(bench.sentinels?.sentinels ?? [])]) console.log(await lastOf(one))
    }
    calls += history.operations.length
    found += findings.length
    const seconds = ((performance.now() - at) / 1000).toFixed(1)
    const unknown = history.operations.filter(({ outcome }) => outcome === 'unknown').length
    const said = findings.length === 0 ? 'ok' : `${findings.length} FINDINGS`
    const verdict = hasStrayed
      ? `${said}; the servers failed over for no reason of ours, so losses are not judged`
      : said
    console.log(
      `round ${rounds}: ${topology}, ${scenario.name}: ${history.operations.length} calls, ${unknown} of unknown outcome, ${seconds} s, ${verdict}`,
    )
    for (const one of findings) console.log(report(one, history))
  }
} finally {
  await endAll()
}
console.log(
  `${rounds} rounds, ${calls} calls, ${found} findings, ${strayed} rounds whose losses were not judged; seed ${SEED}`,
)
process.exit(found > 0 ? 1 : 0)
