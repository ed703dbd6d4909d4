/**
 * 256 partitions, `00` to `ff`. All data that one atomic step may touch is in one partition, so that it is on one node of
 * a Redis Cluster. A UUID's partition is part of stored data, so the way to compute it can't be changed: FNV-1a, 32 bits,
 * over the UUID's 16 bytes, and the result's four bytes XORed into one.
 */
import { createHash, randomUUID } from 'node:crypto'

/** The 16 bytes of a UUID in its hyphenated form. */
export const idBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex')

/** The lower-case hyphenated form of a UUID's 16 bytes. */
export const idText = (bytes: Buffer): string => {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The names of all partitions. */
export const PARTITIONS: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** The partition of a UUID's 16 bytes, as two hex digits. */
export const partitionOf = (bytes: Uint8Array): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < 16; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  return PARTITIONS[(hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff] as string
}

/** The partition of a subject's list. */
export const subjectPartition = (namespace: string, subject: string): string =>
  partitionOf(createHash('sha256').update(`${namespace}:${subject}`).digest())

/** Draws a random UUID (version 4), in the partition given or in any. 256 draws on average, well under a millisecond. */
export const drawId = (partition?: string): string => {
  for (;;) {
    const id = randomUUID()
    if (partition === undefined || partitionOf(idBytes(id)) === partition) return id
  }
}
