/**
 * What the scripts have in common: tasks that say what they do and for how long, and child processes that are quiet
 * until they fail. Everything in this folder runs before anything is installed, so it is plain JavaScript on Node alone.
 */
import { spawn } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The project's folder; every path in these scripts starts here, wherever they are called from. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @param {string} path @returns {any} */
export const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** What went wrong in words for whoever typed the command: no stack is shown, but all that the child process said. */
export class Failed extends Error {
  /** @param {string} message @param {string} [output] */
  constructor(message, output = '') {
    super(message)
    this.output = output.trimEnd()
  }
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ctrl-C reaches the children by itself, as a terminal sends it to all of them; these are sent to one process. */
const PASSED_ON = /** @type {const} */ (['SIGTERM', 'SIGHUP'])

/** @param {NodeJS.Signals} signal */
const passOn = (signal) => {
  for (const child of running) child.kill(signal)
}

/** @param {import('node:child_process').ChildProcess} child */
const began = (child) => {
  running.add(child)
  if (running.size === 1) for (const signal of PASSED_ON) process.on(signal, passOn)
}

/** @param {import('node:child_process').ChildProcess} child */
const ended = (child) => {
  running.delete(child)
  if (running.size === 0) for (const signal of PASSED_ON) process.off(signal, passOn)
}

/** What a process that was asked to end has for it. */
const KILL_AFTER_MS = 10_000

/** How long is read on once a process has ended: what it has left running may hold its output for ever. */
const READ_ON_MS = 1000

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd] the project's folder, if it is left out
 * @property {(line: string) => void} [onLine] hears of each line of its standard output as it comes
 * @property {(line: string) => void} [onErrorLine] and of each line of its standard error
 * @property {number} [deadlineMs] after that it is ended
 */

/**
 * Runs a program to its end, without a shell and without input.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>} what it printed, both streams in the order in which it came
 * @throws {Failed} when it cannot be started, ends with another code than 0, or by a signal
 */
export const run = (program, args, { env = process.env, cwd = root, onLine, onErrorLine, deadlineMs } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    began(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    if (onLine) createInterface({ input: child.stdout }).on('line', onLine)
    if (onErrorLine) createInterface({ input: child.stderr }).on('line', onErrorLine)
    const command = [program, ...args].join(' ')
    const timers =
      deadlineMs === undefined
        ? []
        : [
            setTimeout(() => child.kill('SIGTERM'), deadlineMs),
            setTimeout(() => child.kill('SIGKILL'), deadlineMs + KILL_AFTER_MS),
          ]
    const end = () => {
      for (const timer of timers) clearTimeout(timer)
      ended(child)
    }
    child.once('error', (error) => {
      end()
      reject(new Failed(`${command} cannot be run: ${error.message}`))
    })
    child.once('exit', () => {
      const leave = () => [child.stdout, child.stderr].map((stream) => stream.destroy())
      timers.push(setTimeout(leave, READ_ON_MS))
    })
    child.once('close', (code, signal) => {
      end()
      if (code === 0) resolve(output)
      else reject(new Failed(`${command} ended with ${signal ?? `code ${code}`}.`, output))
    })
  })

/**
 * Runs a command of an installed package by this very Node, so that it does not matter what is on the PATH.
 *
 * @param {string} packageName @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 */
export const runInstalled = (packageName, command, args, options) => {
  const { bin } = readJson(`node_modules/${packageName}/package.json`)
  return run(process.execPath, [join(root, 'node_modules', packageName, bin[command]), ...args], options)
}

/** Runs npm: the one that runs this script, if one does. @param {readonly string[]} args @param {RunOptions} [options] */
export const runNpm = (args, options) => {
  const npm = process.env.npm_execpath ?? ''
  return /npm-cli\.c?js$/.test(npm) ? run(process.execPath, [npm, ...args], options) : run('npm', args, options)
}

/** @param {number} since as performance.now() gives it */
export const secondsSince = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/**
 * Does one thing and says so: a line that counts the seconds in a terminal, otherwise a line at the start, one every 15
 * seconds, and one at the end.
 *
 * @template T
 * @param {string} title what is being done: 'installing the packages'
 * @param {(note: (text: string) => void) => Promise<T>} work may print lines of its own through `note`
 * @returns {Promise<T>}
 */
export const task = async (title, work) => {
  const started = performance.now()
  const inPlace = process.stdout.isTTY === true
  const clear = inPlace ? '\r\x1b[K' : ''
  if (!inPlace) console.log(`- ${title} ...`)
  const ticking = setInterval(
    () => {
      const line = `- ${title} ... ${secondsSince(started)}`
      if (inPlace) process.stdout.write(clear + line.slice(0, process.stdout.columns - 1))
      else console.log(`  still ${title}, ${secondsSince(started)} so far`)
    },
    inPlace ? 100 : 15_000,
  )
  let outcome = 'failed'
  try {
    const result = await work((text) => console.log(`${clear}${text}`))
    outcome = 'done'
    return result
  } finally {
    clearInterval(ticking)
    console.log(`${clear}- ${title}: ${outcome}, ${secondsSince(started)}`)
  }
}

/** Prints what a failed child process said, and why that matters. @param {unknown} error */
export const report = (error) => {
  if (!(error instanceof Failed)) throw error
  if (error.output) console.error(error.output)
  console.error(`\n${error.message}`)
}

/**
 * Runs `work` if the file is the one that was started, rather than imported by another.
 *
 * @param {string} moduleUrl its `import.meta.url`
 * @param {() => Promise<unknown>} work
 */
export const whenStarted = async (moduleUrl, work) => {
  if (process.argv[1] === undefined || realpathSync(process.argv[1]) !== fileURLToPath(moduleUrl)) return
  try {
    await work()
  } catch (error) {
    report(error)
    process.exitCode = 1
  }
}
