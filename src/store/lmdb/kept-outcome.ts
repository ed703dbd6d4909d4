/** An outcome kept for an `Idempotency-Key`, packed; `store.ts` documents every byte. */
import { idBytes, idText, partitionOf } from '../layout/partition.ts'
import type { SessionRef } from '../port.ts'
import type { Sealing } from '../sealing/sealing.ts'
import type { Kept } from './write.ts'

const CHANGED = 1
const BEGAN = 2
const TOOK = 4
const RESULTED = 8
const SEALED = 16
const FIXED_BYTES = 57

/** The key of an outcome: namespace, partition and `key`, 32 hex characters. The session is not part of it. */
export const outcomeKey = ({ namespace, id }: SessionRef, key: string): Buffer =>
  Buffer.concat([Buffer.from(`${namespace}\0`), Buffer.from(partitionOf(idBytes(id)), 'hex'), hashBytes(key)])

const textBytes = (sealing: Sealing | null, kind: 'taken' | 'result', name: string, text: string | null): Buffer =>
  sealing === null || text === null ? Buffer.from(text ?? '') : sealing.sealAlone(kind, name, text)

/** `expiresAt` is in ms. */
export const packKept = (kept: Kept, expiresAt: number, key: Buffer, sealing: Sealing | null): Buffer => {
  const name = key.toString('hex')
  const taken = textBytes(sealing, 'taken', name, kept.taken)
  const result = textBytes(sealing, 'result', name, kept.result)
  const value = Buffer.alloc(FIXED_BYTES + taken.length + result.length)
  value.writeUIntBE(expiresAt, 0, 6)
  value.set(hashBytes(kept.fingerprint), 6)
  value.write(kept.version.tag, 22, 6, 'base64url')
  value.writeUIntBE(kept.version.revision, 28, 5)
  value[33] =
    (kept.changed ? CHANGED : 0) |
    (kept.began ? BEGAN : 0) |
    (kept.taken === null ? 0 : TOOK) |
    (kept.result === null ? 0 : RESULTED) |
    (sealing === null ? 0 : SEALED)
  value.writeUIntBE(kept.added, 34, 3)
  value.set(idBytes(kept.id), 37)
  value.writeUInt32BE(taken.length, 53)
  value.set(taken, FIXED_BYTES)
  value.set(result, FIXED_BYTES + taken.length)
  return value
}

export const keptUntil = (value: Buffer): number => value.readUIntBE(0, 6)

/**
 * Copies out of `value`, which may be overwritten afterwards. With `sealing` the fingerprint is an HMAC, also of what was kept
 * before there were keys.
 */
export const unpackKept = (value: Buffer, key: Buffer, sealing: Sealing | null): Kept => {
  const revision = value.readUIntBE(28, 5)
  const flags = value[33] as number
  const takenEnd = FIXED_BYTES + value.readUInt32BE(53)
  const isSealed = (flags & SEALED) !== 0
  if (isSealed && sealing === null) throw new Error('An outcome is kept encrypted, and no keys are configured.')
  const fingerprint = value.toString('hex', 6, 22)
  const text = (kind: 'taken' | 'result', from: number, to: number): string =>
    sealing !== null && isSealed
      ? sealing.openAlone(kind, key.toString('hex'), value.subarray(from, to))
      : value.toString('utf8', from, to)
  return {
    fingerprint: sealing === null || isSealed ? fingerprint : sealing.fingerprint(fingerprint),
    id: idText(value.subarray(37, 53)),
    version: { revision, tag: revision === 0 ? '' : value.toString('base64url', 22, 28) },
    changed: (flags & CHANGED) !== 0,
    began: (flags & BEGAN) !== 0,
    added: value.readUIntBE(34, 3),
    taken: flags & TOOK ? text('taken', FIXED_BYTES, takenEnd) : null,
    result: flags & RESULTED ? text('result', takenEnd, value.length) : null,
  }
}

const hashBytes = (hash: string): Buffer => {
  const bytes = Buffer.from(hash, 'hex')
  if (bytes.length !== 16) throw new TypeError('A hash must be 32 hex characters.')
  return bytes
}
