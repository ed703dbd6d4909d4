/**
 * The packed forms that both adapters store, big-endian throughout.
 *
 * Session record, version 1, 66 bytes and the subject:
 *
 *     offset  bytes  what
 *          0      1  version of this layout: 1
 *          1      1  flags; 1: the idle timeout holds only until the first write of the settings
 *          2     12  life
 *         14     12  gen
 *         26      6  tag (the ETag's 8 characters, decoded)
 *         32      5  revision
 *         37      6  created, ms
 *         43      6  last stored use, ms
 *         49      6  absolute end, ms
 *         55      4  idle timeout, s
 *         59      4  lifetime, s
 *         63      3  size of the settings: bytes of all keys and texts
 *         66      …  subject, UTF-8; empty for none
 *
 * The deadline is not in it. It follows from the last use, the idle timeout and the absolute end (`clocks.ts`), and each
 * adapter stores it where it needs it.
 *
 * Tombstone, version 1, 8 or 20 bytes:
 *
 *          0      1  version: 1
 *          1      1  reason: 1 deleted, 2 rotated, 3 revoked
 *          2      6  when, ms
 *          8     12  the life it ended; left out if there was none
 */

import type { EndReason, Gone, SessionRecord } from '../port.ts'
import { deadline } from './clocks.ts'

export const RECORD_BYTES = 66
export const LAYOUT_VERSION = 1

/** A record as it is stored. The size is kept up to date, since measuring it at each write would take too long. */
export type StoredRecord = SessionRecord & {
  readonly size: number
  /** Whether the idle timeout is a short one, which the first write of the settings lifts. */
  readonly idleUntilWritten: boolean
}

const IDLE_UNTIL_WRITTEN = 1

export const packRecord = (record: Omit<StoredRecord, 'expiresAt'>): Buffer => {
  const subject = record.subject ?? ''
  const packed = Buffer.alloc(RECORD_BYTES + Buffer.byteLength(subject))
  packed[0] = LAYOUT_VERSION
  packed[1] = record.idleUntilWritten ? IDLE_UNTIL_WRITTEN : 0
  packed.write(record.life, 2, 12, 'base64url')
  packed.write(record.gen, 14, 12, 'base64url')
  packed.write(record.tag, 26, 6, 'base64url')
  packed.writeUIntBE(record.revision, 32, 5)
  packed.writeUIntBE(record.createdAt, 37, 6)
  packed.writeUIntBE(record.lastSeenAt, 43, 6)
  packed.writeUIntBE(record.endsAt, 49, 6)
  packed.writeUInt32BE(record.idleTimeoutSeconds, 55)
  packed.writeUInt32BE(record.lifetimeSeconds, 59)
  packed.writeUIntBE(record.size, 63, 3)
  packed.write(subject, RECORD_BYTES, 'utf8')
  return packed
}

export const unpackRecord = (packed: Buffer): StoredRecord => {
  if (packed[0] !== LAYOUT_VERSION || packed.length < RECORD_BYTES) {
    throw new Error(
      `A session is stored in layout ${packed[0]}, which this version does not know. Run the version that wrote it.`,
    )
  }
  const lastSeenAt = packed.readUIntBE(43, 6)
  const endsAt = packed.readUIntBE(49, 6)
  const idleTimeoutSeconds = packed.readUInt32BE(55)
  return {
    life: packed.toString('base64url', 2, 14),
    gen: packed.toString('base64url', 14, 26),
    tag: packed.toString('base64url', 26, 32),
    revision: packed.readUIntBE(32, 5),
    createdAt: packed.readUIntBE(37, 6),
    lastSeenAt,
    endsAt,
    expiresAt: deadline(lastSeenAt, idleTimeoutSeconds, endsAt),
    idleTimeoutSeconds,
    lifetimeSeconds: packed.readUInt32BE(59),
    size: packed.readUIntBE(63, 3),
    idleUntilWritten: packed[1] === IDLE_UNTIL_WRITTEN,
    subject: packed.length > RECORD_BYTES ? packed.toString('utf8', RECORD_BYTES) : null,
  }
}

const REASONS: readonly EndReason[] = ['deleted', 'rotated', 'revoked']

/** The byte that stands for a reason in a tombstone. */
export const reasonByte = (reason: EndReason): number => REASONS.indexOf(reason) + 1

export const packTombstone = (gone: Omit<Gone, 'state'>): Buffer => {
  const packed = Buffer.alloc(gone.life === null ? 8 : 20)
  packed[0] = LAYOUT_VERSION
  packed[1] = reasonByte(gone.reason)
  packed.writeUIntBE(gone.endedAt, 2, 6)
  if (gone.life !== null) packed.write(gone.life, 8, 12, 'base64url')
  return packed
}

export const unpackTombstone = (packed: Buffer): Gone => {
  const reason = REASONS[(packed[1] ?? 0) - 1]
  if (packed[0] !== LAYOUT_VERSION || reason === undefined) {
    throw new Error(
      `A tombstone is stored in layout ${packed[0]}, which this version does not know. Run the version that wrote it.`,
    )
  }
  return {
    state: 'gone',
    reason,
    endedAt: packed.readUIntBE(2, 6),
    life: packed.length >= 20 ? packed.toString('base64url', 8, 20) : null,
  }
}
