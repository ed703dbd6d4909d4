/** Reads a subject's list part by part, in the order of the times until which entries must stay. */
import { idBytes, idText } from '../layout/partition.ts'
import type { Listed, Store, SubjectRef } from '../port.ts'
import type { ListNames } from './keys.ts'
import type { Link } from './link.ts'

/** Members and scores in turn. */
export const readListed = (flat: readonly Buffer[]): Listed[] => {
  const entries: Listed[] = []
  for (let i = 0; i + 1 < flat.length; i += 2) {
    entries.push({ id: idText(flat[i] as Buffer), keepUntil: Number(String(flat[i + 1])) })
  }
  return entries
}

/** The last entry of a part: its time, and its id, which orders the entries of one time. */
const cursorOf = ({ id, keepUntil }: Listed): string => {
  const packed = Buffer.alloc(22)
  packed.writeUIntBE(keepUntil, 0, 6)
  packed.set(idBytes(id), 6)
  return packed.toString('base64url')
}

const readCursor = (cursor: string): Listed | null => {
  const packed = Buffer.from(cursor, 'base64url')
  return packed.length === 22 ? { keepUntil: packed.readUIntBE(0, 6), id: idText(packed.subarray(6)) } : null
}

/** Entries of one time are in the order of their ids. */
const isAfter = (entry: Listed, last: Listed): boolean =>
  entry.keepUntil > last.keepUntil || (entry.keepUntil === last.keepUntil && entry.id > last.id)

export const createListed = (link: Link, { list }: ListNames): Store['listed'] => {
  /** The first entries whose time is this or later. By time and not by place: entries go away while others read. */
  const from = async (ref: SubjectRef, time: number | '-inf', count: number): Promise<Listed[]> =>
    readListed(
      (await link.send(
        'zrange',
        [list(ref), time, '+inf', 'BYSCORE', 'LIMIT', 0, count, 'WITHSCORES'],
        ref.by,
      )) as Buffer[],
    )

  return async (ref, { after, limit }) => {
    const last = after === null ? null : readCursor(after)
    // One entry more than asked for tells whether there are more. Where many are of one time, more have to be read.
    for (let count = limit + 1; ; count *= 2) {
      const found = await from(ref, last?.keepUntil ?? '-inf', count)
      const fresh = last === null ? found : found.filter((entry) => isAfter(entry, last))
      if (fresh.length <= limit && found.length === count) continue
      const entries = fresh.slice(0, limit)
      const isMore = fresh.length > limit
      return { entries, next: isMore ? cursorOf(entries[entries.length - 1] as Listed) : null }
    }
  }
}
