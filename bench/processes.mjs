// @ts-check
/** The processes of a measurement: started on free ports, in a temporary folder, and ended by their ids. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 20_000

/** @returns {Promise<number>} */
const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/** @param {number} port @returns {Promise<boolean>} */
const isListening = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Redis as docker-compose.yml sets it up, but that it does not rewrite its log in the middle of a measurement. */
const REDIS = [
  ...['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'],
  ...['--auto-aof-rewrite-percentage', '0', '--maxmemory-policy', 'noeviction', '--hash-max-listpack-value', '1024'],
]

const TICKS_PER_SECOND = 100

/**
 * The processor time that a process and its threads have taken, in s; undefined where the platform does not tell.
 *
 * @param {number} pid @returns {number | undefined}
 */
export const cpuSeconds = (pid) => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}

/** @typedef {{ readonly port: number, readonly pid: number, stop(): Promise<void> }} Server */

export const createProcesses = () => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-bench-'))
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const children = new Set()

  /** @param {import('node:child_process').ChildProcess} child */
  const stop = async (child) => {
    if (!children.delete(child) || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(force)
  }

  /**
   * Starts a program that listens on the port it is given, and waits until it does.
   *
   * @param {string} program @param {(port: number) => { args: string[], env?: Record<string, string>, isQuiet?: boolean }} setup
   * @returns {Promise<Server>}
   */
  const serve = async (program, setup) => {
    const port = await freePort()
    const { args, env, isQuiet } = setup(port)
    const stdio = /** @type {const} */ (['ignore', 'ignore', isQuiet ? 'ignore' : 'inherit'])
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: [...stdio] })
    children.add(child)
    const failed = once(child, 'error').then(([error]) => {
      throw error
    })
    failed.catch(() => {})
    const end = performance.now() + START_MS
    while (!(await Promise.race([isListening(port), failed]))) {
      if (child.exitCode !== null) throw new Error(`${[program, ...args].join(' ')} ended with code ${child.exitCode}.`)
      if (performance.now() > end) throw new Error(`${[program, ...args].join(' ')} does not listen.`)
      await sleep(50)
    }
    return { port, pid: child.pid ?? 0, stop: () => stop(child) }
  }

  return {
    /** A folder of this measurement; it is removed at the end. @param {string} name */
    path: (name) => join(folder, name),

    /** A program that listens on the port that it is given. */
    startProgram: serve,

    /** A server in a process of its own, which is told its port by `PORT`. @param {string[]} args @param {Record<string, string>} env */
    startNode: (args, env) =>
      serve(process.execPath, (port) => ({ args, env: { ...env, PORT: String(port), NODE_ENV: 'production' } })),

    /** @param {string[]} args that are added to those of every measurement */
    startRedis: (args = []) =>
      serve(process.env.REDIS_SERVER ?? 'redis-server', (port) => {
        const dir = mkdtempSync(join(folder, 'redis-'))
        return { args: ['--port', String(port), '--dir', dir, ...REDIS, ...args] }
      }),

    /**
     * A process that answers each message by one of its own.
     *
     * @template Question, Answer @param {string} file @returns {(question: Question) => Promise<Answer>}
     */
    startWorker: (file) => {
      const child = fork(file)
      children.add(child)
      const exited = once(child, 'exit').then(([code]) => {
        throw new Error(`${file} ended with code ${code}.`)
      })
      exited.catch(() => {})
      return async (question) => {
        child.send(/** @type {any} */ (question))
        const [answer] = await Promise.race([once(child, 'message'), exited])
        return answer
      }
    },

    async end() {
      await Promise.all([...children].map(stop))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @typedef {ReturnType<typeof createProcesses>} Processes */

/**
 * Runs a measurement; whatever becomes of it, its processes end and its folder goes.
 *
 * @param {(processes: Processes) => Promise<void>} work
 */
export const withProcesses = async (work) => {
  const processes = createProcesses()
  const interrupt = async () => {
    await processes.end()
    process.exit(130)
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    await work(processes)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await processes.end()
  }
}
