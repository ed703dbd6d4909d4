/** The service as a process of its own, run from the compiled code, with everything that it writes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { join } from 'node:path'
import type { Test } from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { root } from '../scripts/project.ts'
import { type Api, KEYS } from './app.ts'
import { CLI } from './cli.ts'
import { heldCallOver } from './held-call.ts'
import { freePort } from './redis-server.ts'
import { until } from './until.ts'

export type Service = Pick<Api, 'port' | 'call'> & {
  readonly pid: number
  /** What it has written so far, on both of its streams. */
  output(): string
  /** Asks it to end, and answers its exit code. */
  end(): Promise<number | null>
}

/** As it is shipped, for tests of what cannot be put into one file. */
export const COMPILED_CLI = join(root, 'dist/cli.js')

/** Starts `coatcheck serve` with this environment and waits until it listens; it is ended with the test. */
export const startService = async (t: Test, env: Readonly<Record<string, string>>, cli = CLI): Promise<Service> => {
  const port = await freePort()
  const child = spawn(process.execPath, [cli, 'serve'], {
    env: {
      PATH: process.env.PATH,
      COATCHECK_LOAD_SHEDDING: 'off',
      COATCHECK_DRAIN_SECONDS: '0',
      PORT: String(port),
      COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const agent = new Agent({ keepAlive: true })
  t.teardown(async () => {
    agent.destroy()
    child.kill('SIGKILL')
    await exited
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }

  const call = heldCallOver(port, agent)
  const listens = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}:\n${output}`)
    return call('GET', '/livez').then(
      ({ status }) => status === 200,
      () => false,
    )
  }
  await until(listens, 'the service listens')
  return {
    port,
    pid: child.pid as number,
    call,
    output: () => output,
    async end() {
      child.kill('SIGTERM')
      const [code] = await exited
      return code as number | null
    },
  }
}
