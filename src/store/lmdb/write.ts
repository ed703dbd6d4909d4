/**
 * Decides one write of settings: from the session that is stored to the answer and the session to store. It is pure: time
 * and random values are arguments. `redis/lua/write.lua` is its twin and takes the same steps in the same order.
 */
import { deadline, touchIsDue } from '../layout/clocks.ts'
import type { StoredRecord } from '../layout/record.ts'
import type { Expectation, Notice, Precondition, Settings, Version, Write, WriteOutcome, Written } from '../port.ts'
import type { StoredLive } from './codec.ts'
import { type Draw, GEN_BYTES, LIFE_BYTES, type Present, refusal, slide, TAG_BYTES, versionOf } from './judge.ts'

/** What is kept of a write for its repeats. */
export type Kept = Omit<Written, 'state' | 'repeated' | 'live'> & { readonly fingerprint: string }

export type Decision = {
  readonly outcome: WriteOutcome
  /** The session to store; null if it stays as it is. */
  readonly next: StoredLive | null
  /** The outcome to keep for repeats; null if there is nothing to keep. */
  readonly keep: Kept | null
  /** Whether this puts something new, and so needs room. */
  readonly grows: boolean
  /** What changed of the settings; null if nothing did. */
  readonly changed: Changed | null
}

export type Changed = Omit<Extract<Notice, { kind: 'changed' }>, 'kind' | 'ref' | 'at'>

/** A record's tag until its settings are written. No version shows it. */
const NO_TAG = 'A'.repeat(8)
const NO_SETTINGS: Settings = new Map()

/** `id` is the session's. `kept` is the outcome kept under the write's `repeat`, null if there is none any more. */
export const decideWrite = (
  id: string,
  present: Present,
  write: Write,
  kept: Kept | null,
  now: number,
  draw: Draw,
): Decision => {
  const refused = refusal(present, write.credential)
  if (refused !== null) return nothing(refused)
  if (kept !== null) return nothing(repeated(kept, write))
  if (present.state === 'gone') return nothing(present)
  if (present.state === 'missing' && write.create === 'never') return nothing(present)
  if (present.state === 'live' && write.create === 'must-be-missing') return nothing({ state: 'exists' })

  const before = present.state === 'live' ? present : { record: null, settings: NO_SETTINGS }
  const version = versionOf(before.record)
  if (!holds(write.precondition, version)) return nothing({ state: 'conflict', version })
  if (!meets(write.expect, before.settings)) return nothing(mismatch(write.expect, before.settings))

  const edit = editSettings(before.settings, write)
  const size = (before.record?.size ?? 0) + edit.growth
  // If a limit was lowered, settings over it may still shrink or stay as they are.
  if (edit.growth > 0 && size > write.limits.bytes) return nothing({ state: 'limit', limit: 'bytes' })
  if (edit.after.size > Math.max(write.limits.keys, before.settings.size)) {
    return nothing({ state: 'limit', limit: 'keys' })
  }

  const created = before.record === null
  const isUnwritten = version.revision === 0
  const changed = (write.writes && isUnwritten) || edit.differs
  const began = changed && isUnwritten
  const record = advance(before.record ?? begin(write, now, draw), { write, now, size, changed, draw })
  const next: StoredLive = { state: 'live', record, settings: edit.after }
  const answer = {
    id,
    version: versionOf(record),
    changed,
    began,
    added: edit.added,
    taken: write.take === undefined ? null : (before.settings.get(write.take) ?? null),
    result: write.result ?? null,
  }
  return {
    outcome: { state: 'written', ...answer, repeated: false, live: write.readBack ? next : null },
    next: record === before.record ? null : next,
    keep: write.repeat && (changed || created) ? { ...answer, fingerprint: write.repeat.fingerprint } : null,
    grows: created || edit.set.size > 0,
    changed: changed
      ? {
          before: version,
          after: versionOf(record),
          origin: write.origin ?? null,
          set: edit.set,
          removed: edit.removed,
          isWhole: true,
        }
      : null,
  }
}

const nothing = (outcome: WriteOutcome): Decision => ({
  outcome,
  next: null,
  keep: null,
  grows: false,
  changed: null,
})

const repeated = ({ fingerprint, ...answer }: Kept, write: Write): WriteOutcome =>
  fingerprint === write.repeat?.fingerprint
    ? { state: 'written', ...answer, repeated: true, live: null }
    : { state: 'reused' }

