/** Runs the faults of one topology as tests, one after the other on one bench. */
import type { Test } from 'tap'
import { type Bench, startBench, type Topology } from './bench.ts'
import { createDraw } from './draw.ts'
import { report } from './judge.ts'
import { runScenario } from './run.ts'
import { SCENARIOS } from './scenarios.ts'
import type { Scenario } from './scene.ts'

/** The same each time: what nobody has drawn yet is for the soak. */
const SEED = Number(process.env.FAULTS_SEED ?? 20_261_130)
/** How often a run is made again in which the servers failed over by themselves: a machine that is busy may bring that about. */
const MOST_AGAIN = 2
/** Only those with these words in their names, whatever their lane. */
const ONLY = process.env.FAULTS_ONLY

/** One Redis has a proxy anyway. */
export const needsProxies = (topology: Topology, { isProxied = false }: Scenario): boolean =>
  topology !== 'redis' && isProxied

/** @param lane `quick`: those that `npm test` does; `long`: the others */
export const checkFaults = async (t: Test, topology: Topology, lane: 'quick' | 'long'): Promise<void> => {
  const laneOf = ({ quickOn = [] }: Scenario) => (quickOn.includes(topology) ? 'quick' : 'long')
  const isMeant = (one: Scenario): boolean => (ONLY === undefined ? laneOf(one) === lane : one.name.includes(ONLY))
  const all = SCENARIOS.filter((one) => one.on.includes(topology) && isMeant(one))
  for (const isProxied of [false, true]) {
    const some = all.filter((one) => needsProxies(topology, one) === isProxied)
    if (some.length === 0) continue
    await t.test(isProxied ? 'with a proxy before each server' : 'as it is', async (t) => {
      let bench: Bench | undefined
      for (const scenario of some) {
        await t.test(scenario.name, async (ofScenario) => {
          const present = bench ?? (await startBench(t, topology, { isProxied }))
          // What has failed may have left something broken, which says nothing of the next one.
          bench = undefined
          const run = () => runScenario(present, scenario, createDraw(SEED).fork(scenario.name))
          let ran = await run()
          for (let again = 1; ran.hasStrayed && again <= MOST_AGAIN; again++) ran = await run()
          const { history, findings, hasStrayed } = ran
          ofScenario.notOk(hasStrayed, 'the servers fail over only when the fault is a reason to')
          for (const one of findings) {
            const [text = '', ...calls] = report(one, history).split('\n')
            ofScenario.fail(text)
            ofScenario.comment(calls.join('\n'))
          }
          ofScenario.pass(`${history.operations.length} calls, seed ${SEED}`)
          if (findings.length === 0) bench = present
        })
      }
    })
  }
}
