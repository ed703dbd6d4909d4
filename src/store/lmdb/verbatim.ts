/** Turns what LMDB holds into items of a copy (`../transfer.ts`) and back; `store.ts` documents every byte. */
import type { Item } from '../transfer.ts'
import { deadlineOf, GONE, LIVE } from './codec.ts'
import { HANDOFF, type LapseKind, LISTING, OUTCOME, TOMBSTONE } from './index-entry.ts'

const DEADLINE_BYTES = 6
const HEAD_BYTES = 1 + DEADLINE_BYTES
const ID_BYTES = 16
const LENGTHS_BYTES = 5
const FINGERPRINT_BYTES = 16
/** In an outcome, from its beginning: the flags, and the length of the text taken. */
const FLAGS_AT = FINGERPRINT_BYTES + 11
const TAKEN_AT = FINGERPRINT_BYTES + 31
const OUTCOME_BYTES = TAKEN_AT + 4
/** Redis has only the first two. */
const SHARED_FLAGS = 3
const TOOK = 4
const RESULTED = 8

type Of<Kind extends Item['kind']> = Extract<Item, { kind: Kind }>

const split = (key: Buffer, tailBytes: number) => ({
  namespace: key.toString('latin1', 0, key.length - tailBytes - 1),
  tail: key.subarray(key.length - tailBytes),
})

const deadline = (ms: number): Buffer => {
  const bytes = Buffer.alloc(DEADLINE_BYTES)
  bytes.writeUIntBE(ms, 0, DEADLINE_BYTES)
  return bytes
}

const splitSettings = (value: Buffer, table: number): Buffer[] => {
  const count = value.readUInt16BE(table)
  const settings: Buffer[] = []
  let lengths = table + 2
  let at = lengths + LENGTHS_BYTES * count
  for (let i = 0; i < count; i++, lengths += LENGTHS_BYTES) {
    const text = at + value.readUInt16BE(lengths)
    const end = text + value.readUIntBE(lengths + 2, 3)
    settings.push(value.subarray(at, text), value.subarray(text, end))
    at = end
  }
  return settings
}

export const readSession = (key: Buffer, value: Buffer): Of<'session' | 'tombstone'> => {
  const { namespace, tail: id } = split(key, ID_BYTES)
  const until = deadlineOf(value)
  if (value[0] === GONE) return { kind: 'tombstone', namespace, id, until, tombstone: value.subarray(HEAD_BYTES) }
  if (value[0] !== LIVE) throw new Error(`A session is stored as kind ${value[0]}, which this version does not know.`)
  const recordAt = HEAD_BYTES + 2
  const table = recordAt + value.readUInt16BE(HEAD_BYTES)
  const record = value.subarray(recordAt, table)
  return { kind: 'session', namespace, id, until, record, settings: splitSettings(value, table) }
}

const sessionValue = ({ until, record, settings }: Of<'session'>): Buffer => {
  const count = settings.length / 2
  const head = Buffer.alloc(HEAD_BYTES + 2 + record.length + 2 + LENGTHS_BYTES * count)
  head[0] = LIVE
  head.set(deadline(until), 1)
  head.writeUInt16BE(record.length, HEAD_BYTES)
  head.set(record, HEAD_BYTES + 2)
  let at = head.writeUInt16BE(count, HEAD_BYTES + 2 + record.length)
  for (let i = 0; i < settings.length; i += 2) {
    at = head.writeUInt16BE(settings[i]?.length ?? 0, at)
    at = head.writeUIntBE(settings[i + 1]?.length ?? 0, at, 3)
  }
  return Buffer.concat([head, ...settings])
}

export const readHandoff = (key: Buffer, value: Buffer): Of<'handoff'> => {
  const { namespace, tail } = split(key, 33)
  const until = value.readUIntBE(0, DEADLINE_BYTES)
  const partition = tail.toString('hex', 0, 1)
  return {
    kind: 'handoff',
    namespace,
    partition,
    hash: tail.subarray(1),
    until,
    packed: value.subarray(DEADLINE_BYTES),
  }
}

