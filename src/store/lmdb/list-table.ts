/**
 * Subjects' lists. Key: the namespace, a 0 byte, the subject's length (2) and text, the session's id (16). Value: until
 * when the entry must stay (6), and when the session must be over (6), both in ms. A list is in the order of its ids.
 */
import { randomBytes } from 'node:crypto'
import { idBytes, idText } from '../layout/partition.ts'
import type { Listed, SubjectRef } from '../port.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { LISTING, lapseKey, NO_VALUE } from './index-entry.ts'
import type { Environment } from './tables.ts'

const ID_BYTES = 16

/** Those that count for a subject's limit are in the same form, under a 1 byte in place of the 0. */
const admissionsPrefix = (ref: SubjectRef): Buffer => prefixWith(1, ref)

const listPrefix = (ref: SubjectRef): Buffer => prefixWith(0, ref)

/** With keys a subject is named by its HMAC, and such lists are told from the others by a 2 and a 3. */
export const createPrefixes = (sealing: Sealing | null) => {
  const sealed = (separator: number, ref: SubjectRef): Buffer | null =>
    sealing && prefixWith(separator, { ...ref, subject: sealing.nameOf(ref.namespace, ref.subject) })
  return {
    list: (ref: SubjectRef): Buffer => sealed(2, ref) ?? listPrefix(ref),
    admissions: (ref: SubjectRef): Buffer => sealed(3, ref) ?? admissionsPrefix(ref),
  }
}

export type Prefixes = ReturnType<typeof createPrefixes>

/**
 * Moves the lists of before there were keys to where `createPrefixes` looks for them, with their entries in the index of lapses.
 * A namespace ends where a byte 0 or 1 is.
 */
export const sealLists = ({ listings, lapses }: Pick<Environment, 'listings' | 'lapses'>, sealing: Sealing): void => {
  const prefixes = createPrefixes(sealing)
  const all = [...listings.getRange({})].map(({ key, value }) => [Buffer.from(key), Buffer.from(value)] as const)
  for (const [key, value] of all) {
    const end = key.findIndex((byte) => byte < 4)
    if ((key[end] as number) > 1) continue
    const length = key.readUInt16BE(end + 1)
    const namespace = key.toString('latin1', 0, end)
    const ref = { namespace, subject: key.toString('utf8', end + 3, end + 3 + length) }
    const prefix = key[end] === 0 ? prefixes.list(ref) : prefixes.admissions(ref)
    const moved = Buffer.concat([prefix, key.subarray(-ID_BYTES)])
    listings.putSync(moved, value)
    lapses.putSync(lapseKey(listingUntil(value), LISTING, moved), NO_VALUE)
    listings.removeSync(key)
    lapses.removeSync(lapseKey(listingUntil(value), LISTING, key))
  }
}

const prefixWith = (separator: number, { namespace, subject }: SubjectRef): Buffer => {
  const text = Buffer.from(subject)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([Buffer.from(namespace), Buffer.of(separator), length, text])
}

/** When the session of an entry must be over, in ms. */
export const listingUntil = (value: Buffer): number => value.readUIntBE(6, 6)

const keepUntil = (value: Buffer): number => value.readUIntBE(0, 6)

export const createListTable = ({ listings, lapses }: Pick<Environment, 'listings' | 'lapses'>) => {
  /** Entries of a list from an id on, or after it. */
  const from = (prefix: Buffer, id: Buffer, limit: number, isAfter = false): Listed[] => {
    const start = Buffer.concat([prefix, id, Buffer.alloc(isAfter ? 1 : 0)])
    const end = Buffer.concat([prefix, Buffer.alloc(ID_BYTES + 1, 0xff)])
    const found: Listed[] = []
    for (const { key, value } of listings.getRange({ start, end, limit })) {
      found.push({ id: idText(key.subarray(key.length - ID_BYTES)), keepUntil: keepUntil(value) })
    }
    return found
  }

  return {
    page: (prefix: Buffer, after: string | null, limit: number) => {
      const last = after === null ? null : Buffer.from(after, 'base64url')
      const entries = from(prefix, last ?? Buffer.alloc(0), limit + 1, last !== null)
      const page = entries.slice(0, limit)
      const isMore = entries.length > limit
      return { entries: page, next: isMore ? idBytes(page[limit - 1]?.id ?? '').toString('base64url') : null }
    },

    /** The entries after a random id; if they are too few, also those from the beginning. */
    sample: (prefix: Buffer, count: number): Listed[] => {
      const found = from(prefix, randomBytes(ID_BYTES), count)
      if (found.length === count) return found
      const more = from(prefix, Buffer.alloc(0), count).filter(({ id }) => !found.some((one) => one.id === id))
      return [...found, ...more].slice(0, count)
    },

    put: (prefix: Buffer, id: string, keep: number, until: number): void => {
      const key = Buffer.concat([prefix, idBytes(id)])
      const old = listings.getBinary(key)
      const value = Buffer.alloc(12)
      value.writeUIntBE(Math.max(keep, old ? keepUntil(old) : 0), 0, 6)
      value.writeUIntBE(Math.max(until, old ? listingUntil(old) : 0), 6, 6)
      listings.putSync(key, value)
      lapses.putSync(lapseKey(listingUntil(value), LISTING, key), NO_VALUE)
    },

    all: (prefix: Buffer): Listed[] => from(prefix, Buffer.alloc(0), Number.MAX_SAFE_INTEGER),

    drop: (prefix: Buffer, ids: readonly string[]): void => {
      for (const id of ids) listings.removeSync(Buffer.concat([prefix, idBytes(id)]))
    },

    /** Removes those that need not stay. */
    remove: (prefix: Buffer, ids: readonly string[], now: number): void => {
      for (const id of ids) {
        const key = Buffer.concat([prefix, idBytes(id)])
        const value = listings.getBinary(key)
        if (value && keepUntil(value) <= now) listings.removeSync(key)
      }
    },
  }
}
