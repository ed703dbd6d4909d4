/** The output of commands: a table on a terminal, otherwise plain lines with tabs between their fields. */
import type { Screen } from './command.ts'
import { cutTo, widthOf } from './shown.ts'

const GAP = '  '
/** The last column is never cut to fewer characters. */
const NARROWEST = 10

const styled =
  (code: number) =>
  (screen: Screen, text: string): string =>
    screen.isColoured ? `\u001b[${code}m${text}\u001b[0m` : text

export const bold = styled(1)
export const dim = styled(2)

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** @param rows fields without invisible characters; the last one is cut at the width of the terminal */
export const writeTable = (out: Screen, head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = head.map((name, i) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[i] ?? ''))))
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
  const room = Math.max(NARROWEST, out.columns - before)
  const line = (row: readonly string[]): string =>
    row
      .map((field, i) => (i === head.length - 1 ? cutTo(room, field) : padded(field, widths[i] ?? 0)))
      .join(GAP)
      .trimEnd()
  out.write(`${[bold(out, line(head)), ...rows.map(line)].join('\n')}\n`)
}

export const writeLines = (out: Screen, rows: readonly (readonly string[])[]): void => {
  if (rows.length > 0) out.write(`${rows.map((row) => row.join('\t')).join('\n')}\n`)
}

/** A remark for the operator at the terminal. Scripts do not need it. */
export const remark = (err: Screen, text: string): void => {
  if (err.isTerminal) err.write(`${dim(err, text)}\n`)
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** The distance of a time from now, such as `in 99 days`. */
export const fromNow = (time: string, now = Date.now()): string => {
  const seconds = Math.round((Date.parse(time) - now) / 1000)
  const [unit, length] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? UNITS[3]
  return relative.format(Math.trunc(seconds / length), unit)
}
