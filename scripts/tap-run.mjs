/**
 * Runs test files under tap and counts. tap's own terminal display draws over itself, which is unreadable in a log; so
 * its plain TAP is read here instead: a line for each file as it ends, then tap's report of what failed, then its totals.
 *
 * A skipped or unfinished test counts as failed: nothing may be passed over in silence.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failed, root, runInstalled, task } from './task.mjs'

/** What tap has put together of its plugins, and the one that package.json leaves out. */
const ASSEMBLED = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js')
const LEFT_OUT = '@tapjs/typescript'

/** The end of a test file, which stands at the margin; what is within it is indented. */
const FILE_END = /^(ok|not ok) \d+ - (\S+)(?:.* # time=(\S+))?/

/** tap's totals, its last word; what is 0 is left out: `# { total: 10, pass: 6, fail: 2 }`. */
const TOTALS = /^# \{ total: .*\}$/

/** @param {string} line @param {string} name */
const total = (line, name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line)?.[1] ?? 0)

/** tap reads these of a tap that runs it, and answers otherwise; a run started within a test is a run of its own. */
const ownEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_?TAP(JS)?(_|$)/.test(name)))

/** After an install tap has its own compiler in. It would leave it out by itself, but for its first run that is too late. */
const assembleTap = async () => {
  if (!readFileSync(ASSEMBLED, 'utf8').includes(LEFT_OUT)) return
  await task('putting tap together', () => runInstalled('tap', 'tap', ['build'], { env: ownEnvironment() }))
}

/**
 * @param {readonly string[]} files
 * @returns {Promise<{ passed: number, failed: number }>} tap's assertions; a file that breaks down is one that failed
 * @throws {Failed} when tap itself fails, or no test was run
 */
export const runTests = async (files) => {
  await assembleTap()
  const env = ownEnvironment()
  /** @type {string[]} */
  const broken = []
  /** @type {string[]} */
  const errors = []
  let totals = ''

  const fault = await task('running the tests', (note) => {
    const onLine = (/** @type {string} */ line) => {
      const [, word, file = '', time = ''] = FILE_END.exec(line) ?? []
      if (word) note(`  ${word === 'ok' ? 'ok    ' : 'FAILED'} ${file} ${time}`)
      if (word === 'not ok') broken.push(file)
      if (TOTALS.test(line)) totals = line
    }
    const onErrorLine = (/** @type {string} */ line) => errors.push(line)
    const args = ['run', '--no-color', '--fail-skip', '--fail-todo', '--reporter=tap', ...files]
    return runInstalled('tap', 'tap', args, { env, onLine, onErrorLine })
  }).catch((error) => error)

  if (fault instanceof Failed) {
    const args = ['replay', '--no-color', '--fail-skip', '--fail-todo', '--reporter=min', ...broken]
    const report = await runInstalled('tap', 'tap', args, { env }).catch((error) => error.output)
    console.log([...errors, report.replaceAll('\x1b[?25h', '')].join('\n'))
  }
  const passed = total(totals, 'pass')
  const failed = total(totals, 'fail')
  if (fault instanceof Error && failed === 0) throw fault
  if (passed + failed === 0) throw new Failed('No test was run.')
  return { passed, failed }
}
