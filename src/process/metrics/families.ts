/**
 * What is counted, in families of the same name. A call that is counted costs an addition: the text of a family is made only
 * when somebody asks for it.
 */

/** The values of a family's labels, in their order. */
type Values = readonly string[]

export type Family = {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** The names of its labels, and what each may say, in words. */
  readonly labels: Readonly<Record<string, string>>
  /** Its samples, in the text form of Prometheus, each a line without its end. */
  lines(): Iterable<string>
}

type About = Omit<Family, 'type' | 'lines'>

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

/** The beginning of a line, up to its value. */
const headOf = (name: string, labels: readonly (readonly [name: string, value: string])[]): string => {
  if (labels.length === 0) return `${name} `
  const pairs = labels.map(
    ([label, value]) => `${label}="${value.replace(/[\\"\n]/g, (one) => ESCAPES[one] as string)}"`,
  )
  return `${name}{${pairs.join(',')}} `
}

const labelled = ({ labels }: About, values: Values) =>
  Object.keys(labels).map((label, i) => [label, values[i] ?? ''] as const)

export const createCounter = (about: About) => {
  const samples = new Map<string, number>()
  const family: Family = {
    ...about,
    type: 'counter',
    *lines() {
      for (const [head, value] of samples) yield head + value
    },
  }
  return {
    family,
    add(by: number, ...values: Values): void {
      const head = headOf(about.name, labelled(about, values))
      samples.set(head, (samples.get(head) ?? 0) + by)
    },
  }
}

export const createGauge = (about: About, read: () => Iterable<readonly [Values, number]>): Family => ({
  ...about,
  type: 'gauge',
  *lines() {
    for (const [values, value] of read()) yield headOf(about.name, labelled(about, values)) + value
  },
})

/** A gauge without labels; it is left out while nobody knows its value. */
export const createNumber = (about: Omit<About, 'labels'>, value: () => number | undefined): Family =>
  createGauge({ ...about, labels: {} }, () => {
    const known = value()
    return known === undefined ? [] : [[[], known]]
  })

/** Durations of one kind. */
export type Durations = { add(ms: number): void }

/** A family of durations. `bounds` are of its buckets, in seconds, and rise. */
export const createHistogram = (about: About, bounds: readonly number[]) => {
  const all: (() => Iterable<string>)[] = []
  const family: Family = {
    ...about,
    type: 'histogram',
    *lines() {
      for (const one of all) yield* one()
    },
  }

  return {
    family,
    /** Durations under these labels. They are to be kept: each call makes others. Without one there is no line. */
    make(...values: Values): Durations {
      const labels = labelled(about, values)
      const buckets = [...bounds.map(String), '+Inf'].map((le) =>
        headOf(`${about.name}_bucket`, [...labels, ['le', le]]),
      )
      const [sumHead, countHead] = [headOf(`${about.name}_sum`, labels), headOf(`${about.name}_count`, labels)]
      const counts = buckets.map(() => 0)
      let sum = 0
      all.push(function* () {
        if (!counts.some((count) => count > 0)) return
        let below = 0
        for (const [i, head] of buckets.entries()) {
          below += counts[i] as number
          yield head + below
        }
        yield sumHead + sum
        yield countHead + below
      })
      return {
        add(ms) {
          const seconds = ms / 1000
          let at = 0
          while (at < bounds.length && seconds > (bounds[at] as number)) at++
          counts[at] = (counts[at] as number) + 1
          sum += seconds
        },
      }
    },
  }
}
