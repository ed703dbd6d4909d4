/** A replica of the compiled service as a process of its own, which can be killed and comes back on the same port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import type { Test } from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { environment } from '../scripts/project.ts'
import { type Api, KEYS } from './app.ts'
import { CLI } from './cli.ts'
import { heldCallOver } from './held-call.ts'
import { freePort } from './redis-server.ts'
import { until } from './until.ts'

export type Replica = Pick<Api, 'port' | 'call'> & {
  pid(): number
  /** SIGSTOP and SIGCONT: it is there, and does nothing. */
  freeze(): void
  thaw(): void
  /** SIGKILL. */
  kill(): Promise<void>
  start(): Promise<void>
  /** SIGTERM; answers the exit code. */
  end(): Promise<number | null>
}

/** Starts a replica with this environment and waits until its store is there; it is ended with the test. */
export const startReplica = async (
  t: Pick<Test, 'teardown'>,
  env: Readonly<Record<string, string>>,
): Promise<Replica> => {
  const port = await freePort()
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const call = heldCallOver(port, agent)
  let child: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [CLI, 'serve'], {
      env: environment({
        PORT: String(port),
        COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}`,
        COATCHECK_LOG_LEVEL: 'fatal',
        ...env,
      }),
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child = started
    const ready = async (): Promise<boolean> => {
      if (started.exitCode !== null) throw new Error(`The service ended with ${started.exitCode}.`)
      return call('GET', '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      )
    }
    await until(ready, 'the replica is ready')
  }

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return null
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = await exited
    return code
  }

  t.teardown(async () => {
    agent.destroy()
    await end('SIGKILL')
  })
  await start()
  return {
    port,
    call,
    start,
    pid: () => child?.pid ?? 0,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async kill() {
      await end('SIGKILL')
    },
    end: () => {
      agent.destroy()
      return end('SIGTERM')
    },
  }
}
