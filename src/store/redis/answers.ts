/**
 * Turns the scripts' answers into the port's words. An answer is a list: a word, the time at which the script ran, and the
 * values that belong to the word. Of a script that may begin or end lives, the first of them says which it did.
 */
import { idText } from '../layout/partition.ts'
import { unpackRecord, unpackTombstone } from '../layout/record.ts'
import type {
  Admitted,
  Ended,
  Found,
  Live,
  RotateOutcome,
  SessionRecord,
  Settings,
  Touched,
  Version,
  WriteOutcome,
  Written,
} from '../port.ts'

/** How many lives a script has begun, how many it has ended, and how many it found over by each clock. */
export type ChangedLives = readonly [begun: number, ended: number, idle: number, lifetime: number]

export type Answer = {
  readonly word: string
  readonly time: number
  readonly lives: ChangedLives | null
  readonly rest: readonly unknown[]
  /** On how many replicas it is, where that matters. */
  readonly copies?: number
}

/** The words of answers that say what was done to lives. */
const OF_LIVES = new Set(['written', 'ended', 'rotated', 'swept'])

export const readAnswer = (reply: readonly unknown[]): Answer => {
  const word = String(reply[0])
  const time = Number(reply[1])
  return OF_LIVES.has(word)
    ? { word, time, lives: reply[2] as ChangedLives, rest: reply.slice(3) }
    : { word, time, lives: null, rest: reply.slice(2) }
}

const UNWRITTEN: Version = { revision: 0, tag: '' }

/** Tag and revision as a record holds them: 6 and 5 bytes. */
export const readVersion = (packed: Buffer): Version => {
  const revision = packed.readUIntBE(6, 5)
  return revision === 0 ? UNWRITTEN : { revision, tag: packed.toString('base64url', 0, 6) }
}

export const packVersion = ({ revision, tag }: Version): Buffer => {
  const packed = Buffer.alloc(11)
  if (revision > 0) packed.write(tag, 0, 6, 'base64url')
  packed.writeUIntBE(revision, 6, 5)
  return packed
}

/** The first byte of a field's name: of a settings key, or of the record. The only other field is the tombstone. */
const KEY_PREFIX = 0x3a
const RECORD_FIELD = 0x72

/** A session's hash as HGETALL gives it: fields and values in turn. */
export const readHash = (flat: readonly Buffer[]): Found => {
  let record: Buffer | undefined
  const settings = new Map<string, string>()
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const field = flat[i] as Buffer
    const value = flat[i + 1] as Buffer
    if (field[0] === KEY_PREFIX) settings.set(field.toString('utf8', 1), value.toString('utf8'))
    else if (field[0] === RECORD_FIELD) record = value
    else return unpackTombstone(value)
  }
  if (record === undefined) return { state: 'missing' }
  return { state: 'live', record: unpackRecord(record), settings: settings as Settings }
}

/** Gives what is stored as texts. */
export type Reader = {
  hash(flat: readonly Buffer[]): Found
  record(packed: Buffer): SessionRecord
  setting(key: string, stored: Buffer): string
  taken(stored: Buffer): string
  result(stored: Buffer): string
}

const PLAIN: Reader = {
  hash: readHash,
  record: (packed) => unpackRecord(packed),
  setting: (_, stored) => stored.toString('utf8'),
  taken: (stored) => stored.toString('utf8'),
  result: (stored) => stored.toString('utf8'),
}

const readWritten = (rest: readonly unknown[], reader: Reader): Written => {
  const outcome = rest[0] as Buffer
  const flags = outcome[11] ?? 0
  const takenEnd = 35 + outcome.readUInt32BE(31)
  const isTaken = takenEnd > 35
  const hasResult = outcome.length > takenEnd
  return {
    state: 'written',
    id: idText(outcome.subarray(15, 31)),
    version: readVersion(outcome),
    changed: (flags & 1) !== 0,
    began: (flags & 2) !== 0,
    added: outcome.readUIntBE(12, 3),
    taken: isTaken ? reader.taken(outcome.subarray(35, takenEnd)) : null,
    result: hasResult ? reader.result(outcome.subarray(takenEnd)) : null,
    repeated: rest[1] === 1,
    live: rest[2] === undefined ? null : (reader.hash(rest[2] as Buffer[]) as Live),
  }
}

const readMismatch = (flat: readonly (Buffer | null)[], reader: Reader): WriteOutcome => {
  const texts = new Map<string, string | null>()
  for (let i = 0; i < flat.length; i += 2) {
    const key = String(flat[i])
    const stored = flat[i + 1]
    texts.set(key, stored ? reader.setting(key, stored) : null)
  }
  return { state: 'mismatch', texts }
}

/** The answers that several scripts share. */
const readCommon = ({ word, rest }: Answer) => {
  switch (word) {
    case 'missing':
      return { state: 'missing' } as const
    case 'gone':
      return unpackTombstone(rest[0] as Buffer)
    case 'refused':
      return { state: 'refused', why: String(rest[0]) as 'life' | 'gen' } as const
    case 'rekeyed':
      throw new Error('A session is stored encrypted, and no keys are configured that could open it.')
    default:
      throw new Error(`A script answered ${word}, which this version does not know.`)
  }
}

export const readWriteOutcome = (answer: Answer, reader = PLAIN): WriteOutcome => {
  const { word, rest } = answer
  switch (word) {
    case 'written':
      return readWritten(rest, reader)
    case 'exists':
    case 'reused':
      return { state: word }
    case 'conflict':
      return { state: 'conflict', version: readVersion(rest[0] as Buffer) }
    case 'mismatch':
      return readMismatch(rest[0] as (Buffer | null)[], reader)
    case 'limit':
      return { state: 'limit', limit: String(rest[0]) as 'bytes' | 'keys' }
    default:
      return readCommon(answer)
  }
}

export const readTouched = (answer: Answer, reader = PLAIN): Touched =>
  answer.word === 'live' ? { state: 'live', record: reader.record(answer.rest[0] as Buffer) } : readCommon(answer)

export const readRotateOutcome = (answer: Answer, reader = PLAIN): RotateOutcome => {
  const { word, rest } = answer
  switch (word) {
    case 'rotated': {
      const { id, result, repeated, live } = readWritten(rest, reader)
      return { state: 'rotated', id, result, repeated, live, copies: answer.copies ?? null }
    }
    case 'taken':
      return { state: 'taken', by: String(rest[0]) as 'session' | 'gone' }
    case 'other':
    case 'spent':
    case 'reused':
      return { state: word }
    default:
      return readCommon(answer)
  }
}

export const readEnded = (answer: Answer): Ended => {
  if (answer.word === 'ended') return { state: 'ended', wasLive: answer.lives?.[1] === 1 }
  return answer.word === 'other' ? { state: 'other' } : readCommon(answer)
}

export const readAdmitted = ({ word }: Answer): Admitted => {
  if (word !== 'admitted' && word !== 'full' && word !== 'uncounted')
    throw new Error(`An admission was answered ${word}.`)
  return word
}

/** The answer of a script that only says that it is done, by the word `done`. */
export const readDone = <Word extends string>(answer: Answer, done: Word) =>
  answer.word === done ? ({ state: done } as const) : readCommon(answer)
