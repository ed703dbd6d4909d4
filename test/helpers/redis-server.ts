/**
 * A real Redis of the test's own: on a free port, in a folder of its own, ended by its pid. `REDIS_SERVER` names the
 * program; `npm test` sets it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/free-port.mjs'
import { until } from './until.ts'

export type RedisServer = {
  readonly port: number
  readonly url: string
  readonly dir: string
  pid(): number
  /** SIGSTOP and SIGCONT: the kernel still takes connections, nobody answers. */
  freeze(): void
  thaw(): void
  /** SIGKILL, without saving. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder. */
  start(): Promise<void>
  stop(): Promise<void>
}

export { freePort }

/** One PING over a socket of its own: whether the server is up and has loaded its data. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(200, () => socket.destroy())
    socket.once('data', (data) => {
      socket.destroy()
      resolve(/^(\+PONG|-NOAUTH)/.test(String(data)))
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })

export const startRedis = async (options: { args?: readonly string[] } = {}): Promise<RedisServer> => {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'coatcheck-redis-'))
  let child: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const program = process.env.REDIS_SERVER ?? 'redis-server'
    const started = spawn(
      program,
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'],
        ...['--maxmemory-policy', 'noeviction', '--hash-max-listpack-value', '1024', ...(options.args ?? [])],
      ],
      { stdio: 'ignore' },
    )
    child = started
    started.once('error', (error) => {
      throw new Error(`${program} did not start (${error.message}). Run the tests by npm test, which gets one.`)
    })
    await until(() => answers(port), `redis-server on port ${port} answers`)
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await exited
  }

  await start()
  return {
    port,
    dir,
    url: `redis://127.0.0.1:${port}`,
    pid: () => child?.pid ?? 0,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}
