/** Opens what Redis holds of an encrypted session. A plain session is read as ever, unless it is refused. */
import type { Seal } from '../layout/seal.ts'
import type { Found, SessionRecord, SessionRef } from '../port.ts'
import { StoreUnavailable } from '../port.ts'
import { CannotOpen, open } from '../sealing/cipher.ts'
import { openRecord, openSession } from '../sealing/open-session.ts'
import type { OpenedTexts } from '../sealing/opened-texts.ts'
import type { Sealing, SessionKey } from '../sealing/sealing.ts'
import { type Reader, readHash } from './answers.ts'

const KEY_PREFIX = 0x3a
const RECORD_FIELD = 0x72

export type Opened = { readonly found: Found; readonly seal: Seal | null }

/** Each settings key of a hash with its text as it is stored. */
function* textsIn(flat: readonly Buffer[]): Generator<readonly [key: string, stored: Buffer]> {
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const field = flat[i] as Buffer
    if (field[0] === KEY_PREFIX) yield [field.toString('utf8', 1), flat[i + 1] as Buffer]
  }
}

/** A session's hash as HGETALL gives it. Throws CannotOpen. */
export const openHash = (
  flat: readonly Buffer[],
  ref: SessionRef,
  sealing: Sealing,
  memory: OpenedTexts | null = null,
): Opened => {
  const at = flat.findIndex((field, i) => i % 2 === 0 && field[0] === RECORD_FIELD)
  const opened = at < 0 ? null : openSession(flat[at + 1] as Buffer, () => textsIn(flat), { ref, sealing, memory })
  if (opened === null) return { found: readHash(flat), seal: null }
  const { record, settings, seal } = opened
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
