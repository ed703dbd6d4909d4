/**
 * `npm test`: everything that must hold before a change lands, in one command on a fresh clone. Each step is a row of
 * `CHECKS`, done in this order; the first that fails ends the run. The last line is the sum of the tests.
 *
 * `npm test -- test/store test/e2e/packed.test.ts` does the same steps, but of the tests only these files or folders.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { runTests } from './tap-run.mjs'
import { Failed, readJson, root, runInstalled, runNpm, secondsSince, task, whenStarted } from './task.mjs'
import { obtainTools } from './tools.mjs'

/** @param {string} path a file or folder @returns {string[]} the test files in it, as paths in the project's folder */
const testFilesIn = (path) => {
  const full = resolve(root, path)
  if (!existsSync(full)) throw new Failed(`There is no ${path}: npm test takes test files or folders.`)
  const found = statSync(full).isFile()
    ? [full]
    : readdirSync(full, { recursive: true, encoding: 'utf8' }).map((name) => join(full, name))
  return found.filter((file) => file.endsWith('.test.ts')).map((file) => relative(root, file).split(sep).join('/'))
}

const lint = () =>
  task('linting', () => runInstalled('@biomejs/biome', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']))

/** The service and all that runs on Node; then what runs in a page, where nothing of Node may slip in. */
const TYPED = ['.', 'src/client', 'test/client/page']

const checkTypes = () =>
  task('checking the types', async () => {
    for (const path of TYPED) await runInstalled('typescript', 'tsc', ['-p', path, '--noEmit', '--pretty', 'false'])
  })

/** @param {string} name of a script of package.json */
const script = (name) => () => task(name, () => runNpm(['run', '--silent', name]))

/** @param {readonly string[]} paths what was asked for on the command line; nothing means all */
const choose = (paths) => {
  const all = testFilesIn('test').sort()
  const asked = new Set(paths.flatMap(testFilesIn))
  const files = paths.length === 0 ? all : all.filter((file) => asked.has(file))
  if (files.length === 0) throw new Failed('There is no test file to run.')
  return { files, leftOut: all.filter((file) => !files.includes(file)) }
}

/** What is generated and committed must be fresh: scripts of package.json whose names say so. */
const CHECK_SCRIPTS = Object.keys(readJson('package.json').scripts).filter((name) => name.endsWith(':check'))

/** @type {readonly (readonly [name: string, work: () => Promise<unknown>])[]} */
const CHECKS = [
  ['packages', install],
  ['programs', () => obtainTools()],
  ['build', build],
  ['lint', lint],
  ['types', checkTypes],
  ...CHECK_SCRIPTS.map((name) => /** @type {const} */ ([name, script(name)])),
]

await whenStarted(import.meta.url, async () => {
  const { files, leftOut } = choose(process.argv.slice(2))
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

  for (const [name, work] of CHECKS) await step(name, work)
  const { passed, failed } = await step(`${files.length} test files`, () => runTests(files))

  console.log(`\nWhat ran: ${ran.join(', ')}.`)
  if (leftOut.length > 0) console.log(`Left out, as only some files were asked for: ${leftOut.join(', ')}`)
  if (failed > 0) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
})
