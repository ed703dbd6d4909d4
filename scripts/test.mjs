/**
 * `npm test`: everything that must hold before a change lands, in one command on a fresh clone. First the steps of
 * `PREPARATION`, in this order; the first that fails ends the run. Then the tests, and beside them the rows of `CHECKS`:
 * a check that fails counts as one test that failed. The last line is the sum.
 *
 * `npm test -- test/store test/e2e/packed.test.ts` does the same, but of the tests runs only these files or folders.
 * `npm run test:quick` runs less, and `npm run test:full` more: `lanes.mjs` says what.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { LANES } from './lanes.mjs'
import { checkPiece, runTests } from './run-tests.mjs'
import { Failed, readJson, root, runInstalled, runNpm, secondsSince, task, whenStarted } from './task.mjs'
import { obtainTools, TOOLS } from './tools.mjs'
import { checkTypes } from './typecheck.mjs'

/** @param {string} path a file or folder @returns {string[]} the test files in it, as paths in the project's folder */
const testFilesIn = (path) => {
  const full = resolve(root, path)
  if (!existsSync(full)) throw new Failed(`There is no ${path}: npm test takes test files or folders.`)
  const found = statSync(full).isFile()
    ? [full]
    : readdirSync(full, { recursive: true, encoding: 'utf8' }).map((name) => join(full, name))
  return found.filter((file) => file.endsWith('.test.ts')).map((file) => relative(root, file).split(sep).join('/'))
}

const lint = () => runInstalled('@biomejs/biome', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.'])

/** @param {import('./lanes.mjs').Lane} lane @param {string} name of a program, test file or check */
const isIn = ({ leavesOut }, name) => !leavesOut?.test(name)

/**
 * @param {import('./lanes.mjs').Lane} lane
 * @param {readonly string[]} paths what was asked for on the command line; nothing means all of the lane
 */
const choose = (lane, paths) => {
  const all = testFilesIn('test').sort()
  const asked = new Set(paths.flatMap(testFilesIn))
  const files = paths.length === 0 ? all.filter((file) => isIn(lane, file)) : all.filter((file) => asked.has(file))
  if (files.length === 0) throw new Failed('There is no test file to run.')
  return { files, leftOut: all.filter((file) => !files.includes(file)) }
}

/** What is generated and committed must be fresh: scripts of package.json whose names say so. */
const CHECK_SCRIPTS = Object.keys(readJson('package.json').scripts).filter((name) => name.endsWith(':check'))

/** @type {readonly (readonly [name: string, work: (lane: import('./lanes.mjs').Lane) => Promise<unknown>])[]} */
const PREPARATION = [
  ['packages', install],
  ['programs', (lane) => obtainTools(Object.keys(TOOLS).filter((name) => isIn(lane, name)))],
  ['build', build],
]

/** @type {readonly (readonly [name: string, work: () => Promise<unknown>])[]} */
const CHECKS = [
  ['lint', lint],
  ['types', checkTypes],
  ...CHECK_SCRIPTS.map((name) => /** @type {const} */ ([name, () => runNpm(['run', '--silent', name])])),
]

await whenStarted(import.meta.url, async () => {
  const args = process.argv.slice(2)
  const lane = LANES[args.includes('--quick') ? 'quick' : args.includes('--full') ? 'full' : 'usual']
  Object.assign(process.env, lane.env)
  const { files, leftOut } = choose(
    lane,
    args.filter((arg) => arg !== '--quick' && arg !== '--full'),
  )
  /** @type {string[]} */
  const ran = []

  /** @template T @param {string} name @param {() => Promise<T>} work */
  const step = async (name, work) => {
    const started = performance.now()
    const result = await work().catch((error) => {
      if (!(error instanceof Failed)) throw error
      const before = ran.length > 0 ? ` after ${ran.join(', ')}` : ''
      throw new Failed(`${error.message}\n\nFailed: ${name}${before}. What comes next was not run.`, error.output)
    })
    ran.push(`${name} (${secondsSince(started)})`)
    return result
  }

  for (const [name, work] of PREPARATION) await step(name, () => work(lane))
  const checks = CHECKS.filter(([name]) => isIn(lane, name)).map(([name, work]) => checkPiece(name, work))
  const beside = checks.map(({ name }) => name).join(', ')
  const { passed, failed } = await step(`${files.length} test files beside ${beside}`, () => runTests(files, checks))
  for (const name of lane.scripts ?? []) await step(name, () => task(name, () => runNpm(['run', '--silent', name])))

  console.log(`\nWhat ran: ${ran.join(', ')}.`)
  if (lane.what) console.log(`This lane leaves out ${lane.what}.`)
  if (leftOut.length > 0) console.log(`Left out, as only some files were asked for: ${leftOut.join(', ')}`)
  if (failed > 0) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
})
