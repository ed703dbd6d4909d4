/**
 * `npm run test:soak -- --minutes 30 --topology sentinel --seed 42`: faults at random under load, on one Redis, on Sentinels and
 * on a Cluster in turns, or on one of them alone. Without a seed one is drawn; it is printed, and the same seed draws the
 * same faults. It ends at the first finding, with what led to it, and with exit code 1.
 */
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { Failed, run, whenStarted } from './task.mjs'
import { obtainTools } from './tools.mjs'

const TOPOLOGIES = ['redis', 'sentinel', 'cluster']

/** @param {string | undefined} text @param {string} name @param {RegExp} form @param {string} what */
const checked = (text, name, form, what) => {
  if (text === undefined || form.test(text)) return text
  throw new Failed(`--${name} takes ${what}.`)
}

await whenStarted(import.meta.url, async () => {
  const { values } = parseArgs({
    options: { minutes: { type: 'string' }, topology: { type: 'string' }, seed: { type: 'string' } },
  })
  const minutes = checked(values.minutes, 'minutes', /^\d{1,5}(\.\d+)?$/, 'a number, such as 30')
  const seed = checked(values.seed, 'seed', /^\d{1,9}$/, 'a whole number, such as 42')
  const topology = checked(
    values.topology,
    'topology',
    new RegExp(`^(${TOPOLOGIES.join('|')})$`),
    TOPOLOGIES.join(' or '),
  )
  await obtainTools(['redis'])
  await build()
  const env = {
    ...process.env,
    TAP_TIMEOUT: '0',
    ...(minutes && { SOAK_MINUTES: minutes }),
    ...(seed && { SOAK_SEED: seed }),
    ...(topology && { SOAK_TOPOLOGY: topology }),
  }
  await run(process.execPath, ['--import=./scripts/run-typescript.mjs', 'test/faults/soak.ts'], {
    env,
    onLine: (line) => console.log(line),
  }).catch(({ message, output }) => {
    // What it printed by itself stands above already, unless it broke down.
    throw new Failed(message, /findings; seed \d+$/m.test(output) ? '' : output)
  })
})
