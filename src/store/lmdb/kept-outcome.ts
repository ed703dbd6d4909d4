/** An outcome kept for an `Idempotency-Key`, packed; `store.ts` documents every byte. */
import { idBytes, idText, partitionOf } from '../layout/partition.ts'
import type { SessionRef } from '../port.ts'
import type { Kept } from './write.ts'

const CHANGED = 1
const BEGAN = 2
const TOOK = 4
const RESULTED = 8
const FIXED_BYTES = 57

/** The key of an outcome: namespace, partition and `key`, 32 hex characters. The session is not part of it. */
export const outcomeKey = ({ namespace, id }: SessionRef, key: string): Buffer =>
  Buffer.concat([Buffer.from(`${namespace}\0`), Buffer.from(partitionOf(idBytes(id)), 'hex'), hashBytes(key)])

/** `expiresAt` is in ms. */
export const packKept = (kept: Kept, expiresAt: number): Buffer => {
  const taken = Buffer.from(kept.taken ?? '')
  const result = Buffer.from(kept.result ?? '')
  const value = Buffer.alloc(FIXED_BYTES + taken.length + result.length)
  value.writeUIntBE(expiresAt, 0, 6)
  value.set(hashBytes(kept.fingerprint), 6)
  value.write(kept.version.tag, 22, 6, 'base64url')
  value.writeUIntBE(kept.version.revision, 28, 5)
  value[33] =
    (kept.changed ? CHANGED : 0) |
    (kept.began ? BEGAN : 0) |
    (kept.taken === null ? 0 : TOOK) |
    (kept.result === null ? 0 : RESULTED)
  value.writeUIntBE(kept.added, 34, 3)
  value.set(idBytes(kept.id), 37)
  value.writeUInt32BE(taken.length, 53)
  value.set(taken, FIXED_BYTES)
  value.set(result, FIXED_BYTES + taken.length)
  return value
}

export const keptUntil = (value: Buffer): number => value.readUIntBE(0, 6)

/** Copies out of `value`, which may be overwritten afterwards. */
export const unpackKept = (value: Buffer): Kept => {
  const revision = value.readUIntBE(28, 5)
  const flags = value[33] as number
  const takenEnd = FIXED_BYTES + value.readUInt32BE(53)
  return {
    fingerprint: value.toString('hex', 6, 22),
    id: idText(value.subarray(37, 53)),
    version: { revision, tag: revision === 0 ? '' : value.toString('base64url', 22, 28) },
    changed: (flags & CHANGED) !== 0,
    began: (flags & BEGAN) !== 0,
    added: value.readUIntBE(34, 3),
    taken: flags & TOOK ? value.toString('utf8', FIXED_BYTES, takenEnd) : null,
    result: flags & RESULTED ? value.toString('utf8', takenEnd, value.length) : null,
  }
}

const hashBytes = (hash: string): Buffer => {
  const bytes = Buffer.from(hash, 'hex')
  if (bytes.length !== 16) throw new TypeError('A hash must be 32 hex characters.')
  return bytes
}
