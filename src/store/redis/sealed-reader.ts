/** Opens what Redis holds of an encrypted session. A plain session is read as ever, unless it is refused. */
import { unpackRecord } from '../layout/record.ts'
import type { Seal } from '../layout/seal.ts'
import type { Found, SessionRecord, SessionRef } from '../port.ts'
import { StoreUnavailable } from '../port.ts'
import { CannotOpen, open } from '../sealing/cipher.ts'
import type { Sealing, SessionKey } from '../sealing/sealing.ts'
import { type Reader, readHash } from './answers.ts'
import { isSameRecord, type OpenedSession, type OpenedTexts } from './opened-texts.ts'

const KEY_PREFIX = 0x3a
const RECORD_FIELD = 0x72

export type Opened = { readonly found: Found; readonly seal: Seal | null }

/** The record, and its seal; null if it is plain. Throws CannotOpen. */
export const openRecord = (packed: Buffer, ref: SessionRef, sealing: Sealing, before?: OpenedSession) => {
  let opened: OpenedSession['record'] | null = null
  const record = unpackRecord(packed, (sealed, life) => {
    if (before && isSameRecord(before.record, sealed, life)) opened = before.record
    else {
      const subject = sealing.subjectOpener(ref)(sealed, life)
      opened = { sealed: { ...sealed, subject: Buffer.from(sealed.subject) }, life, subject }
    }
    return opened.subject
  })
  const found = opened as OpenedSession['record'] | null
  return { record, seal: found?.sealed.seal ?? null, opened: found }
}

/** A session's hash as HGETALL gives it. `memory` spares what was opened before. Throws CannotOpen. */
export const openHash = (
  flat: readonly Buffer[],
  ref: SessionRef,
  sealing: Sealing,
  memory: OpenedTexts | null = null,
): Opened => {
  let packed: Buffer | null = null
  for (let i = 0; i + 1 < flat.length && packed === null; i += 2) {
    if ((flat[i] as Buffer)[0] === RECORD_FIELD) packed = flat[i + 1] as Buffer
  }
  if (packed === null) return { found: readHash(flat), seal: null }
  const before = memory?.of(ref)
  const { record, seal, opened } = openRecord(packed, ref, sealing, before)
  if (seal === null || opened === null) return { found: readHash(flat), seal }
  const isSame = opened === before?.record
  const valueKey = sealing.valueKeyOf(seal)
  const settings = new Map<string, string>()
  const texts = new Map<string, { stored: Buffer; text: string }>()
  let fresh = isSame ? 0 : 1
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const field = flat[i] as Buffer
    if (field[0] !== KEY_PREFIX) continue
    const key = field.toString('utf8', 1)
    const stored = flat[i + 1] as Buffer
    const known = isSame ? before?.texts.get(key) : undefined
    if (known?.stored.equals(stored)) {
      settings.set(key, known.text)
      if (memory) texts.set(key, known)
      continue
    }
    const text = open(valueKey, 'setting', key, stored)
    settings.set(key, text)
    fresh += 1
    // A copy: what Redis has sent is a part of something larger.
    if (memory) texts.set(key, { stored: Buffer.from(stored), text })
  }
  if (memory && (fresh > 0 || texts.size !== before?.texts.size)) memory.put(ref, { record: opened, texts })
  return { found: { state: 'live', record, settings }, seal }
}

export const readSealed = (
  flat: readonly Buffer[],
  ref: SessionRef,
  sealing: Sealing,
  memory: OpenedTexts | null = null,
): Opened => {
  const opened = openHash(flat, ref, sealing, memory)
  if (opened.found.state === 'live' && opened.seal === null) sealing.refusePlain()
  return opened
}

/** `key` is the one that a call has named, null for plain texts; `result` the name under which a result was sealed. */
export const sealedReader = (
  ref: SessionRef,
  sealing: Sealing,
  { key = null, result = '' }: { key?: SessionKey | null; result?: string } = {},
): Reader => ({
  hash: (flat) => readSealed(flat, ref, sealing).found,
  record: (packed): SessionRecord => {
    const { record, seal } = openRecord(packed, ref, sealing)
    if (seal === null) sealing.refusePlain()
    return record
  },
  setting: (name, stored) => (key === null ? stored.toString('utf8') : open(key.valueKey, 'setting', name, stored)),
  taken: (stored) => sealing.openTaken(stored),
  result: (stored) => sealing.openAlone('result', result, stored),
})

/** Runs a call; what does not open is a store that cannot be read. */
export const orUnavailable = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (cause) {
    if (!(cause instanceof CannotOpen)) throw cause
    throw new StoreUnavailable(`The store could not read what it holds. ${cause.message}`, { cause })
  }
}
