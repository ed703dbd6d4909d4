/** One shell that stays, as that of a reader who pastes one block after the other: what a block sets the next one has. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { environment } from '../scripts/project.ts'
import { until } from './until.ts'

export type Shell = {
  /** Runs a block and answers what it printed, both streams in the order in which it came. A command that fails throws. */
  run(block: string): Promise<string>
  /** What programs that are started now are given. */
  exported(): Promise<NodeJS.ProcessEnv>
}

const MARK = '=== end of a block ==='

export const openShell = (t: Test, options: { cwd: string; env?: NodeJS.ProcessEnv }): Shell => {
  const child = spawn('sh', ['-eu'], {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  child.stdin.on('error', () => {
    // The shell has ended: `run` says so.
  })
  const closed = once(child, 'close')
  let isOver = false
  child.once('close', () => {
    isOver = true
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await closed
  })

  const run = async (block: string): Promise<string> => {
    output = ''
    child.stdin.write(`{ :\n${block}\n} </dev/null 2>&1\necho '${MARK}'\n`)
    await until(() => output.includes(MARK) || isOver, 'a block of shell ends')
    if (isOver) throw new Error(`A command failed:\n${block}\nIt printed:\n${output}`)
    return output.slice(0, output.lastIndexOf(MARK))
  }

  return {
    run,
    async exported() {
      const lines = (await run('env')).trimEnd().split('\n')
      return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
    },
  }
}
