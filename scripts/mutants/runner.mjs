/**
 * Runs the tests for StrykerJS. It loads the test files once into one process, and there runs them on each mutant, as most
 * take milliseconds and a process takes half a second. What a mutant changes as the code is loaded is loaded anew.
 *
 * The first test that fails kills the mutant. Then that test runs once more without the mutant: if it fails again, it was not
 * the mutant that it found, but a machine under load or what other mutants left behind. So StrykerJS tries in a new process.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { commonTokens, declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  determineHitLimitReached,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'

process.env.TAP_TIMEOUT = '0'
delete process.env.TAP_BAIL
const { default: tap } = await import('tap')
const { TestBase } = await import('@tapjs/core')
// The first case that fails is enough.
const { default: fc } = await import('fast-check')
fc.configureGlobal({ endOnFailure: true })
tap.pipe(new Writable({ write: (_chunk, _encoding, done) => done() }))

/** What StrykerJS's code in each file looks at. */
const mutation = { mutantCoverage: { static: {}, perTest: {} } }
globalThis.__stryker__ = mutation

/** @typedef {{ id: string, file: string, args: unknown[] }} Collected */

/** @type {Collected[]} */
let collected = []
/** @type {(() => unknown)[]} */
const endings = []
let loading = ''
/** Why the run that goes on fails. @type {string | null} */
let failure = null

/** What a test file gets as `tap`. */
globalThis.collectedTests = {
  /** @param {unknown[]} args */
  test(...args) {
    const id = `${loading}: ${args[0]}`
    const namesakes = collected.filter((test) => test.id === id || test.id.startsWith(`${id} #`)).length
    collected.push({ id: namesakes === 0 ? id : `${id} #${namesakes + 1}`, file: loading, args })
    return Promise.resolve()
  },
  /** @param {() => unknown} end */
  teardown: (end) => endings.push(end),
  /** @param {string} message */
  fail(message) {
    failure ??= message
  },
}

process.on('uncaughtException', (error) => {
  failure ??= `Nobody caught ${error}`
})

const { fail, sub } = TestBase.prototype
/** @this {import('@tapjs/core').TestBase} @param {unknown[]} args */
TestBase.prototype.fail = function (...args) {
  failure ??= `${this.name}: ${args[0]}`
  return fail.apply(this, args)
}
// After a failure nothing that is nested begins any more.
/** @this {import('@tapjs/core').TestBase} @param {unknown[]} args */
TestBase.prototype.sub = function (...args) {
  return failure === null ? sub.apply(this, args) : Promise.resolve()
}

let loads = 0

const load = async (/** @type {readonly string[]} */ files) => {
  collected = []
  for (const end of endings.splice(0)) await end()
  loads += 1
  for (const file of files) {
    loading = file
    await import(`${pathToFileURL(resolve(file))}?load=${loads}`)
  }
}

/** How long each test took without a mutant, in ms, for a later process, too. @type {Map<string, number>} */
let times = new Map()
const TIMES = 'times.json'

const TICK_MS = 100

const HANGS = 'it does not end'

/** Whether this process has done a test that goes on. */
let isHung = false

/**
 * Settles when a test has had ample time. It counts turns of this process's clock, of which a process that hardly gets to
 * run has fewer: a busy machine kills no mutant.
 *
 * @param {string} id @param {AbortSignal} signal
 */
const tooLong = async (id, signal) => {
  const ticks = 40 + (10 * (times.get(id) ?? 0)) / TICK_MS
  for (let tick = 0; tick < ticks && !signal.aborted; tick += 1) await new Promise((done) => setTimeout(done, TICK_MS))
  return HANGS
}

/** @param {Collected} test @returns {Promise<string | null>} why it fails */
const runTest = async ({ id, args }) => {
  failure = null
  mutation.currentTestId = id
  const end = new AbortController()
  const results = await Promise.race([tap.test(...args), tooLong(id, end.signal)])
  end.abort()
  mutation.currentTestId = undefined
  if (results === HANGS) {
    isHung = true
    return HANGS
  }
  return failure ?? (results?.ok ? null : 'it fails')
}

/** The sandbox's copy of StrykerJS's options holds the files. @param {{ mutantTests: readonly string[] }} options */
const createRunner = ({ mutantTests: files }) => {
  /** Whether the code is as it was loaded with a mutant. */
  let isSpoilt = true

  return {
    capabilities: () => ({ reloadEnvironment: true }),

    async dryRun() {
      await load(files)
      isSpoilt = false
      const tests = []
      for (const test of collected) {
        const started = performance.now()
        const why = await runTest(test)
        const timeSpentMs = performance.now() - started
        times.set(test.id, timeSpentMs)
        const told = { id: test.id, name: test.id, timeSpentMs }
        if (why === null) tests.push({ ...told, status: TestStatus.Success })
        else tests.push({ ...told, status: TestStatus.Failed, failureMessage: why })
      }
      writeFileSync(TIMES, JSON.stringify([...times]))
      return { status: DryRunStatus.Complete, tests, mutantCoverage: mutation.mutantCoverage }
    },

    /** @param {import('@stryker-mutator/api/test-runner').MutantRunOptions} options */
    async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, reloadEnvironment }) {
      if (isHung) process.exit(1)
      if (times.size === 0) times = new Map(JSON.parse(readFileSync(TIMES, 'utf8')))
      const isStatic = reloadEnvironment || mutantActivation === 'static'
      mutation.activeMutant = isStatic ? activeMutant.id : undefined
      mutation.hitLimit = undefined
      mutation.hitCount = undefined
      if (isStatic || isSpoilt) {
        isSpoilt = true
        const why = await load(files).then(
          () => null,
          (error) => `The code does not load: ${error}`,
        )
        if (why !== null && !isStatic) throw new Error(why)
        if (why !== null) return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: why, nrOfTests: 0 }
        isSpoilt = isStatic
      }
      Object.assign(mutation, {
        activeMutant: activeMutant.id,
        hitLimit,
        hitCount: hitLimit === undefined ? undefined : 0,
      })
      const timeOf = (/** @type {Collected} */ { id }) => times.get(id) ?? 0
      const wanted = collected
        .filter(({ id }) => testFilter === undefined || testFilter.includes(id))
        .sort((a, b) => timeOf(a) - timeOf(b))
      let nrOfTests = 0
      for (const test of wanted) {
        nrOfTests += 1
        const failureMessage = await runTest(test)
        if (failureMessage === null) continue
        const limit = determineHitLimitReached(mutation.hitCount, mutation.hitLimit)
        mutation.activeMutant = undefined
        mutation.hitLimit = undefined
        mutation.hitCount = undefined
        if (isHung) return { status: MutantRunStatus.Timeout, reason: test.id }
        if (limit) return toMutantRunResult(limit)
        if (isStatic) await load(files)
        isSpoilt = false
        const again = collected.find(({ id }) => id === test.id)
        if (!again || (await runTest(again)) !== null) process.exit(1)
        return { status: MutantRunStatus.Killed, killedBy: [test.id], failureMessage, nrOfTests }
      }
      mutation.activeMutant = undefined
      return { status: MutantRunStatus.Survived, nrOfTests }
    },

    async dispose() {
      for (const end of endings.splice(0)) await end()
    },
  }
}
createRunner.inject = [commonTokens.options]

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'one-process', createRunner)]
