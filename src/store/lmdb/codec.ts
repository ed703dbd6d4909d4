/**
 * Packs and unpacks sessions as LMDB stores them; `store.ts` documents every byte. This knows no database.
 *
 * Reading is the hot path. A table of the lengths of all keys and texts comes first, then all their characters in one
 * piece. One call decodes that piece, and the strings are cut out of it: this takes half the time of decoding each string
 * by itself.
 */
import { idText } from '../layout/partition.ts'
import {
  absoluteEnd,
  packRecord,
  packTombstone,
  type StoredRecord,
  sealOf,
  unpackRecord,
  unpackTombstone,
} from '../layout/record.ts'
import type { Gone, Live, SessionRef, Settings } from '../port.ts'

/** A live session as it is stored: its record knows the size of its settings. */
export type StoredLive = Live & { readonly record: StoredRecord }
/** A tombstone as it is stored, with the instant at which it lapses, in ms. */
export type StoredGone = Gone & { readonly lapsesAt: number }

export const LIVE = 1
export const GONE = 2
/** The kind (1 byte) and the deadline (6) come before everything else. */
const HEAD_BYTES = 7
const MAX_NAMESPACE_BYTES = 32
/** Two bytes of a key's length and three of its text's. */
const LENGTHS_BYTES = 5

/** Throws a TypeError unless the namespace is short enough for a key, and the id a UUID with its hyphens. */
export const sessionKey = ({ namespace, id }: SessionRef): Buffer => {
  if (namespace.length > MAX_NAMESPACE_BYTES) throw new TypeError('The namespace of a session is too long.')
  const key = Buffer.allocUnsafe(namespace.length + 17)
  key.write(namespace, 'latin1')
  key[namespace.length] = 0
  const written = key.write(id.replaceAll('-', ''), namespace.length + 1, 'hex')
  if (written !== 16 || id.length !== 36) throw new TypeError('The id of a session must be a UUID.')
  return key
}

export const pack = (session: StoredLive | StoredGone): Buffer =>
  session.state === 'live' ? packLive(session.record, session.settings) : packGone(session)

const packLive = (record: StoredRecord, settings: Settings): Buffer => {
  const packed = packRecord(record)
  const table = HEAD_BYTES + 2 + packed.length
  let at = table + 2 + LENGTHS_BYTES * settings.size
  const value = Buffer.alloc(at + record.size)
  value[0] = LIVE
  value.writeUIntBE(record.expiresAt, 1, 6)
  value.writeUInt16BE(packed.length, HEAD_BYTES)
  value.set(packed, HEAD_BYTES + 2)
  value.writeUInt16BE(settings.size, table)
  let lengths = table + 2
  for (const [key, text] of settings) {
    const keyBytes = value.write(key, at)
    const textBytes = value.write(text, at + keyBytes)
    at += keyBytes + textBytes
    value.writeUInt16BE(keyBytes, lengths)
    value.writeUIntBE(textBytes, lengths + 2, 3)
    lengths += LENGTHS_BYTES
  }
  return value
}

/** A live session of parts that are packed already. */
export const packParts = (
  { expiresAt }: Pick<StoredRecord, 'expiresAt'>,
  record: Buffer,
  texts: readonly (readonly [key: string, text: Buffer])[],
): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES + 2)
  head[0] = LIVE
  head.writeUIntBE(expiresAt, 1, 6)
  head.writeUInt16BE(record.length, HEAD_BYTES)
  const table = Buffer.alloc(2 + LENGTHS_BYTES * texts.length)
  table.writeUInt16BE(texts.length)
  const parts: Buffer[] = []
  for (const [at, [key, text]] of texts.entries()) {
    const keyBytes = Buffer.from(key)
    table.writeUInt16BE(keyBytes.length, 2 + LENGTHS_BYTES * at)
    table.writeUIntBE(text.length, 4 + LENGTHS_BYTES * at, 3)
    parts.push(keyBytes, text)
  }
  return Buffer.concat([head, record, table, ...parts])
}

export const isLive = (value: Buffer): boolean => value[0] === LIVE

