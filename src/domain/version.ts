/** ETags: of the whole settings `<revision>-<8 characters>`, `0` while unwritten; of one key a hash of its text. */
import { createHash } from 'node:crypto'
import type { SessionRecord, Version } from '../store/port.ts'

export const UNWRITTEN: Version = { revision: 0, tag: '' }

export const versionOf = (record: SessionRecord): Version =>
  record.revision === 0 ? UNWRITTEN : { revision: record.revision, tag: record.tag }

/** The opaque part of the settings' ETag, without its quotes. */
export const versionText = ({ revision, tag }: Version): string => (revision === 0 ? '0' : `${revision}-${tag}`)

const FORM = /^([1-9]\d{0,11})-([A-Za-z0-9_-]{8})$/

/** The version that an ETag of settings names, or undefined if no settings ever had this ETag. */
export const parseVersion = (text: string): Version | undefined => {
  if (text === '0') return UNWRITTEN
  const match = FORM.exec(text)
  return match?.[2] === undefined ? undefined : { revision: Number(match[1]), tag: match[2] }
}

/** The opaque part of a key's ETag: 128 bits of the SHA-256 of its JSON text. */
export const keyVersion = (text: string): string =>
  createHash('sha256').update(text).digest().toString('base64url', 0, 16)
