/**
 * What the scripts tell in a partition's channel, `cc:{p}:c`, big-endian:
 *
 *     offset  bytes  what
 *          0      1  version: 1
 *          1      1  kind: 1 changed, 2 ended, 3 revoked
 *          2      1  length of the name
 *          3      …  `<namespace>:<16 bytes of the UUID>`
 *
 *     changed:  11  the version before: tag (6) and revision (5)      ended:  1  reason: 1 deleted, 2 rotated,
 *               11  the version after                                            3 revoked, 4 idle, 5 lifetime
 *                1  flags; 1: with texts, 2: not all is told, 4: timed
 *                1  length of the writer's origin, and the origin
 *                2  how many keys were put, 2 how many removed
 *                …  for each key that was put: its length (2), the key, and with texts the text's length (4) and the text
 *                …  for each that was removed: its length (2), the key
 *                6  if timed: when it was done, in ms
 *
 * What is of another version is of a newer replica, and the session has to be read to know what happened.
 */
import { idText } from '../layout/partition.ts'
import type { Notice, SessionRef, WhyEnded } from '../port.ts'
import { readVersion } from './answers.ts'

const VERSION = 1
const REASONS: readonly WhyEnded[] = ['deleted', 'rotated', 'revoked', 'idle', 'lifetime']
const WITH_TEXTS = 1
const IN_PART = 2
const TIMED = 4

const createReader = (bytes: Buffer, start: number) => {
  let at = start
  const take = (length: number): Buffer => {
    at += length
    if (at > bytes.length) throw new RangeError('The message ends too soon.')
    return bytes.subarray(at - length, at)
  }
  const number = (length: number): number => take(length).readUIntBE(0, length)
  return { take, number, text: (lengthBytes: number): string => take(number(lengthBytes)).toString('utf8') }
}

const readChange = (ref: SessionRef, bytes: Buffer, start: number): Notice => {
  const { take, number, text } = createReader(bytes, start)
  const before = readVersion(take(11))
  const after = readVersion(take(11))
  const flags = number(1)
  const origin = text(1)
  const [puts, drops] = [number(2), number(2)]
  const set = new Map<string, string | null>()
  for (let i = 0; i < puts; i++) set.set(text(2), flags & WITH_TEXTS ? text(4) : null)
  const removed = Array.from({ length: drops }, () => text(2))
  return {
    kind: 'changed',
    ref,
    before,
    after,
    at: flags & TIMED ? number(6) : null,
    origin: origin === '' ? null : origin,
    set,
    removed,
    isWhole: (flags & IN_PART) === 0,
  }
}

/** What was told; undefined if it is of a version that is not known here. Throws if it ends too soon. */
export const readNotice = (bytes: Buffer): Notice | undefined => {
  if (bytes[0] !== VERSION) return undefined
  const end = 3 + (bytes[2] ?? 0)
  if (bytes.length < end) throw new RangeError('The message ends too soon.')
  const ref = { namespace: bytes.toString('latin1', 3, end - 17), id: idText(bytes.subarray(end - 16, end)) }
  if (bytes[1] === 1) return readChange(ref, bytes, end)
  if (bytes[1] === 3) return { kind: 'revoked', ref }
  const reason = REASONS[(bytes[end] ?? 0) - 1]
  return bytes[1] === 2 && reason !== undefined ? { kind: 'ended', ref, reason } : undefined
}
