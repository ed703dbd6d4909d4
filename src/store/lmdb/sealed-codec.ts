/**
 * Packs and unpacks sessions that are encrypted, in the form of `codec.ts`: the record is an encrypted one, and each text is
 * sealed under the session's key and the name of its settings key.
 */
import { packRecord, type StoredRecord, sealOf, unpackRecord } from '../layout/record.ts'
import type { Seal } from '../layout/seal.ts'
import type { Gone, Settings } from '../port.ts'
import { open, seal } from '../sealing/cipher.ts'
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
  const packLive = (key: Buffer, record: StoredRecord, settings: Settings, old: Seal | null): Buffer => {
    const keys = sealing.keyFor(old)
    const texts: [string, Buffer][] = []
    let size = 0
    for (const [name, text] of settings) {
      const sealed = seal(keys.valueKey, 'setting', name, text)
      texts.push([name, sealed])
      size += Buffer.byteLength(name) + sealed.length
    }
    // The size that is stored is that of what is stored: that of the texts would tell what the padding hides.
    return packParts(record, packRecord({ ...record, size }, sealing.sealSubject(refOf(key), record, keys)), texts)
  }

  const unpackLive = (key: Buffer, value: Buffer): StoredLive => {
    const packed = recordBytes(value)
    const sealed = sealOf(packed)
    if (sealed === null) return unpack(value) as StoredLive
    const record = unpackRecord(packed, sealing.subjectOpener(refOf(key)))
    const valueKey = sealing.valueKeyOf(sealed)
    const settings = new Map<string, string>()
    let size = 0
    for (const [name, bytes] of eachText(value, textTable(value))) {
      const text = open(valueKey, 'setting', name, bytes)
      settings.set(name, text)
      size += Buffer.byteLength(name) + Buffer.byteLength(text)
    }
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
