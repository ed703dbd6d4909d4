/**
 * Binds an encrypted record to its place: an HMAC over namespace, id, life, both names of keys and the subject, under a key that
 * follows from the master key. A record that was copied to another id, or whose subject was replaced, does not open.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { idBytes } from '../layout/partition.ts'
import type { Seal } from '../layout/seal.ts'
import type { SessionRef } from '../port.ts'
import { CannotOpen } from './cipher.ts'
import type { MasterKeys } from './master-keys.ts'

/** `life` is 12 bytes in base64url; `subject` what is stored of it, empty for none. */
export type Placed = Pick<Seal, 'kid' | 'valueKeyId' | 'subjectMac'> & {
  readonly ref: SessionRef
  readonly life: string
  readonly subject: Buffer
}

const counted = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

export const placeMac = (keys: MasterKeys, { ref, life, kid, valueKeyId, subjectMac, subject }: Placed): Buffer => {
  const mac = createHmac('sha256', keys.placeKey(kid))
  const parts = [Buffer.from(ref.namespace), idBytes(ref.id), Buffer.from(life, 'base64url'), Buffer.from(kid)]
  for (const part of [...parts, valueKeyId, subjectMac, subject]) mac.update(counted(part))
  return mac.digest()
}

/** Throws CannotOpen unless this is the place that the record was made for. */
export const checkPlace = (keys: MasterKeys, placed: Placed, mac: Buffer): void => {
  const isThere = mac.length === 32 && timingSafeEqual(placeMac(keys, placed), mac)
  if (!isThere) throw new CannotOpen('The record was made for another session, or it is damaged.')
}