export const readOutcome = (key: Buffer, value: Buffer): Of<'outcome'> => {
  const { namespace, tail } = split(key, 17)
  const packed = Buffer.from(value.subarray(DEADLINE_BYTES))
  packed[FLAGS_AT] = (packed[FLAGS_AT] as number) & SHARED_FLAGS
  const until = value.readUIntBE(0, DEADLINE_BYTES)
  return { kind: 'outcome', namespace, partition: tail.toString('hex', 0, 1), key: tail.subarray(1), until, packed }
}

const outcomeValue = ({ until, packed }: Of<'outcome'>): Buffer => {
  const value = Buffer.concat([deadline(until), packed])
  const taken = packed.readUInt32BE(TAKEN_AT)
  const flags = packed[FLAGS_AT] as number
  value[DEADLINE_BYTES + FLAGS_AT] =
    flags | (taken > 0 ? TOOK : 0) | (packed.length > OUTCOME_BYTES + taken ? RESULTED : 0)
  return value
}

/** All that stands in front of the id: which list it is. */
export const listOf = (key: Buffer): Buffer => key.subarray(0, key.length - ID_BYTES)

/** @param until of the whole list */
export const readListed = (key: Buffer, value: Buffer, until: number): Of<'listed' | 'admitted'> => {
  const separator = key.findIndex((byte) => byte <= 1)
  return {
    kind: key[separator] === 1 ? 'admitted' : 'listed',
    namespace: key.toString('latin1', 0, separator),
    subject: key.toString('utf8', separator + 3, key.length - ID_BYTES),
    id: key.subarray(key.length - ID_BYTES),
    keepUntil: value.readUIntBE(0, 6),
    entryUntil: value.readUIntBE(6, 6),
    until,
  }
}

const listedKey = ({ kind, namespace, subject, id }: Of<'listed' | 'admitted'>): Buffer => {
  const text = Buffer.from(subject)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([Buffer.from(namespace), Buffer.of(kind === 'admitted' ? 1 : 0), length, text, id])
}

export const readSecret = (key: Buffer, value: Buffer): Of<'secret'> => {
  const separator = key.indexOf(0)
  const [collection, place] = [String(key.subarray(0, separator)), String(key.subarray(separator + 1))]
  return { kind: 'secret', collection, place, text: String(value) }
}

export type Entry = {
  readonly table: 'sessions' | 'handoffs' | 'outcomes' | 'listings' | 'secrets'
  readonly key: Buffer
  readonly value: Buffer
  /** Its place in the index of ends; a secret has none. */
  readonly index?: { readonly until: number; readonly lapse: LapseKind | null }
}

const named = (namespace: string, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(`${namespace}\0`), ...parts])

/** What is put for an item. */
export const entryOf = (item: Item): Entry => {
  switch (item.kind) {
    case 'session': {
      const key = named(item.namespace, item.id)
      return { table: 'sessions', key, value: sessionValue(item), index: { until: item.until, lapse: null } }
    }
    case 'tombstone': {
      const value = Buffer.concat([Buffer.of(GONE), deadline(item.until), item.tombstone])
      const index = { until: item.until, lapse: TOMBSTONE } as const
      return { table: 'sessions', key: named(item.namespace, item.id), value, index }
    }
    case 'handoff': {
      const key = named(item.namespace, Buffer.from(item.partition, 'hex'), item.hash)
      const value = Buffer.concat([deadline(item.until), item.packed])
      return { table: 'handoffs', key, value, index: { until: item.until, lapse: HANDOFF } }
    }
    case 'outcome': {
      const key = named(item.namespace, Buffer.from(item.partition, 'hex'), item.key)
      return { table: 'outcomes', key, value: outcomeValue(item), index: { until: item.until, lapse: OUTCOME } }
    }
    case 'secret':
      return {
        table: 'secrets',
        key: Buffer.from(`${item.collection}\0${item.place}`),
        value: Buffer.from(item.text),
      }
    default: {
      const value = Buffer.concat([deadline(item.keepUntil), deadline(item.entryUntil)])
      const index = { until: item.entryUntil, lapse: LISTING } as const
      return { table: 'listings', key: listedKey(item), value, index }
    }
  }
}
