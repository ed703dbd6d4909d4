/**
 * What was opened lately, beside what it was opened from: most reads find a session as it was, or with one other text, and to
 * compare bytes takes a fiftieth of opening them. What is remembered is in the memory of the process alone, and bounded.
 */
import { LRUCache } from 'lru-cache'
import type { SealedSubject } from '../layout/record.ts'
import type { Seal } from '../layout/seal.ts'
import type { SessionRef } from '../port.ts'

const MOST_BYTES = 16 * 1024 * 1024
/** About what an entry, and each of its texts, takes beside the bytes. */
const EACH_BYTES = 200

/** A record's seal and subject that were found to be right. */
type Record = { readonly sealed: SealedSubject; readonly life: string; readonly subject: string | null }
type Text = { readonly stored: Buffer; readonly text: string }

export type OpenedSession = { readonly record: Record; readonly texts: ReadonlyMap<string, Text> }

/** Whether this is what was opened before, byte for byte. */
export const isSameRecord = ({ sealed, life }: Record, other: SealedSubject, otherLife: string): boolean =>
  life === otherLife &&
  sealed.seal.kid === other.seal.kid &&
  sealed.seal.valueKeyId.equals(other.seal.valueKeyId) &&
  sealed.seal.placeMac.equals(other.seal.placeMac) &&
  sealed.seal.subjectMac.equals(other.seal.subjectMac) &&
  sealed.subject.equals(other.subject)

const sizeOf = ({ texts }: OpenedSession): number => {
  let size = EACH_BYTES
  for (const [key, { stored, text }] of texts) size += EACH_BYTES + key.length + stored.length + 2 * text.length
  return size
}

/** What is stored of a text under this key, if that is known; one text under one key and name has one form. */
export const knownForm = (
  session: OpenedSession | undefined,
  { kid, valueKeyId }: Pick<Seal, 'kid' | 'valueKeyId'>,
): ((name: string, text: string) => Buffer | null) => {
  const seal = session?.record.sealed.seal
  if (session === undefined || seal?.kid !== kid || !seal.valueKeyId.equals(valueKeyId)) return () => null
  return (name, text) => {
    const known = session.texts.get(name)
    return known?.text === text ? known.stored : null
  }
}

export const createOpenedTexts = () => {
  const sessions = new LRUCache<string, OpenedSession>({ maxSize: MOST_BYTES, sizeCalculation: sizeOf })
  const nameOf = ({ namespace, id }: SessionRef): string => `${namespace}:${id}`
  return {
    of: (ref: SessionRef): OpenedSession | undefined => sessions.get(nameOf(ref)),
    put(ref: SessionRef, opened: OpenedSession): void {
      sessions.set(nameOf(ref), opened)
    },
  }
}

export type OpenedTexts = ReturnType<typeof createOpenedTexts>
