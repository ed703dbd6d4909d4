/**
 * What a reader of a session is told of its settings: delivery by state, not by log. The reader holds one version. A notice
 * that goes on from this version becomes a `change`. Where a notice does not, or where notices may have been missed, the
 * session must be read; if the reading shows another version, the reader gets a `snapshot`.
 *
 * While the session is being read, notices are kept. The reading shows some version, and the kept notices go on from there,
 * unless some are missing: then the session must be read once more.
 *
 * Everything here is pure. Each function takes what is known of the reader and answers a step: what is known after it, what
 * the reader is told, and whether a reading must begin now. Only one reading is under way at a time.
 */
import type { Notice, SessionRecord, Settings, Version } from '../../store/port.ts'
import { maySee, visibleTo } from '../credentials/access.ts'
import type { Caller } from '../credentials/caller.ts'
import { versionText } from '../etag.ts'
import type { EndedEvent, VersionEvent } from './stream-event.ts'

export type Change = Extract<Notice, { readonly kind: 'changed' }>

export type VersionReader = {
  readonly caller: Caller
  /** The ETag that the reader says it holds, without quotes. */
  readonly lastEventId: string | null
  /** The reader is not shown the changes of this origin. */
  readonly exceptOrigin: string | null
}

export type Followed = {
  /** The version that the reader holds; null before the first reading. */
  readonly held: Version | null
  /** The changes that wait for the reading under way, in the order in which they were told; null if none is under way. */
  readonly kept: readonly Change[] | null
  /** How many of these were told before the reading was asked for: it shows them, or what came after them. */
  readonly shownCount: number
  /** Whether the session must be read again after the reading under way. */
  readonly isStale: boolean
}

export type Step = {
  readonly next: Followed
  readonly events: readonly (VersionEvent | EndedEvent)[]
  readonly mustRead: boolean
}

/** What a reading shows of the settings. */
export type Reading = { readonly version: Version; readonly settings: Settings; readonly record: SessionRecord | null }

/** At the beginning the first reading is under way. */
export const FIRST_READING: Followed = { held: null, kept: [], shownCount: 0, isStale: false }

/** More changes than this are not kept: the session is read again instead. */
const MAX_KEPT = 1000

const isSame = (a: Version, b: Version | null): boolean => a.revision === b?.revision && a.tag === b.tag

const isEcho = ({ exceptOrigin }: VersionReader, { origin }: Change): boolean =>
  exceptOrigin !== null && origin === exceptOrigin

/**
 * A change as this reader is told it. Notices leave long texts out; `texts` are the settings right after this change, if
 * they are known. Undefined if a text is unknown that the reader must be told.
 */
const changeEvent = (reader: VersionReader, change: Change, texts: Settings | null): VersionEvent | undefined => {
  const etag = versionText(change.after, reader.caller)
  if (!change.isWhole) return undefined
  if (isEcho(reader, change)) return { event: 'moved', etag }
  const sees = (key: string): boolean => maySee(reader.caller, key, 'events')
  const set = new Map<string, string>()
  for (const [key, told] of change.set) {
    if (!sees(key)) continue
    const text = told ?? texts?.get(key)
    if (text === undefined) return undefined
    set.set(key, text)
  }
  const removed = change.removed.filter(sees)
  if (set.size === 0 && removed.length === 0) return { event: 'moved', etag }
  return { event: 'change', etag, revision: change.after.revision, set, removed, origin: change.origin }
}

/**
 * Tells the changes that go on from `held` one after another. Stops at the first that does not go on from there, or of
 * which a text is unknown; `rest` begins with it.
 */
const tellChanges = (
  reader: VersionReader,
  held: Version,
  changes: readonly Change[],
  reading: Pick<Reading, 'version' | 'settings'> | null,
): { held: Version; events: VersionEvent[]; rest: readonly Change[] } => {
  const events: VersionEvent[] = []
  for (const [n, change] of changes.entries()) {
    // The settings that were read are those after this change only if the reading shows its version.
    const texts = reading !== null && isSame(change.after, reading.version) ? reading.settings : null
    const event = isSame(change.before, held) ? changeEvent(reader, change, texts) : undefined
    if (event === undefined) return { held, events, rest: changes.slice(n) }
    events.push(event)
    held = change.after
  }
  return { held, events, rest: [] }
}

/** The reader holds this version. Unless all changes could be told, a reading must begin. */
const afterChanges = (held: Version, events: VersionEvent[], rest: readonly Change[], isStale: boolean): Step => {
  const mustRead = isStale || rest.length > 0
  return { next: { held, kept: mustRead ? rest : null, shownCount: rest.length, isStale: false }, events, mustRead }
}

/** Something may have been missed. */
export const afterGap = (known: Followed): Step =>
  known.kept === null
    ? { next: { ...known, kept: [], shownCount: 0 }, events: [], mustRead: true }
    : { next: { ...known, isStale: true }, events: [], mustRead: false }

const afterChange = (reader: VersionReader, known: Followed, change: Change, maxKept: number): Step => {
  const { held, kept } = known
  if (kept !== null) {
    if (kept.length >= maxKept) return afterGap(known)
    return { next: { ...known, kept: [...kept, change] }, events: [], mustRead: false }
  }
  // Told late: a reading has shown it before.
  if (isSame(change.after, held)) return { next: known, events: [], mustRead: false }
  if (held === null) return afterGap(known)
  const told = tellChanges(reader, held, [change], null)
  return afterChanges(told.held, told.events, told.rest, false)
}

/** The store told of something. */
export const afterNotice = (
  reader: VersionReader,
  known: Followed,
  notice: Notice,
  { maxKept = MAX_KEPT }: { readonly maxKept?: number } = {},
): Step => {
  switch (notice.kind) {
    case 'changed':
      return afterChange(reader, known, notice, maxKept)
    case 'ended':
      // Before the first reading nobody knows whose end it is: another session may have begun under the id.
      if (known.held === null) return afterGap(known)
      return { next: known, events: [{ event: 'ended', reason: notice.reason }], mustRead: false }
    case 'revoked':
      // Only a reading tells whether it speaks of this reader's credential. An API key is not revoked by it.
      return reader.caller.kind === 'session' ? afterGap(known) : { next: known, events: [], mustRead: false }
  }
}

/** The reading under way has shown the session. */
export const afterReading = (reader: VersionReader, known: Followed, { version, settings }: Reading): Step => {
  const kept = known.kept ?? []
  const events: VersionEvent[] = []
  const count = kept.findLastIndex(({ after }) => isSame(after, version)) + 1
  let { held } = known
  if (held !== null) {
    const told = tellChanges(reader, held, kept.slice(0, count), { version, settings })
    events.push(...told.events)
    held = told.held
  }
  const etag = versionText(version, reader.caller)
  const isHeld = isSame(version, held) || (held === null && reader.lastEventId === etag)
  if (!isHeld) {
    const visible = visibleTo(reader.caller, settings, 'events')
    events.push({ event: 'snapshot', etag, revision: version.revision, settings: visible })
  }
  const later = tellChanges(reader, version, kept.slice(Math.max(count, known.shownCount)), null)
  return afterChanges(later.held, [...events, ...later.events], later.rest, known.isStale)
}

/** The reading under way has failed. Whoever asked for it asks for the next by `afterGap`. */
export const afterFailure = (known: Followed): Followed => ({ ...known, kept: null, shownCount: 0, isStale: false })

/** Whether the reader holds settings of a session that has begun, and no reading is under way. */
export const holdsSettings = ({ held, kept }: Followed): boolean => kept === null && held !== null && held.revision > 0
