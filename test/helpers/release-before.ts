/** The release before the present one, built from its own commit, as a process that serves. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { join } from 'node:path'
import type { Test } from 'tap'
import { obtainRelease } from '../../scripts/release.mjs'
import { hashOf } from '../../src/config/api-keys.ts'
import { type Api, callOver, KEYS } from './app.ts'
import { heldCallOver } from './held-call.ts'
import { freePort } from './redis-server.ts'
import { COMPILED_CLI } from './service.ts'
import { until } from './until.ts'

/** 0.1. */
export const RELEASE_BEFORE = '0642cad5e1fd41d000cb1825ffa7318d4b153abe'

export type Release = Pick<Api, 'port' | 'call'> & {
  readonly name: string
  /** SIGTERM, and waits for its end. */
  end(): Promise<void>
}

/** What starts a release with a configuration; it is ended with the test. */
export type StartRelease = (t: Test, env: Readonly<Record<string, string>>) => Promise<Release>

/** The variables must be known to both: an unknown one stops the start. */
const starting =
  (name: string, cli: string, callOf: typeof callOver): StartRelease =>
  async (t, env) => {
    const port = await freePort()
    const child = spawn(process.execPath, [cli, 'serve'], {
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}`,
        COATCHECK_LOG_LEVEL: 'error',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = once(child, 'exit')
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    const agent = new Agent({ keepAlive: true, maxSockets: 50 })
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      agent.destroy()
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await exited
    }
    t.teardown(() => end('SIGKILL'))
    const call = callOf(port, agent)
    const isReady = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`)
      return call('GET', '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      )
    }
    await until(isReady, `${name} is ready`)
    return { name, port, call, end: () => end('SIGTERM') }
  }

export const presentRelease = starting('the present release', COMPILED_CLI, heldCallOver)

/** Builds it if need be, which takes a minute and the package registry. */
export const releaseBefore = async (): Promise<StartRelease> =>
  // The document is of the present one, so nothing holds these answers against it.
  starting('the release before', join(await obtainRelease(RELEASE_BEFORE), 'dist/cli.js'), (port, agent) =>
    callOver(port, agent),
  )
