/** What a command writes: a table on a terminal; plain lines, with a tab between their fields, wherever else. */
import type { Screen } from './command.ts'
import { cutTo, widthOf } from './shown.ts'

const GAP = '  '
/** Narrower than this a last column is not cut. */
const NARROWEST = 10

const styled =
  (code: number) =>
  (screen: Screen, text: string): string =>
    screen.isColoured ? `\u001b[${code}m${text}\u001b[0m` : text

export const bold = styled(1)
export const dim = styled(2)

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** @param rows fields that have nothing unseen in them; the last one is cut where the terminal ends */
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

/** A remark for whoever sits at the terminal: nothing that a script would miss. */
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

/** How far a moment is away, such as `in 99 days`. */
export const fromNow = (time: string, now = Date.now()): string => {
  const seconds = Math.round((Date.parse(time) - now) / 1000)
  const [unit, length] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? UNITS[3]
  return relative.format(Math.trunc(seconds / length), unit)
}