/** Where the table of the texts of a live session begins. */
export const textTable = (value: Buffer): number => HEAD_BYTES + 2 + value.readUInt16BE(HEAD_BYTES)

/** The record of a live session, packed. */
export const recordBytes = (value: Buffer): Buffer => value.subarray(HEAD_BYTES + 2, textTable(value))

/** Each key of a live session with the bytes of its text. */
export function* eachText(value: Buffer, table: number): Generator<readonly [key: string, text: Buffer]> {
  const start = table + 2 + LENGTHS_BYTES * value.readUInt16BE(table)
  let at = start
  for (let lengths = table + 2; lengths < start; lengths += LENGTHS_BYTES) {
    const text = at + value.readUInt16BE(lengths)
    const end = text + value.readUIntBE(lengths + 2, 3)
    yield [value.toString('utf8', at, text), value.subarray(text, end)]
    at = end
  }
}

/** Throws unless this is a session or a tombstone of this layout. It opens no text that is encrypted. */
export const checkForm = (value: Buffer): void => {
  if (isLive(value) && sealOf(recordBytes(value)) !== null) for (const _ of eachText(value, textTable(value)));
  else unpack(value)
}

const packGone = (gone: StoredGone): Buffer => {
  const packed = packTombstone(gone)
  const value = Buffer.alloc(HEAD_BYTES + packed.length)
  value[0] = GONE
  value.writeUIntBE(gone.lapsesAt, 1, 6)
  value.set(packed, HEAD_BYTES)
  return value
}

/** What a session's key names. */
export const refOf = (key: Buffer): SessionRef => ({
  namespace: key.toString('latin1', 0, key.length - 17),
  id: idText(key.subarray(key.length - 16)),
})

/** By which clock a session that is over has ended. */
export const whyExpired = (value: Buffer): 'idle' | 'lifetime' => {
  return absoluteEnd(recordBytes(value)) <= deadlineOf(value) ? 'lifetime' : 'idle'
}

/** The life in a record begins after its version and its flags. */
const LIFE_AT = HEAD_BYTES + 4
const LIFE_LENGTH = 12

/** Whether two stored sessions are of one life. */
export const isSameLife = (one: Buffer, other: Buffer): boolean =>
  one.compare(other, LIFE_AT, LIFE_AT + LIFE_LENGTH, LIFE_AT, LIFE_AT + LIFE_LENGTH) === 0

/** When a stored session is over, or a stored tombstone lapses, in ms. */
export const deadlineOf = (value: Buffer): number => value.readUIntBE(1, 6)

/**
 * What a value holds, whether or not it is over. Copies what it takes: `value` may be overwritten afterwards. Throws if
 * it is no session of this layout.
 */
export const unpack = (value: Buffer): StoredLive | Gone => {
  if (value[0] === GONE) return unpackTombstone(value.subarray(HEAD_BYTES, value.length))
  if (value[0] !== LIVE) throw new Error(`A session is stored as kind ${value[0]}, which this version does not know.`)
  const table = textTable(value)
  const record = unpackRecord(value.subarray(HEAD_BYTES + 2, table))
  return { state: 'live', record, settings: unpackSettings(value, table) }
}

const unpackSettings = (value: Buffer, table: number): Settings => {
  const settings = new Map<string, string>()
  const count = value.readUInt16BE(table)
  const start = table + 2 + LENGTHS_BYTES * count
  const characters = value.toString('utf8', start, value.length)
  // With as many characters as bytes all are ASCII, and a position in the one is a position in the other.
  const ascii = characters.length === value.length - start
  const cut = (from: number, to: number): string =>
    ascii ? characters.substring(from - start, to - start) : value.toString('utf8', from, to)
  let at = start
  for (let lengths = table + 2; lengths < start; lengths += LENGTHS_BYTES) {
    const text = at + value.readUInt16BE(lengths)
    const end = text + value.readUIntBE(lengths + 2, 3)
    settings.set(cut(at, text), cut(text, end))
    at = end
  }
  return settings
}
