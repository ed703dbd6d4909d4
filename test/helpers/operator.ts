/** The command `coatcheck` in this process, with streams of the test's own: a pipe, or a terminal of 60 columns. */
import type { Test } from 'tap'
import type { Surroundings } from '../../src/operator/command.ts'
import { COMMANDS } from '../../src/operator/commands.ts'
import { runCommand } from '../../src/operator/run.ts'
import { KEYS } from './app.ts'

export type Ran = { readonly code: number; readonly out: string; readonly errors: string }

export type Sitting = {
  /** Whether there is a terminal, with somebody at it. */
  readonly isTerminal?: boolean
  readonly isColoured?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** The standard input; on a terminal, what is answered to a question. */
  readonly input?: string
  readonly signal?: AbortSignal
  /** Told of everything that is printed, as it comes. */
  readonly onOutput?: (all: string) => void
}

/** The commands of an operator of the service at this port, by words that are separated by one space. */
export const operatorAt =
  (port: number, always: Sitting = {}) =>
  async (words: string | readonly string[], sitting: Sitting = {}): Promise<Ran> => {
    const { isTerminal = false, isColoured = false, env = {}, input = '', signal, onOutput } = { ...always, ...sitting }
    let out = ''
    let errors = ''
    const screen = (take: (text: string) => void) => ({ isTerminal, columns: 60, isColoured, write: take })
    const around: Surroundings = {
      commands: COMMANDS,
      env: { COATCHECK_URL: `http://127.0.0.1:${port}`, COATCHECK_API_KEY: KEYS.shop, ...env },
      out: screen((text) => {
        out += text
        onOutput?.(out)
      }),
      err: screen((text) => {
        errors += text
      }),
      input: {
        isTerminal,
        read: async () => input,
        ask: async (question) => {
          errors += question
          return input
        },
      },
      ...(signal === undefined ? {} : { signal }),
    }
    const code = await runCommand(typeof words === 'string' ? words.split(' ') : words, around)
    return { code, out, errors }
  }

/** That a text can be given to a terminal: nothing in it moves the cursor, hides or turns text around. */
export const isHarmless = (t: Test, text: string): void => {
  t.notMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
}
