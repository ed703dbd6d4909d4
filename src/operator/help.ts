/** The help of all commands, and of one command. */
import type { Command, Option, Screen } from './command.ts'
import { EXIT_MEANINGS } from './failure.ts'
import { bold } from './output.ts'

const GROUPS: Readonly<Record<Command['group'], string>> = {
  sessions: 'Sessions of a service that runs',
  service: 'The service',
}

/** Two columns. The second begins behind the longest text of the first. */
const columns = (rows: readonly (readonly [left: string, right: string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}

const EXIT_CODES = columns(EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]))

const ADDRESS = `The service is at COATCHECK_URL, or http://127.0.0.1:3000. The API key comes from COATCHECK_API_KEY, from the file that
COATCHECK_API_KEY_FILE names, or from data/authorization.header, where a first start has left it.`

export const usageOf = ({ name, takes }: Command): string => `coatcheck ${name}${takes === '' ? '' : ` ${takes}`}`

const optionText = ({ name, short, value }: Option): string =>
  `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`

/** What a command takes and does. */
export const referenceOf = (command: Command, heading = (text: string): string => text): string => {
  const { summary, details, options, examples } = command
  const all = [...options, { name: 'help', short: 'h', summary: 'this' }]
  return [
    `${heading(usageOf(command))}\n\n${summary}`,
    ...(details === '' ? [] : [details]),
    `${heading('Options')}\n${columns(all.map((option) => [optionText(option), option.summary]))}`,
    ...(examples.length === 0 ? [] : [`${heading('Examples')}\n${examples.map((line) => `  ${line}`).join('\n')}`]),
  ].join('\n\n')
}

export const helpOf = (out: Screen, command: Command): string => {
  const address = command.group === 'sessions' ? `\n\n${ADDRESS}` : ''
  return `${referenceOf(command, (text) => bold(out, text))}${address}\n`
}

export const helpOfAll = (out: Screen, commands: readonly Command[]): string => {
  const heading = (text: string): string => bold(out, text)
  const width = Math.max(...commands.map((command) => usageOf(command).length))
  const groups = Object.entries(GROUPS).map(([group, title]) => {
    const rows = commands
      .filter((command) => command.group === group)
      .map((command) => `  ${usageOf(command).padEnd(width)}  ${command.summary}`)
    return `${heading(title)}\n${rows.join('\n')}`
  })
  const more = [
    '`coatcheck <command> --help` says more of a command; `coatcheck --version` which version this is.',
    ADDRESS,
    `${heading('Exit codes')}\n${EXIT_CODES}`,
  ]
  return `${['coatcheck: a standalone session store for live views', ...groups, ...more].join('\n\n')}\n`
}
