/**
 * Packs and unpacks sessions that are encrypted, in the form of `codec.ts`: the record is an encrypted one, and each text is
 * sealed under the session's key and the name of its settings key.
 */
import { packRecord, type StoredRecord, sealOf } from '../layout/record.ts'
import type { Seal } from '../layout/seal.ts'
import type { Gone, Settings } from '../port.ts'
import { seal } from '../sealing/cipher.ts'
import { openSession } from '../sealing/open-session.ts'
import { createOpenedTexts, knownForm } from '../sealing/opened-texts.ts'
import type { Sealing } from '../sealing/sealing.ts'
import {
  eachText,
  isLive,
  pack,
  packParts,
  recordBytes,
  refOf,
  type StoredGone,
  type StoredLive,
  textTable,
  unpack,
} from './codec.ts'

/** How sessions are packed and unpacked, given their keys in the table. */
export type SessionCodec = {
  /** The seal of a stored session, whose key its next form is to have. Copies out of `value`. */
  readonly keyOf: (value: Buffer | undefined) => Seal | null
  /** A stored session under the key that encrypts now; null if it is so already, or is none. */
  readonly reencrypted: (key: Buffer, value: Buffer) => Buffer | null
  readonly pack: (key: Buffer, session: StoredLive | StoredGone, old: Seal | null) => Buffer
  readonly unpack: (key: Buffer, value: Buffer) => StoredLive | Gone
}

const plain: SessionCodec = {
  keyOf: () => null,
  reencrypted: () => null,
  pack: (_, session) => pack(session),
  unpack: (_, value) => unpack(value),
}

const createSealed = (sealing: Sealing): SessionCodec => {
  const memory = createOpenedTexts()

  const packLive = (key: Buffer, record: StoredRecord, settings: Settings, old: Seal | null): Buffer => {
    const keys = sealing.keyFor(old)
    const ref = refOf(key)
    const known = knownForm(memory.of(ref), keys)
    const texts: [string, Buffer][] = []
    let size = 0
    for (const [name, text] of settings) {
      const sealed = known(name, text) ?? seal(keys.valueKey, 'setting', name, text)
      texts.push([name, sealed])
      size += Buffer.byteLength(name) + sealed.length
    }
    // The size that is stored is that of what is stored: that of the texts would tell what the padding hides.
    return packParts(record, packRecord({ ...record, size }, sealing.sealSubject(ref, record, keys)), texts)
  }

  const unpackLive = (key: Buffer, value: Buffer): StoredLive => {
    const texts = () => eachText(value, textTable(value))
    const opened = openSession(recordBytes(value), texts, { ref: refOf(key), sealing, memory })
    if (opened === null) return unpack(value) as StoredLive
    const { record, settings } = opened
    let size = 0
    for (const [name, text] of settings) size += Buffer.byteLength(name) + Buffer.byteLength(text)
    return { state: 'live', record: { ...record, size }, settings }
  }

  return {
    keyOf: (value) => (value !== undefined && isLive(value) ? sealOf(recordBytes(value)) : null),
    pack: (key, session, old) =>
      session.state === 'live' ? packLive(key, session.record, session.settings, old) : pack(session),
    unpack: (key, value) => {
      if (!isLive(value)) return unpack(value)
      if (sealOf(recordBytes(value)) === null) sealing.refusePlain()
      return unpackLive(key, value)
    },
    reencrypted: (key, value) => {
      const old = isLive(value) ? sealOf(recordBytes(value)) : null
      if (!isLive(value) || old?.kid === sealing.current) return null
      const { record, settings } = unpackLive(key, value)
      return packLive(key, record, settings, old)
    },
  }
}

export const createSessionCodec = (sealing: Sealing | null): SessionCodec =>
  sealing === null ? plain : createSealed(sealing)