/** RFC 9110 §13.1, but that `*` asks whether the settings were ever written. */
const holds = (precondition: Precondition | undefined, version: Version): boolean => {
  const isAmong = (asked: '*' | readonly Version[]): boolean =>
    asked === '*'
      ? version.revision > 0
      : asked.some(({ revision, tag }) => revision === version.revision && tag === version.tag)
  const { ifMatch, ifNoneMatch } = precondition ?? {}
  return (ifMatch === undefined || isAmong(ifMatch)) && (ifNoneMatch === undefined || !isAmong(ifNoneMatch))
}

const meets = (expect: Write['expect'], settings: Settings): boolean => {
  for (const [key, expected] of expect ?? []) if (!isMet(expected, settings.get(key))) return false
  return true
}

const isMet = (expected: Expectation, text: string | undefined): boolean => {
  if (expected === null) return text === undefined
  return expected === 'present' ? text !== undefined : text === expected.text
}

const mismatch = (expect: Write['expect'], settings: Settings): WriteOutcome => ({
  state: 'mismatch',
  texts: new Map([...(expect?.keys() ?? [])].map((key) => [key, settings.get(key) ?? null])),
})

type Edit = {
  readonly after: Settings
  /** Whether any text is another than before, or new, or gone. */
  readonly differs: boolean
  /** The texts that are new or have changed. */
  readonly set: Settings
  /** The keys that are gone. */
  readonly removed: readonly string[]
  /** How many keys were not there before. */
  readonly added: number
  /** How many bytes of keys and texts were added; negative if the settings shrank. */
  readonly growth: number
}

/** Removes and puts. A key that is named for both is put. */
const editSettings = (before: Settings, { set, remove = [], replace }: Write): Edit => {
  const leaving = [...(replace ? before.keys() : remove)].filter((key) => !set?.has(key))
  // A key that stays keeps its place among the others.
  const after = new Map(before)
  for (const key of leaving) after.delete(key)
  for (const [key, text] of set ?? []) after.set(key, text)

  const texts = new Map<string, string>()
  const removed: string[] = []
  let [differs, added, growth] = [false, 0, 0]
  const touched = new Set([...leaving, ...(set?.keys() ?? [])])
  for (const key of touched) {
    const old = before.get(key)
    const text = after.get(key)
    if (text === old) continue
    differs = true
    if (old !== undefined) growth -= weight(key, old)
    if (text === undefined) {
      removed.push(key)
      continue
    }
    texts.set(key, text)
    growth += weight(key, text)
    if (old === undefined) added += 1
  }
  return { after, differs, set: texts, removed, added, growth }
}

const weight = (key: string, text: string): number => Buffer.byteLength(key) + Buffer.byteLength(text)

/** The record of a session that begins now. */
export const begin = (
  {
    clocks,
    subject,
    keepsBoundAt,
    writes,
    idleUntilWrittenSeconds,
  }: Pick<Write, 'clocks' | 'subject' | 'keepsBoundAt' | 'writes' | 'idleUntilWrittenSeconds'>,
  now: number,
  draw: Draw,
): StoredRecord => {
  const isShort = !writes && idleUntilWrittenSeconds !== undefined
  const idleTimeoutSeconds = isShort ? idleUntilWrittenSeconds : clocks.idleTimeoutSeconds
  const endsAt = now + clocks.lifetimeSeconds * 1000
  return {
    life: draw(LIFE_BYTES),
    gen: draw(GEN_BYTES),
    revision: 0,
    tag: NO_TAG,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: deadline(now, idleTimeoutSeconds, endsAt),
    endsAt,
    idleTimeoutSeconds,
    idleUntilWritten: isShort,
    lifetimeSeconds: clocks.lifetimeSeconds,
    subject: subject ?? null,
    boundAt: keepsBoundAt ? now : null,
    keyDeadlines: null,
    size: 0,
  }
}

/** The record with the idle timeout that its first write gives it. Its deadline is set by the use that this write is. */
const settle = (record: StoredRecord, { idleTimeoutSeconds }: Write['clocks']): StoredRecord => ({
  ...record,
  idleTimeoutSeconds,
  idleUntilWritten: false,
})

type Step = { write: Write; now: number; size: number; changed: boolean; draw: Draw }

/** The record after the write; the same object if it does not change. */
const advance = (record: StoredRecord, { write, now, size, changed, draw }: Step): StoredRecord => {
  const settles = record.idleUntilWritten && changed && record.revision === 0
  const settled = settles ? settle(record, write.clocks) : record
  // The shorter idle timeout may have passed already: it counts from this write on.
  const used = settles || (write.use && touchIsDue(record, now)) ? slide(settled, now) : settled
  return changed ? { ...used, revision: record.revision + 1, tag: draw(TAG_BYTES), size } : used
}
