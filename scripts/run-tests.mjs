/**
 * Runs test files, some at a time and the longest first, each in a Node of its own, and counts. Without a runner above it tap
 * prints plain TAP: a line is shown for each file as it ends, and below it, if the file failed, what it printed.
 *
 * A skipped or unfinished test counts as failed: nothing may be passed over in silence.
 */
import { existsSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { bundleTests } from './bundle-tests.mjs'
import { isHeavy, secondsOf } from './lanes.mjs'
import { Failed, readJson, root, run, secondsSince, task } from './task.mjs'

/** tap's totals, the last but one line of a file; what is 0 is left out: `# { total: 10, pass: 6, fail: 2 }`. */
const TOTALS = /^# \{ total: .*\}$/m

/** @param {string} text @param {string} name */
const total = (text, name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(TOTALS.exec(text)?.[0] ?? '')?.[1] ?? 0)

/** Started by many tests; `test/helpers/cli.ts` says by which. */
const CLI = 'src/cli.ts'

/** How long a test may take, and how long a file. Only what hangs waits that long, so it is much, for a busy machine. */
const TEST_SECONDS = readJson('package.json').tap.timeout
const FILE_MS = 2 * TEST_SECONDS * 1000

/** How many compute at once while only this run does, for each core. */
const OWN_LOAD = 4

/**
 * How many times later than on a machine of its own something is done now: by how many want a core beside this run. Where the
 * system does not tell, it is 1.
 */
const lateness = () => Math.max(1, Math.round((loadavg()[0] ?? 0) / availableParallelism() / OWN_LOAD))

/** tap reads these of a tap that runs it, and answers otherwise; a run started within a test is a run of its own. */
const environment = (/** @type {string} */ cli) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_?TAP(JS)?(_|$)/.test(name))),
  BUNDLED_CLI: cli,
  TAP_TIMEOUT: String(TEST_SECONDS),
  TAP_FAIL_SKIP: '1',
  TAP_FAIL_TODO: '1',
  NO_COLOR: '1',
})

/** What passed, and plans, help nobody who looks for what failed. */
const PASSED = /^ *(ok \d+.*|\d+\.\.\d+|# Subtest: .*|# time=.*|TAP version \d+)?$/

/** @param {string} output of a file that failed */
const withoutWhatPassed = (output) =>
  output
    .replaceAll(/^( *)generated:\n(?:\1 +.*\n)+/gm, '')
    .split('\n')
    .filter((line) => !PASSED.test(line))
    .join('\n')

/** Such as `.tap/suite/test/http/keys.test.js:12:3`. */
const BUNDLED_PLACE = /([^\s('"]*\.tap\/suite\/[^\s:]+\.js):(\d+):(\d+)/g

/**
 * Names places of the source. Node would do so by itself if it were told to, but then each file reads the maps of all that
 * it loads, and few files fail.
 *
 * @param {string} text
 */
const withPlacesOfSource = (text) => {
  /** @type {Map<string, SourceMap | undefined>} */
  const maps = new Map()
  const mapOf = (/** @type {string} */ path) => {
    const file = `${path.slice(path.indexOf('.tap/'))}.map`
    if (!maps.has(file)) maps.set(file, existsSync(join(root, file)) ? new SourceMap(readJson(file)) : undefined)
    return maps.get(file)
  }
  return text.replace(BUNDLED_PLACE, (place, path, line, column) => {
    const entry = mapOf(path)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (!entry || !('originalSource' in entry)) return place
    return `${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
}

/** @typedef {{ passed: number, failed: number }} Sum */
/** @typedef {{ name: string, isTest: boolean, work: () => Promise<Sum> }} Piece */

/** @param {string} name @param {string} path what is run for it @param {NodeJS.ProcessEnv} given @returns {Piece} */
const testPiece = (name, path, given) => ({
  name,
  isTest: true,
  async work() {
    const env = { ...given, LATE: process.env.LATE ?? String(lateness()) }
    const ran = await run(process.execPath, [path], { env, deadlineMs: FILE_MS })
      .then((output) => ({ output, fault: '' }))
      .catch(({ output, message }) => ({ output, fault: message }))
    const [passed, failed] = [total(ran.output, 'pass'), total(ran.output, 'fail')]
    if (ran.fault === '' && passed + failed > 0) return { passed, failed }
    const said = `${withPlacesOfSource(withoutWhatPassed(ran.output))}\n${ran.fault || 'It ran no test.'}`
    throw Object.assign(new Failed(said), { passed, failed })
  },
})

/**
 * What else must hold: runs beside the tests, and counts as one that failed if it fails.
 *
 * @param {string} name @param {() => Promise<unknown>} check @returns {Piece}
 */
export const checkPiece = (name, check) => ({
  name,
  isTest: false,
  async work() {
    await check()
    return { passed: 0, failed: 0 }
  },
})

/** For each core one piece of any kind, of which the heavy ones are begun first; for each two cores one that mostly waits. */
const CORES = Math.max(2, availableParallelism())

/**
 * @param {readonly string[]} files @param {readonly Piece[]} checks @param {(line: string) => void} note
 * @returns {Promise<Sum>}
 */
const runPieces = async (files, checks, note) => {
  const bundled = await bundleTests([...files, CLI])
  const placeOf = (/** @type {string} */ file) => bundled.get(file) ?? join(root, file)
  const env = environment(placeOf(CLI))
  const tests = files.map((file) => testPiece(file, placeOf(file), env))
  const waiting = [...tests, ...checks].sort((a, b) => secondsOf(b.name) - secondsOf(a.name))
  const light = waiting.filter(({ name }) => !isHeavy(name))
  const heavy = waiting.filter(({ name }) => isHeavy(name))
  const sum = { passed: 0, failed: 0 }

  let signalled = ''
  const onSignal = (/** @type {string} */ signal) => {
    signalled = signal
  }
  const signals = ['SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, onSignal)

  const work = async (/** @type {() => Piece | undefined} */ next) => {
    for (let piece = next(); piece && !signalled; piece = next()) {
      const { name } = piece
      const started = performance.now()
      let report = ''
      try {
        const { passed } = await piece.work()
        sum.passed += passed
      } catch (error) {
        if (!(error instanceof Failed)) throw error
        const { passed = 0, failed = 0 } = /** @type {Failed & Partial<Sum>} */ (error)
        sum.passed += passed
        sum.failed += Math.max(failed, 1)
        report = [error.output, error.message].filter(Boolean).join('\n')
      }
      note(`  ${report === '' ? 'ok    ' : 'FAILED'} ${name} ${secondsSince(started)}`)
      if (report !== '') note(`${report}\n`)
    }
  }
  try {
    const all = Array.from({ length: CORES }, () => work(() => heavy.shift() ?? light.shift()))
    const waiters = Array.from({ length: CORES / 2 }, () => work(() => light.shift()))
    await Promise.all([...all, ...waiters])
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
  }
  if (signalled) throw new Failed(`The run was ended by ${signalled}.`)
  return sum
}

/**
 * @param {readonly string[]} files @param {readonly Piece[]} [checks]
 * @returns {Promise<Sum>} tap's assertions; a file or check that breaks down is one that failed
 * @throws {Failed} when the files cannot be put together, or the run was told to end
 */
export const runTests = (files, checks = []) => task('running the tests', (note) => runPieces(files, checks, note))
