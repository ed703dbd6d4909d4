/**
 * Random tests, as long as asked for: `npm run test:twins -- --steps 100000 --seed 42` takes random steps on both stores side
 * by side, `npm run test:fuzz -- --calls 1000000 --seed 42` makes calls from the description, half of them on each store.
 * Without a seed one is drawn; it is printed, and the same seed does the same again.
 */
import { parseArgs } from 'node:util'
import { Failed, run, whenStarted } from './task.mjs'
import { obtainTools } from './tools.mjs'

/** What is counted, and the test. @type {Record<string, { count: string, file: string }>} */
const TESTS = {
  twins: { count: 'steps', file: 'test/twins/twins.test.ts' },
  fuzz: { count: 'calls', file: 'test/fuzz/fuzz.test.ts' },
}

/** @param {unknown} text @param {string} name */
const whole = (text, name) => {
  if (text === undefined || /^\d{1,9}$/.test(String(text))) return text
  throw new Failed(`--${name} takes a whole number, such as 42.`)
}

await whenStarted(import.meta.url, async () => {
  const [name = '', ...args] = process.argv.slice(2)
  const test = TESTS[name]
  if (!test) throw new Failed(`There is no ${name}: say ${Object.keys(TESTS).join(' or ')}.`)
  const { values } = parseArgs({ args, options: { [test.count]: { type: 'string' }, seed: { type: 'string' } } })
  const [count, seed] = [whole(values[test.count], test.count), whole(values.seed, 'seed')]
  await obtainTools(['redis'])
  const env = {
    ...process.env,
    TAP_TIMEOUT: '0',
    ...(count && { [`${name}_${test.count}`.toUpperCase()]: String(count) }),
    ...(seed && { [`${name}_seed`.toUpperCase()]: String(seed) }),
  }
  await run(process.execPath, ['--import=./scripts/run-typescript.mjs', test.file], {
    env,
    onLine: (line) => console.log(line),
  })
})
