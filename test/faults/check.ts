/** Runs the faults of one topology as tests, one after the other on one bench. */
import type { Test } from 'tap'
import { startBench, type Topology } from './bench.ts'
import { createDraw } from './draw.ts'
import { report } from './judge.ts'
import { runScenario } from './run.ts'
import { SCENARIOS } from './scenarios.ts'

const SEED = Number(process.env.FAULTS_SEED ?? Date.now() % 2 ** 31)
/** One of them alone, by words of its name. */
const ONLY = process.env.FAULTS_ONLY

/** @param isQuick those that `npm test` does, or the others */
export const checkFaults = async (t: Test, topology: Topology, isQuick: boolean): Promise<void> => {
  const isMeant = ({ on, isQuick: quick = false, name }: (typeof SCENARIOS)[number]): boolean =>
    on.includes(topology) && (ONLY === undefined ? quick === isQuick : name.includes(ONLY))
  const all = SCENARIOS.filter(isMeant)
  // One Redis has its proxy always.
  const needsProxies = (one: (typeof SCENARIOS)[number]): boolean => topology !== 'redis' && one.isProxied === true
  for (const isProxied of [false, true]) {
    const some = all.filter((one) => needsProxies(one) === isProxied)
    if (some.length === 0) continue
    await t.test(isProxied ? 'behind proxies' : 'directly', async (t) => {
      const bench = await startBench(t, topology, { isProxied })
      for (const scenario of some) {
        await t.test(scenario.name, async (t) => {
          const { history, findings } = await runScenario(bench, scenario, createDraw(SEED).fork(scenario.name))
          for (const one of findings) t.fail(report(one, history))
          t.pass(`${history.operations.length} calls, seed ${SEED}`)
          await bench.settled()
        })
      }
    })
  }
}
