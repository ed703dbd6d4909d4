/**
 * Subjects' lists while a Redis is being encrypted: some name a subject in plain text, others by its HMAC. What is new goes to
 * the lists of its own replica's form; what is read or removed is so in both, until plain texts are refused.
 */
import type { Listed, SubjectRef } from '../port.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { sealedLists } from './keys.ts'
import type { Link } from './link.ts'
import type { ScriptRunner } from './script-runner.ts'
import { createSubjectLists, type SubjectLists } from './subject-lists.ts'

/** In front of a cursor of the other list. A list's own cursors have 30 characters. */
const OTHER = '-'
const CURSOR_LENGTH = 30

const isOther = (cursor: string | null): cursor is string =>
  cursor !== null && cursor.length !== CURSOR_LENGTH && cursor.startsWith(OTHER)

/** Each id once, with the later of its times. */
const merged = (entries: readonly Listed[]): Listed[] => {
  const byId = new Map<string, Listed>()
  for (const entry of entries) {
    const known = byId.get(entry.id)
    if (known === undefined || known.keepUntil < entry.keepUntil) byId.set(entry.id, entry)
  }
  return [...byId.values()]
}

const bothLists = (own: SubjectLists, other: SubjectLists): SubjectLists => {
  const readOther = async (ref: SubjectRef, after: string | null, limit: number) => {
    const { entries, next } = await other.listed(ref, { after, limit })
    return { entries, next: next === null ? null : OTHER + next }
  }

  return {
    list: own.list,
    admit: own.admit,

    async listed(ref, { after, limit }) {
      if (isOther(after)) return readOther(ref, after === OTHER ? null : after.slice(1), limit)
      const first = await own.listed(ref, { after, limit })
      if (first.next !== null) return first
      const left = limit - first.entries.length
      const second = await readOther(ref, null, Math.max(left, 1))
      if (left === 0) return { entries: first.entries, next: second.entries.length > 0 ? OTHER : null }
      return { entries: [...first.entries, ...second.entries], next: second.next }
    },

    async sampleListed(ref, count) {
      const found = await Promise.all([own.sampleListed(ref, count), other.sampleListed(ref, count)])
      return merged(found.flat()).slice(0, count)
    },

    async unlist(ref, ids) {
      await Promise.all([own.unlist(ref, ids), other.unlist(ref, ids)])
    },

    async admitted(ref) {
      const found = await Promise.all([own.admitted(ref), other.admitted(ref)])
      return merged(found.flat())
    },

    async dismiss(ref, ids) {
      await Promise.all([own.dismiss(ref, ids), other.dismiss(ref, ids)])
    },
  }
}

export const createSealedLists = (parts: { link: Link; run: ScriptRunner['run'] }, sealing: Sealing): SubjectLists => {
  const plain = createSubjectLists(parts)
  const sealed = createSubjectLists({ ...parts, names: sealedLists(sealing.macOf) })
  if (sealing.required) return sealed
  return sealing.encrypts ? bothLists(sealed, plain) : bothLists(plain, sealed)
}
