/**
 * ETags. Of the whole settings `<revision>-<8 characters>`, `0` while unwritten; a credential that sees only some keys has
 * a form of its own, `…~<hash of its read rule>`, and can send back no other. Of one key a hash of its text.
 */
import { createHash } from 'node:crypto'
import type { SessionRecord, Version } from '../store/port.ts'
import type { Caller } from './credentials/caller.ts'
import { allowsAll, ruleHash } from './credentials/key-rule.ts'

export const UNWRITTEN: Version = { revision: 0, tag: '' }

export const versionOf = (record: SessionRecord): Version =>
  record.revision === 0 ? UNWRITTEN : { revision: record.revision, tag: record.tag }

/** How the ETag of a credential with a narrow read rule ends; one that reads every key has no ending. */
const suffixFor = (caller: Caller): string => (allowsAll(caller.keys.read) ? '' : `~${ruleHash(caller.keys.read)}`)

/** The opaque part of the settings' ETag as this caller sees it, without its quotes. */
export const versionText = ({ revision, tag }: Version, caller: Caller): string =>
  revision === 0 ? '0' : `${revision}-${tag}${suffixFor(caller)}`

const FORM = /^([1-9]\d{0,11})-([A-Za-z0-9_-]{8})$/

/** The version that an ETag of settings names, or undefined if this caller was never shown it. */
export const parseVersion = (text: string, caller: Caller): Version | undefined => {
  if (text === '0') return UNWRITTEN
  const suffix = suffixFor(caller)
  if (!text.endsWith(suffix)) return undefined
  const match = FORM.exec(text.slice(0, text.length - suffix.length))
  return match?.[2] === undefined ? undefined : { revision: Number(match[1]), tag: match[2] }
}

/** The opaque part of a key's ETag: 128 bits of the SHA-256 of its JSON text. */
export const keyVersion = (text: string): string =>
  createHash('sha256').update(text).digest().toString('base64url', 0, 16)
