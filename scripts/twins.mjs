/**
 * `npm run test:twins -- --steps 100000 --seed 42`: random steps on both stores side by side, as many as asked for. Without
 * a seed one is drawn; it is printed, and a failure prints what takes the same steps again.
 */
import { parseArgs } from 'node:util'
import { Failed, run, whenStarted } from './task.mjs'
import { obtainTools } from './tools.mjs'

/** @param {string | undefined} text @param {string} name */
const whole = (text, name) => {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text
  throw new Failed(`--${name} takes a whole number, such as 42.`)
}

await whenStarted(import.meta.url, async () => {
  const { values } = parseArgs({ options: { steps: { type: 'string' }, seed: { type: 'string' } } })
  const [steps, seed] = [whole(values.steps, 'steps'), whole(values.seed, 'seed')]
  await obtainTools(['redis'])
  const env = {
    ...process.env,
    TAP_TIMEOUT: '0',
    ...(steps && { TWINS_STEPS: steps }),
    ...(seed && { TWINS_SEED: seed }),
  }
  const args = ['--import=./scripts/run-typescript.mjs', 'test/twins/twins.test.ts']
  await run(process.execPath, args, { env, onLine: (line) => console.log(line) })
})
