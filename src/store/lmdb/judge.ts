/** The questions that every change of a session begins with. Pure, as are the decisions that build on it. */
import { deadline } from '../layout/clocks.ts'
import type { StoredRecord } from '../layout/record.ts'
import type { Credential, Gone, Missing, Refused, SessionRecord, Version } from '../port.ts'
import type { StoredLive } from './codec.ts'

/** What is stored now; a session or tombstone that is over is missing. */
export type Present = StoredLive | Gone | Missing

/** Draws so many random bytes and gives them as base64url. */
export type Draw = (bytes: number) => string

export const LIFE_BYTES = 12
export const GEN_BYTES = 12
export const TAG_BYTES = 6

/**
 * Why a credential may not act on what is stored, or null if it may. An API key (null) may act on anything. A token or
 * cookie may act only on the life that it names, and is told what has become of that life.
 */
export const refusal = (present: Present, credential: Credential): Missing | Gone | Refused | null => {
  if (credential === null) return null
  if (present.state === 'missing') return present
  if (present.state === 'gone') {
    return present.life === credential.life ? present : { state: 'refused', why: 'life' }
  }
  if (present.record.life !== credential.life) return { state: 'refused', why: 'life' }
  return present.record.gen === credential.gen ? null : { state: 'refused', why: 'gen' }
}

const UNWRITTEN: Version = { revision: 0, tag: '' }

/** The version of a session's settings. What is unwritten or missing has revision 0 and no tag. */
export const versionOf = (record: SessionRecord | null): Version =>
  record === null || record.revision === 0 ? UNWRITTEN : { revision: record.revision, tag: record.tag }

/** The record after a use at `now`. */
export const slide = (record: StoredRecord, now: number): StoredRecord => ({
  ...record,
  lastSeenAt: now,
  expiresAt: deadline(now, record.idleTimeoutSeconds, record.endsAt),
})
