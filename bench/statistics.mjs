// @ts-check
/** Medians and spreads. */

/** @param {readonly number[]} values at least one */
export const median = (values) => {
  const sorted = Float64Array.from(values).sort()
  const [lower = Number.NaN, upper = lower] = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1)
  return (lower + upper) / 2
}

/** `median (lowest to highest)`. @param {readonly number[]} values @param {(value: number) => string} show */
export const spread = (values, show) =>
  `${show(median(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`

/** The same things in another order, each order as likely. @template T @param {readonly T[]} things @returns {T[]} */
export const shuffled = (things) =>
  things
    .map((thing) => ({ thing, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ thing }) => thing)

/** Rows as lines of aligned columns: the first to the left, the others to the right. @param {readonly (readonly string[])[]} rows */
export const table = (rows) => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (/** @type {readonly string[]} */ row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}

/** Rows as a table of Markdown, the first being its head. @param {readonly (readonly string[])[]} rows */
export const markdownTable = (rows) => {
  const line = (/** @type {readonly string[]} */ row) => `| ${row.join(' | ')} |`
  const [head = [], ...rest] = rows
  return [line(head), line(head.map(() => '---')), ...rest.map(line)].join('\n')
}
