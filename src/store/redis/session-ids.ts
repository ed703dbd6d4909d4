/**
 * Reads the ids of a namespace part by part. It goes through the partitions' sorted sets of live sessions one after the
 * other, each by ZSCAN. One ZSCAN may give more ids than the part may hold; the next call then does the same ZSCAN again.
 */
import { idBytes, idText, PARTITIONS } from '../layout/partition.ts'
import type { Store } from '../port.ts'
import { expiriesKey } from './keys.ts'
import type { Link } from './link.ts'

/** About how many entries a ZSCAN looks at. It is the same each time, since a repeated ZSCAN has to give the same ids. */
const SCAN_COUNT = 200
/** How many ZSCANs one call sends, how many of them at once, and after how many ms it sends no more. */
const MOST_SCANS = 256
const AT_ONCE = 64
const LONGEST_MS = 500

/** Where a part begins: a partition, and a cursor of its ZSCAN, 0 at its beginning. */
type Place = {
  readonly partition: number
  readonly scan: bigint
  /** If the ZSCAN leads to the cursor `to` again, its ids up to `last` were answered before. */
  readonly answered?: { readonly to: bigint; readonly last: string } | undefined
}

const BEGINNING: Place = { partition: 0, scan: 0n }

const cursorOf = ({ partition, scan, answered }: Place): string => {
  const packed = Buffer.alloc(answered ? 33 : 9)
  packed[0] = partition
  packed.writeBigUInt64BE(scan, 1)
  if (answered) {
    packed.writeBigUInt64BE(answered.to, 9)
    packed.set(idBytes(answered.last), 17)
  }
  return packed.toString('base64url')
}

/** A text that is no cursor of ours stands for the beginning. */
const placeOf = (cursor: string | null): Place => {
  const packed = Buffer.from(cursor ?? '', 'base64url')
  if (packed.length !== 9 && packed.length !== 33) return BEGINNING
  const place = { partition: packed[0] as number, scan: packed.readBigUInt64BE(1) }
  if (packed.length === 9) return place
  return { ...place, answered: { to: packed.readBigUInt64BE(9), last: idText(packed.subarray(17)) } }
}

type Scanned = { readonly to: bigint; readonly ids: readonly string[] }

const readScan = (answer: unknown, namespace: string): Scanned => {
  const [to, flat] = answer as [Buffer, Buffer[]]
  const ids = new Set<string>()
  // Members and scores in turn.
  for (let i = 0; i < flat.length; i += 2) ids.add(idText((flat[i] as Buffer).subarray(namespace.length + 1)))
  return { to: BigInt(to.toString()), ids: [...ids].sort() }
}

export const createSessionIds = (link: Link): Store['sessionIds'] => {
  const scan = async (namespace: string, { partition, scan }: Place): Promise<Scanned> => {
    const key = expiriesKey(PARTITIONS[partition] as string)
    const answer = await link.send('zscan', [key, String(scan), 'MATCH', `${namespace}:*`, 'COUNT', SCAN_COUNT])
    return readScan(answer, namespace)
  }

  /** The place itself and the beginnings of the partitions after it. */
  const placesFrom = (place: Place, count: number): Place[] =>
    [place, ...PARTITIONS.map((_, partition) => ({ partition, scan: 0n })).slice(place.partition + 1)].slice(0, count)

  return async (namespace, { after, limit }) => {
    const until = performance.now() + LONGEST_MS
    const ids: string[] = []
    let place = placeOf(after)
    let atOnce = 1
    for (let left = MOST_SCANS; left > 0 && performance.now() < until; ) {
      const places = placesFrom(place, Math.min(atOnce, left))
      left -= places.length
      const all = await Promise.all(places.map((one) => scan(namespace, one)))
      // Many at once only while each partition takes one ZSCAN: those after a longer one have to be done again.
      atOnce = Math.min(2 * atOnce, AT_ONCE)
      for (const [i, { to, ids: found }] of all.entries()) {
        const { partition, scan, answered } = places[i] as Place
        const fresh = answered?.to === to ? found.filter((id) => id > answered.last) : found
        const taken = fresh.slice(0, limit - ids.length)
        ids.push(...taken)
        if (taken.length < fresh.length) {
          const last = taken.at(-1)
          return { ids, next: cursorOf({ partition, scan, answered: last === undefined ? undefined : { to, last } }) }
        }
        if (to === 0n && partition === PARTITIONS.length - 1) return { ids, next: null }
        place = to === 0n ? { partition: partition + 1, scan: 0n } : { partition, scan: to }
        if (to !== 0n) {
          atOnce = 1
          break
        }
      }
    }
    return { ids, next: cursorOf(place) }
  }
}
