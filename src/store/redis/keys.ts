/**
 * The names of the keys in Redis, all of a partition under one hash tag. See store.ts for what each holds.
 */

import { idBytes, partitionOf, subjectPartition } from '../layout/partition.ts'
import type { SessionRef, SubjectRef } from '../port.ts'

export type SessionKeys = {
  readonly partition: string
  /** `<namespace>:<16 bytes>`, the session's name in the partition's sorted set. */
  readonly member: Buffer
  readonly session: Buffer
  readonly expiries: string
}

export const expiriesKey = (partition: string): string => `cc:{${partition}}:x`

/** The session's key from its member in the sorted set. */
export const sessionKey = (partition: string, member: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`cc:{${partition}}:s:`), member])

export const keysOf = (ref: SessionRef): SessionKeys => {
  const id = idBytes(ref.id)
  const partition = partitionOf(id)
  const member = Buffer.concat([Buffer.from(`${ref.namespace}:`), id])
  return { partition, member, session: sessionKey(partition, member), expiries: expiriesKey(partition) }
}

/** `hash` is 64 hex characters. */
export const handoffKey = (partition: string, namespace: string, hash: string): Buffer =>
  Buffer.concat([Buffer.from(`cc:{${partition}}:h:${namespace}:`), Buffer.from(hash, 'hex')])

/** A subject's list, in the subject's own partition. */
export const listKey = ({ namespace, subject }: SubjectRef): string =>
  `cc:{${subjectPartition(namespace, subject)}}:u:${namespace}:${subject}`

/** Those of a subject's sessions that count for its limit, beside its list. */
export const admissionsKey = ({ namespace, subject }: SubjectRef): string =>
  `cc:{${subjectPartition(namespace, subject)}}:a:${namespace}:${subject}`

/** Secrets that the replicas share, in a partition of their own. */
export const secretsKey = (collection: string): string => `cc:{keys}:${collection}`

export const outcomeKey = (partition: string, namespace: string, repeatKey: string): Buffer =>
  Buffer.concat([Buffer.from(`cc:{${partition}}:o:${namespace}:`), Buffer.from(repeatKey, 'hex')])

const byMac = (kind: 'v' | 'b', namespace: string, mac: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`cc:{${partitionOf(mac)}}:${kind}:${namespace}:`), mac])

/** How lists and admissions are named. */
export type ListNames = {
  readonly list: (ref: SubjectRef) => Buffer | string
  readonly admissions: (ref: SubjectRef) => Buffer | string
}

export const PLAIN_LISTS: ListNames = { list: listKey, admissions: admissionsKey }

/** Lists that name a subject by what stands for it, 32 bytes; they are where these bytes lead. */
export const sealedLists = (macOf: (namespace: string, subject: string) => Buffer): ListNames => ({
  list: ({ namespace, subject }) => byMac('v', namespace, macOf(namespace, subject)),
  admissions: ({ namespace, subject }) => byMac('b', namespace, macOf(namespace, subject)),
})
