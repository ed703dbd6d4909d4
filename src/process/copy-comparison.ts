/**
 * Compares all that two stores hold, whatever their order: of each kind the number and the sum of the hashes. What ends soon is
 * left out on both sides, since it may end between the two readings.
 */
import { createHash } from 'node:crypto'
import type { Item, Kind, Transfer } from '../store/transfer.ts'

export type Counts = Readonly<Record<Kind, number>>
export type Sides = { readonly source: Counts; readonly target: Counts; readonly isEqual: boolean }

const KINDS: readonly Kind[] = ['session', 'tombstone', 'handoff', 'outcome', 'listed', 'admitted', 'secret']
const SUM = 2 ** 48
/** How often what differs is compared: a SCAN may give a key twice while a table of Redis is resized. */
const TRIES = 3
/** How much longer than the last reading the next one may take. */
const SPARE_MS = 60_000

/** Keys and texts in turn, in the order of the keys: Redis does not keep the order of a large hash. */
const inOrder = (settings: readonly Buffer[]): Buffer[] => {
  const pairs = settings.flatMap((key, i) => (i % 2 === 0 ? [[key, settings[i + 1] as Buffer] as const] : []))
  return pairs.sort(([a], [b]) => Buffer.compare(a, b)).flat()
}

/** What of an item has to be the same in both stores. The ends of a list's entries are not: Redis keeps one for the whole list. */
const partsOf = (item: Item): readonly (string | Buffer)[] => {
  switch (item.kind) {
    case 'session':
      return [item.namespace, item.id, `${item.until}`, item.record, ...inOrder(item.settings)]
    case 'tombstone':
      return [item.namespace, item.id, `${item.until}`, item.tombstone]
    case 'handoff':
      return [item.namespace, item.partition, item.hash, `${item.until}`, item.packed]
    case 'outcome':
      return [item.namespace, item.partition, item.key, `${item.until}`, item.packed]
    case 'secret':
      return [item.collection, item.place, item.text]
    default:
      return [item.namespace, item.subject, item.id, `${item.keepUntil}`, `${item.until}`]
  }
}

const hashOf = (item: Item): number => {
  const hash = createHash('sha1')
  for (const part of partsOf(item)) hash.update(`${part.length}:`).update(part)
  return hash.digest().readUIntBE(0, 6)
}

type Tally = { readonly counts: Record<Kind, number>; readonly sums: Record<Kind, number> }

const zeros = (): Record<Kind, number> => Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>

const tally = async ({ items }: Transfer, after: number, onLot: (items: number) => void): Promise<Tally> => {
  const [counts, sums] = [zeros(), zeros()]
  for await (const lot of items()) {
    for (const item of lot) {
      if (item.kind !== 'secret' && item.until <= after) continue
      counts[item.kind]++
      sums[item.kind] = (sums[item.kind] + hashOf(item)) % SUM
    }
    onLot(lot.length)
  }
  return { counts, sums }
}

/** @param onProgress told how many items of both sides were looked at */
export const compare = async (from: Transfer, to: Transfer, onProgress: (items: number) => void): Promise<Sides> => {
  let spare = SPARE_MS
  for (let left = TRIES; ; left--) {
    const began = performance.now()
    const after = from.store.now() + spare
    let items = 0
    const onLot = (count: number): void => {
      items += count
      onProgress(items)
    }
    const [source, target] = await Promise.all([tally(from, after, onLot), tally(to, after, onLot)])
    const took = performance.now() - began
    const isEqual = took < spare && KINDS.every((kind) => source.sums[kind] === target.sums[kind])
    if (isEqual || left === 1) return { source: source.counts, target: target.counts, isEqual }
    spare = SPARE_MS + 2 * took
  }
}
