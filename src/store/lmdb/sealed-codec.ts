/**
 * Packs and unpacks sessions that are encrypted, in the form of `codec.ts`: the record is an encrypted one, and each text is
 * sealed under the session's key and the name of its settings key.
 */
import { packRecord, type StoredRecord, sealOf, unpackRecord } from '../layout/record.ts'
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
  readonly pack: (key: Buffer, session: StoredLive | StoredGone, old: Buffer | undefined) => Buffer
  readonly unpack: (key: Buffer, value: Buffer) => StoredLive | Gone
}

const plain: SessionCodec = { pack: (_, session) => pack(session), unpack: (_, value) => unpack(value) }

const createSealed = (sealing: Sealing): SessionCodec => {
  const packLive = (key: Buffer, record: StoredRecord, settings: Settings, old: Buffer | undefined): Buffer => {
    const keys = sealing.keyFor(old !== undefined && isLive(old) ? sealOf(recordBytes(old)) : null)
    const texts: [string, Buffer][] = []
    for (const [name, text] of settings) texts.push([name, seal(keys.valueKey, 'setting', name, text)])
    return packParts(record, packRecord(record, sealing.sealSubject(refOf(key), record, keys)), texts)
  }

  const unpackLive = (key: Buffer, value: Buffer): StoredLive => {
    const packed = recordBytes(value)
    const sealed = sealOf(packed)
    if (sealed === null) {
      sealing.refusePlain()
      return unpack(value) as StoredLive
    }
    const record = unpackRecord(packed, sealing.subjectOpener(refOf(key)))
    const valueKey = sealing.valueKeyOf(sealed)
    const settings = new Map<string, string>()
    for (const [name, text] of eachText(value, textTable(value)))
      settings.set(name, open(valueKey, 'setting', name, text))
    return { state: 'live', record, settings }
  }

  return {
    pack: (key, session, old) =>
      session.state === 'live' ? packLive(key, session.record, session.settings, old) : pack(session),
    unpack: (key, value) => (isLive(value) ? unpackLive(key, value) : unpack(value)),
  }
}

export const createSessionCodec = (sealing: Sealing | null): SessionCodec =>
  sealing === null ? plain : createSealed(sealing)
