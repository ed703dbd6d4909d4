/** An example as `npm run example:…` runs it, with everything that belongs to it, on free ports and in folders of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { environment, folder, root } from '../scripts/project.ts'
import { freePort } from './redis-server.ts'
import { until } from './until.ts'

export type Example = {
  /** Where it is, without a slash at its end. */
  readonly url: string
  /** The Coatchecks that it uses. */
  services(): string[]
  /** Ctrl-C; answers the exit code. */
  end(): Promise<number | null>
}

/** Starts an example and waits until it can be opened; it is ended with the test. */
export const startExample = async (
  t: Test,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Example> => {
  const port = Number(env.PORT ?? (await freePort()))
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // What npm would run, without npm in between, so that signals reach it as Ctrl-C would.
  const [program, ...args] = scripts[`example:${name}`].split(' ')
  const child = spawn(program, args, {
    cwd: root,
    env: environment({ PORT: String(port), EXAMPLE_DATA: join(folder(t), 'data'), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const end = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    const [code] = child.exitCode === null ? await exited : [child.exitCode]
    return code
  }
  t.teardown(end)
  const isOpen = (): boolean => {
    if (child.exitCode !== null) throw new Error(`The example ended with ${child.exitCode}:\n${output}`)
    return output.includes('Open http://')
  }
  await until(isOpen, `the example ${name} can be opened`)
  return {
    url: `http://127.0.0.1:${port}`,
    services: () => [...output.matchAll(/Coatcheck is on (\S+),/g)].map((match) => match[1] as string),
    end,
  }
}
