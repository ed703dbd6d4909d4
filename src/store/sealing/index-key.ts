/**
 * The index key: it stands for subjects where they have to be found and compared without being read. It is drawn once and
 * never changes, or no list would be found again. It is kept among the shared secrets, wrapped under each master key, by kid.
 *
 * It is the canary as well. A store that has encrypted records and no index key, or none that the configured keys unwrap, has
 * lost its key, and then none is ever made anew.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { COPY_COLLECTION } from '../copy-mark.ts'
import { CannotOpen, open, seal } from './cipher.ts'
import { type MasterKeys, VALUE_KEY_ID_BYTES } from './master-keys.ts'

export const INDEX_KEYS = 'index-keys'
/** What is no secret, or wrapped by itself. */
export const isInClear = (collection: string): boolean => collection === INDEX_KEYS || collection === COPY_COLLECTION

export const NO_SUBJECT = Buffer.alloc(32)
const KEY_BYTES = 32

export const drawIndexKey = (): Buffer => randomBytes(KEY_BYTES)

/** The text that is kept under a kid. */
export const wrapIndexKey = (keys: MasterKeys, kid: string, indexKey: Buffer): string => {
  const id = randomBytes(VALUE_KEY_ID_BYTES)
  const sealed = seal(keys.valueKey(kid, id), 'indexKey', kid, indexKey.toString('base64url'))
  return Buffer.concat([id, sealed]).toString('base64url')
}

const unwrap = (keys: MasterKeys, kid: string, text: string): Buffer => {
  const bytes = Buffer.from(text, 'base64url')
  const id = bytes.subarray(0, VALUE_KEY_ID_BYTES)
  return Buffer.from(open(keys.valueKey(kid, id), 'indexKey', kid, bytes.subarray(VALUE_KEY_ID_BYTES)), 'base64url')
}

export type FoundIndexKey =
  /** `lacking`: the configured kids under which it is not yet kept. */
  | { readonly state: 'found'; readonly indexKey: Buffer; readonly lacking: readonly string[] }
  | { readonly state: 'none' }

/**
 * The index key of what is kept, by kid. Throws CannotOpen if there are wrapped keys and none is under a configured kid, if one
 * does not open, or if they are not all the same key.
 */
export const findIndexKey = (keys: MasterKeys, kept: ReadonlyMap<string, string>): FoundIndexKey => {
  if (kept.size === 0) return { state: 'none' }
  const there = keys.kids.filter((kid) => kept.has(kid))
  if (there.length === 0) {
    throw new CannotOpen(
      `The store is encrypted under ${[...kept.keys()].sort().join(', ')}, none of which is configured.`,
    )
  }
  const found = there.map((kid) => unwrap(keys, kid, kept.get(kid) as string))
  const [indexKey] = found as [Buffer]
  if (indexKey.length !== KEY_BYTES || found.some((one) => !one.equals(indexKey))) {
    throw new CannotOpen('The index keys that are kept under several keys are not the same one.')
  }
  return { state: 'found', indexKey, lacking: keys.kids.filter((kid) => !kept.has(kid)) }
}

/** What stands for a subject of a namespace, 32 bytes. */
export const subjectMac = (indexKey: Buffer, namespace: string, subject: string): Buffer =>
  createHmac('sha256', indexKey).update(`${namespace}\0${subject}`).digest()
