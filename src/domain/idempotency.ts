/**
 * `Idempotency-Key`: the same key, sent again with the same call, gets the outcome of the first. A key belongs to the
 * credential that sent it and to the session the call names; a create that names none is found by the key alone.
 */
import { createHash } from 'node:crypto'
import { partitionOf } from '../store/layout/partition.ts'
import type { Repeat } from '../store/port.ts'
import type { Caller } from './credentials/caller.ts'

export type Repeatable = {
  readonly idempotencyKey: string
  /** 32 hex characters over method, path, preconditions and body. */
  readonly fingerprint: string
}

const hash = (...parts: readonly string[]): Buffer => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(`${Buffer.byteLength(part)}:${part}`)
  return digest.digest().subarray(0, 16)
}

/** 32 hex characters over any texts, each told from the next. */
export const fingerprint = (...parts: readonly string[]): string => hash(...parts).toString('hex')

/** What the store looks an outcome up by. `id` is the session that the caller named, if any. */
export const repeatOf = (caller: Caller, id: string | undefined, call: Repeatable | undefined): Repeat | undefined =>
  call === undefined
    ? undefined
    : {
        key: hash(caller.credentialId, call.idempotencyKey, id ?? '').toString('hex'),
        fingerprint: call.fingerprint,
      }

/** The partition in which a create that names no id draws it, so that a repeat finds its outcome there. */
export const partitionFor = (repeat: Repeat): string => partitionOf(Buffer.from(repeat.key, 'hex'))
