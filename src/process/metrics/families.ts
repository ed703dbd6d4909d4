/**
 * What is counted, in families of the same name. A call that is counted costs an addition: the text of a family is made only
 * when somebody asks for it.
 */

export type Sample = {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** The name of the sample, where it is not the family's. */
  readonly metricName?: string
}

export type Family = {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** The names of its labels, and what each may say, in words. */
  readonly labels: Readonly<Record<string, string>>
  read(): readonly Sample[]
}

type About = Omit<Family, 'type' | 'read'>

export const createCounter = (about: About) => {
  const names = Object.keys(about.labels)
  const samples = new Map<string, { labels: Record<string, string>; value: number }>()
  const family: Family = { ...about, type: 'counter', read: () => [...samples.values()] }
  return {
    family,
    /** `values` are those of the labels, in their order. */
    add(by: number, ...values: readonly string[]): void {
      const name = values.join(' ')
      const known = samples.get(name)
      if (known) known.value += by
      else
        samples.set(name, { labels: Object.fromEntries(names.map((label, i) => [label, values[i] ?? ''])), value: by })
    },
  }
}

export const createGauge = (about: About, read: Family['read']): Family => ({ ...about, type: 'gauge', read })

/** A gauge without labels; it is left out while nobody knows its value. */
export const createNumber = (about: Omit<About, 'labels'>, value: () => number | undefined): Family =>
  createGauge({ ...about, labels: {} }, () => {
    const known = value()
    return known === undefined ? [] : [{ labels: {}, value: known }]
  })

/** Durations of one kind. */
export type Durations = { add(ms: number): void }

/** A family of durations. `bounds` are of its buckets, in seconds, and rise. */
export const createHistogram = (about: About, bounds: readonly number[]) => {
  const all: (() => Sample[])[] = []
  const family: Family = { ...about, type: 'histogram', read: () => all.flatMap((one) => one()) }
  const les = [...bounds.map(String), '+Inf']

  return {
    family,
    /** Durations under these labels. It is to be kept: each call makes another one. */
    make(labels: Readonly<Record<string, string>>): Durations {
      const counts = les.map(() => 0)
      let sum = 0
      all.push(() => {
        let count = 0
        const buckets = les.map((le, i) => {
          count += counts[i] ?? 0
          return { metricName: `${about.name}_bucket`, labels: { ...labels, le }, value: count }
        })
        if (count === 0) return []
        return [
          ...buckets,
          { metricName: `${about.name}_sum`, labels, value: sum },
          { metricName: `${about.name}_count`, labels, value: count },
        ]
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
