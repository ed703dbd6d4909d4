/** The command `coatcheck` with the streams of this process. */
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import type { WriteStream } from 'node:tty'
import type { Screen } from './command.ts'
import { COMMANDS } from './commands.ts'
import { runCommand } from './run.ts'

const { env } = process

const screenOf = (stream: WriteStream): Screen => ({
  isTerminal: stream.isTTY === true,
  columns: stream.columns || 80,
  isColoured: stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
  write: (written) => void stream.write(written),
})

/** Nothing, where the input ends or Ctrl-C is typed. */
const ask = async (question: string): Promise<string> => {
  const line = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await Promise.race([line.question(question), once(line, 'close').then(() => '')])
  } finally {
    line.close()
  }
}

// Whoever reads what is printed may stop to, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const code = await runCommand(process.argv.slice(2), {
  commands: COMMANDS,
  env,
  out: screenOf(process.stdout),
  err: screenOf(process.stderr),
  input: { isTerminal: process.stdin.isTTY === true, read: () => text(process.stdin), ask },
})
// A service goes on until it is told to stop; one that could not start may have left something open.
if (code === 0) process.exitCode = 0
else process.exit(code)
