/** Opens a stored session, whatever store it is from; `memory` spares what was opened before. */
import { type StoredRecord, unpackRecord } from '../layout/record.ts'
import type { Seal } from '../layout/seal.ts'
import type { SessionRef, Settings } from '../port.ts'
import { open } from './cipher.ts'
import { isSameRecord, type OpenedSession, type OpenedTexts } from './opened-texts.ts'
import type { Sealing } from './sealing.ts'

/** The record, and its seal; null if it is plain. Throws CannotOpen. */
export const openRecord = (packed: Buffer, ref: SessionRef, sealing: Sealing, before?: OpenedSession) => {
  let opened: OpenedSession['record'] | null = null
  const record = unpackRecord(packed, (sealed, life) => {
    if (before && isSameRecord(before.record, sealed, life)) opened = before.record
    else {
      const subject = sealing.subjectOpener(ref)(sealed, life)
      opened = { sealed: { ...sealed, subject: Buffer.from(sealed.subject) }, life, subject }
    }
    return opened.subject
  })
  const found = opened as OpenedSession['record'] | null
  return { record, seal: found?.sealed.seal ?? null, opened: found }
}

export type OpenedLive = { readonly record: StoredRecord; readonly seal: Seal; readonly settings: Settings }

/** `texts` gives each settings key with what is stored under it. Null if the session is plain. Throws CannotOpen. */
export const openSession = (
  packed: Buffer,
  texts: () => Iterable<readonly [key: string, stored: Buffer]>,
  { ref, sealing, memory }: { ref: SessionRef; sealing: Sealing; memory: OpenedTexts | null },
): OpenedLive | null => {
  const before = memory?.of(ref)
  const { record, seal, opened } = openRecord(packed, ref, sealing, before)
  if (seal === null || opened === null) return null
  const known = opened === before?.record ? before.texts : null
  const valueKey = sealing.valueKeyOf(seal)
  const settings = new Map<string, string>()
  const all = new Map<string, { readonly stored: Buffer; readonly text: string }>()
  let isAsBefore = known !== null
  for (const [key, stored] of texts()) {
    let one = known?.get(key)
    if (!one?.stored.equals(stored)) {
      isAsBefore = false
      // A copy: what a store gives is a part of something larger, or is written over.
      one = { stored: Buffer.from(stored), text: open(valueKey, 'setting', key, stored) }
    }
    settings.set(key, one.text)
    all.set(key, one)
  }
  if (memory && (!isAsBefore || all.size !== known?.size)) memory.put(ref, { record: opened, texts: all })
  return { record, seal, settings }
}
