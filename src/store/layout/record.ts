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
 * Version 2 is read by every release from 0.2 on, and written only for a session that has something of its own. The first 66
 * bytes are the same, but for the version and for more flags, 2: encrypted; 4: there are deadlines of keys. Then come
 *
 *         66      6  bound, ms: when it was bound to its subject; 0 if that is not kept
 *                 3  with flag 4: bytes of the deadlines of keys, and these; a release that does not heed them keeps them
 *                 1  with flag 2: bytes of the name of the master key, and this name; then
 *                16  the id of the session's own key
 *                32  HMAC-SHA-256 over the namespace, the id, the life, both names of keys and the subject
 *                32  HMAC-SHA-256 of the subject; zeros for none
 *                 …  subject, UTF-8; with flag 2 its ciphertext; empty for none
 *
 * What stands from flag 2 on is in `seal.ts`. A store that has no keys refuses an encrypted session.
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
import { packSeal, type Seal, unpackSeal } from './seal.ts'

export const RECORD_BYTES = 66
export const LAYOUT_VERSION = 1
const SECOND_VERSION = 2

/** A record as it is stored. The size is kept up to date, since measuring it at each write would take too long. */
export type StoredRecord = SessionRecord & {
  readonly size: number
  /** Whether the idle timeout is a short one, which the first write of the settings lifts. */
  readonly idleUntilWritten: boolean
  /** What a later release has put here, as it is stored. */
  readonly keyDeadlines: Buffer | null
}

const IDLE_UNTIL_WRITTEN = 1
const ENCRYPTED = 2
const HAS_KEY_DEADLINES = 4
const BOUND_BYTES = 6

const NOTHING = Buffer.alloc(0)

/** What an encrypted record has in place of its subject. */
export type SealedSubject = { readonly seal: Seal; readonly subject: Buffer }

/** Gives the subject of an encrypted record, null for none. Throws if the record does not open. */
export type OpenSubject = (sealed: SealedSubject, life: string) => string | null

/** What stands between the first 66 bytes and the subject, but for the seal. */
const packMore = ({ boundAt, keyDeadlines }: Pick<StoredRecord, 'boundAt' | 'keyDeadlines'>): Buffer => {
  const more = Buffer.alloc(BOUND_BYTES + (keyDeadlines === null ? 0 : 3 + keyDeadlines.length))
  more.writeUIntBE(boundAt ?? 0, 0, BOUND_BYTES)
  if (keyDeadlines !== null) {
    more.writeUIntBE(keyDeadlines.length, BOUND_BYTES, 3)
    more.set(keyDeadlines, BOUND_BYTES + 3)
  }
  return more
}

type More = Pick<StoredRecord, 'boundAt' | 'keyDeadlines'> & { readonly seal: Seal | null; readonly bytes: number }

const NO_MORE: More = { boundAt: null, keyDeadlines: null, seal: null, bytes: 0 }

const unpackMore = (packed: Buffer): More => {
  const flags = packed[1] as number
  const bound = packed.readUIntBE(RECORD_BYTES, BOUND_BYTES)
  const boundAt = bound === 0 ? null : bound
  let at = RECORD_BYTES + BOUND_BYTES
  let keyDeadlines: Buffer | null = null
  if (flags & HAS_KEY_DEADLINES) {
    const length = packed.readUIntBE(at, 3)
    at += 3 + length
    keyDeadlines = Buffer.from(packed.subarray(at - length, at))
  }
  if (!(flags & ENCRYPTED)) return { boundAt, keyDeadlines, seal: null, bytes: at - RECORD_BYTES }
  const { seal, bytes } = unpackSeal(packed.subarray(at))
  return { boundAt, keyDeadlines, seal, bytes: at + bytes - RECORD_BYTES }
}

/** The seal of a packed record; null if it is plain. */
export const sealOf = (packed: Buffer): Seal | null =>
  packed[0] === SECOND_VERSION && (packed[1] as number) & ENCRYPTED ? unpackMore(packed).seal : null

/** With `sealed` the record is an encrypted one, and its own subject is not written. */
export const packRecord = (record: Omit<StoredRecord, 'expiresAt'>, sealed: SealedSubject | null = null): Buffer => {
  const isFirst = record.boundAt === null && record.keyDeadlines === null && sealed === null
  const more = isFirst ? NOTHING : packMore(record)
  const seal = sealed === null ? NOTHING : packSeal(sealed.seal)
  const subjectAt = RECORD_BYTES + more.length + seal.length
  const subject = record.subject ?? ''
  const packed = Buffer.alloc(subjectAt + (sealed === null ? Buffer.byteLength(subject) : sealed.subject.length))
  packed[0] = isFirst ? LAYOUT_VERSION : SECOND_VERSION
  packed[1] =
    (record.idleUntilWritten ? IDLE_UNTIL_WRITTEN : 0) |
    (record.keyDeadlines === null ? 0 : HAS_KEY_DEADLINES) |
    (sealed === null ? 0 : ENCRYPTED)
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
  packed.set(more, RECORD_BYTES)
  packed.set(seal, RECORD_BYTES + more.length)
  if (sealed === null) packed.write(subject, subjectAt, 'utf8')
  else packed.set(sealed.subject, subjectAt)
  return packed
}

/** When a packed record must be over, in ms. */
export const absoluteEnd = (packed: Buffer): number => packed.readUIntBE(49, 6)

const subjectOf = (packed: Buffer, subjectAt: number, seal: Seal | null, open: OpenSubject | null): string | null => {
  if (seal === null) return packed.length > subjectAt ? packed.toString('utf8', subjectAt) : null
  if (open === null) throw new Error('A session is stored encrypted, and no keys are configured that could open it.')
  return open({ seal, subject: packed.subarray(subjectAt) }, packed.toString('base64url', 2, 14))
}

/** `open` gives the subjects of encrypted records. Without it one is refused. */
export const unpackRecord = (packed: Buffer, open: OpenSubject | null = null): StoredRecord => {
  const isSecond = packed[0] === SECOND_VERSION
  const least = RECORD_BYTES + (isSecond ? BOUND_BYTES : 0)
  if ((packed[0] !== LAYOUT_VERSION && !isSecond) || packed.length < least) {
    throw new Error(
      `A session is stored in layout ${packed[0]}, which this version does not know. Run the version that wrote it.`,
    )
  }
  const { boundAt, keyDeadlines, seal, bytes } = isSecond ? unpackMore(packed) : NO_MORE
  const subjectAt = RECORD_BYTES + bytes
  const lastSeenAt = packed.readUIntBE(43, 6)
  const endsAt = absoluteEnd(packed)
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
    idleUntilWritten: ((packed[1] as number) & IDLE_UNTIL_WRITTEN) !== 0,
    subject: subjectOf(packed, subjectAt, seal, open),
    boundAt,
    keyDeadlines,
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
