/** What several processes have counted, as if one had: their texts, in the text form of Prometheus, made one. */

type Across = (a: number, b: number) => number

const sum: Across = (a, b) => a + b
const most: Across = (a, b) => (b > a || Number.isNaN(a) ? b : a)
const least: Across = (a, b) => (b < a || Number.isNaN(a) ? b : a)

/** What is said of all processes by each of them, or is at its worst in one. Everything else adds up. */
const GAUGES: readonly (readonly [name: RegExp, across: Across])[] = [
  [/^coatcheck_(sessions_live|store_parts_away|store_warnings|disk_free_bytes|build_info)$/, most],
  [/^coatcheck_last_sweep_timestamp_seconds$/, most],
  [/^coatcheck_store(_node)?_up$/, least],
  [/^nodejs_eventloop_lag_min_seconds$/, least],
  [/^(nodejs_eventloop_lag_.*|nodejs_version_info|process_max_fds)$/, most],
  [/^process_start_time_seconds$/, least],
]

type Family = {
  /** The lines that tell what it is. */
  readonly about: Set<string>
  /** By what stands before the value. */
  readonly samples: Map<string, number>
}
type Families = Map<string, Family>

const isGauge = (name: string, { about }: Family): boolean => about.has(`# TYPE ${name} gauge`)

const acrossOf = (name: string, family: Family): Across =>
  (isGauge(name, family) && GAUGES.find(([pattern]) => pattern.test(name))?.[1]) || sum

const addTo = (families: Families, text: string): void => {
  let family: Family | undefined
  let across = sum
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) {
      const name = line.split(' ', 3)[2] as string
      family = families.get(name) ?? { about: new Set(), samples: new Map() }
      families.set(name, family)
      family.about.add(line)
      across = acrossOf(name, family)
    } else if (line !== '') {
      const at = line.lastIndexOf(' ')
      const [head, value] = [line.slice(0, at), Number(line.slice(at + 1).replace('Inf', 'Infinity'))]
      const known = family?.samples.get(head)
      family?.samples.set(head, known === undefined ? value : across(known, value))
    }
  }
}

const textOf = (families: Families): string => {
  const lines: string[] = []
  for (const { about, samples } of families.values()) {
    lines.push(...about)
    for (const [head, value] of samples) lines.push(`${head} ${String(value).replace('Infinity', 'Inf')}`)
  }
  return `${lines.join('\n')}\n`
}

/** One text of several. What a text lacks counts as nothing. */
export const sumTexts = (texts: readonly string[]): string => {
  const families: Families = new Map()
  for (const text of texts) addTo(families, text)
  return textOf(families)
}

/** What of a text goes on to count when its process is gone: everything but what is so now. */
export const withoutGauges = (text: string): string => {
  const families: Families = new Map()
  addTo(families, text)
  for (const [name, family] of families) if (isGauge(name, family)) families.delete(name)
  return textOf(families)
}
