/** Looks at a configuration and its store, and says what to do about each finding. */
import { examine, type Finding, type Level } from '../process/examine.ts'
import type { Run, Screen } from './command.ts'
import { EXIT } from './failure.ts'
import { bold, dim, writeLines } from './output.ts'
import { jsonLine, nameLine } from './shown.ts'

const TITLES: Readonly<Record<Level, string>> = {
  stops: 'These stop the service',
  harms: 'These do harm',
  note: 'Good to know',
}

const paragraph = ({ where, found, todo }: Finding): string =>
  `  ${nameLine(where)}\n    ${nameLine(found)}\n    ${nameLine(todo)}\n`

const tell = (out: Screen, looked: readonly string[], findings: readonly Finding[]): void => {
  out.write(`${bold(out, 'Looked at')}\n${looked.map((line) => `  ${nameLine(line)}\n`).join('')}`)
  for (const [level, title] of Object.entries(TITLES)) {
    const some = findings.filter((one) => one.level === level)
    if (some.length > 0) out.write(`\n${bold(out, title)}\n${some.map(paragraph).join('')}`)
  }
  if (findings.length === 0) out.write(`\n${dim(out, 'Nothing was found.')}\n`)
}

export const doctor: Run = async (given, { env, out }) => {
  const { looked, findings } = await examine(env)
  const isWell = findings.every(({ level }) => level === 'note')
  if (given.flag('json')) out.write(`${jsonLine(JSON.stringify({ ok: isWell, looked, findings }))}\n`)
  else if (out.isTerminal) tell(out, looked, findings)
  else
    writeLines(
      out,
      findings.map(({ level, where, found, todo }) => [level, where, found, todo].map(nameLine)),
    )
  return isWell ? EXIT.done : EXIT.refused
}
