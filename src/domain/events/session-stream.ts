/**
 * What one reader is told of one session: delivery by state, not by log. The reader holds a version of the settings. What
 * is told from the store is passed on if it begins at that version; where it does not, and whenever something may have been
 * missed, the session is read again, and the reader gets a snapshot if it holds another version.
 *
 * Every 15 s the stream looks at its session all the same. That one look keeps proxies from closing the connection, judges
 * the credential, tells of an end that is near, and repairs whatever was missed in any other way.
 */
import { CoatcheckError } from '../../errors.ts'
import type { Notice, SessionRecord, Settings, Store, Version, WhyEnded } from '../../store/port.ts'
import { maySee, mayUse, visibleTo } from '../credentials/access.ts'
import { type Caller, refOf } from '../credentials/caller.ts'
import { UNWRITTEN, versionOf, versionText } from '../etag.ts'
import type { Look } from '../sessions/look.ts'
import { judged } from '../store-refusals.ts'
import type { Told, Watch } from './watch.ts'

export type StreamEvent =
  | { readonly event: 'snapshot'; readonly etag: string; readonly revision: number; readonly settings: Settings }
  | {
      readonly event: 'change'
      readonly etag: string
      readonly revision: number
      readonly set: Settings
      readonly removed: readonly string[]
      readonly origin: string | null
    }
  /** A change of which the reader may see nothing. */
  | { readonly event: 'moved'; readonly etag: string }
  /** Nothing happened. */
  | { readonly event: 'quiet' }
  | { readonly event: 'expiring'; readonly expiresAt: number }
  | { readonly event: 'ended'; readonly reason: WhyEnded }
  | { readonly event: 'renew'; readonly expiresAt: number }
  | { readonly event: 'unauthorized'; readonly reason: 'expired' | 'revoked' }

export type StreamRequest = {
  readonly caller: Caller
  readonly id: string
  /** The ETag that the reader holds, without quotes. */
  readonly lastEventId: string | null
  readonly exceptOrigin: string | null
  /** Whether watching is use of the session. */
  readonly touches: boolean
  /** Asks whether the credential is still taken, apart from its session; it rejects if not. Null where nothing can change. */
  readonly recheck: (() => Promise<unknown>) | null
  readonly send: (event: StreamEvent) => void
  /** Called once, after the last event. */
  readonly end: () => void
}

export type SessionStream = { close(): void }

/** About how long after a reading that failed the next is tried. */
const AGAIN_MS = 1000
const RENEW_BEFORE_MS = 30_000
/** How much later than an instant a look comes that is to find it passed. */
const AFTER_MS = 50
/** More than this is not kept while the session is being read: it is then read again. */
const MAX_KEPT = 1000

const isSame = (a: Version, b: Version): boolean => a.revision === b.revision && a.tag === b.tag

export const createSessionStreams = ({
  store,
  look: lookAt,
  watch,
  expiringMs,
  lookMs,
}: {
  store: Store
  look: Look
  watch: Watch
  /** How long before its end a session is told to be ending. */
  expiringMs: number
  /** How often a stream looks at its session at least. */
  lookMs: number
}) => {
  /** Begins to watch. Throws StoreUnavailable; what stands between caller and session is for the caller to ask before. */
  const open = async (request: StreamRequest): Promise<SessionStream> => {
    const { caller, id, exceptOrigin, send } = request
    const ref = refOf(caller, id)
    /** What the reader holds; null as long as it got nothing, and nothing it said is still true. */
    let held: Version | null = null
    let record: SessionRecord | null = null
    let expiringSaid = 0
    let renewSaid = false
    let closed = false
    /** What is told while the session is being read; null while it is not. */
    let kept: Told[] | null = []
    let readAgain = false
    let resyncIsDue = false
    let leave = (): void => {}
    let timer: NodeJS.Timeout | undefined
    let again: NodeJS.Timeout | undefined

    const close = (): void => {
      if (closed) return
      closed = true
      clearTimeout(timer)
      clearTimeout(again)
      leave()
    }

    const finish = (event: StreamEvent): void => {
      if (closed) return
      send(event)
      close()
      request.end()
    }

    /** Whether this stream keeps the session in use: then only its absolute end can come near. */
    const keepsInUse = request.touches && mayUse(caller)

    const sees = (key: string): boolean => maySee(caller, key, 'events')

    /** The version that the reader says it holds, if it is the present one. */
    const resumes = (version: Version): boolean =>
      held === null && request.lastEventId !== null && request.lastEventId === versionText(version, caller)

    const snapshot = (version: Version, settings: Settings): void => {
      const isNew = held === null ? !resumes(version) : !isSame(held, version)
      held = version
      if (isNew) {
        const { revision } = version
        send({
          event: 'snapshot',
          etag: versionText(version, caller),
          revision,
          settings: visibleTo(caller, settings, 'events'),
        })
      }
    }

    /** Passes a change on that begins at what the reader holds. */
    const pass = (notice: Extract<Notice, { kind: 'changed' }>, settings: Settings | null): void => {
      held = notice.after
      const etag = versionText(notice.after, caller)
      const set = new Map<string, string>()
      for (const [key, text] of notice.set) {
        const now = text ?? settings?.get(key)
        if (sees(key) && now !== undefined) set.set(key, now)
      }
      const removed = notice.removed.filter(sees)
      const isEcho = exceptOrigin !== null && notice.origin === exceptOrigin
      if (isEcho || (set.size === 0 && removed.length === 0)) send({ event: 'moved', etag })
      else send({ event: 'change', etag, revision: notice.after.revision, set, removed, origin: notice.origin })
      // A session has begun whose clocks are not known here.
      if (record === null) watch.soon(look)
    }

    /** What is in force of a look: tells what it found; false if the stream has ended. */
    const judge = async (): Promise<boolean> => {
      try {
        await request.recheck?.()
      } catch (error) {
        if (!(error instanceof CoatcheckError)) throw error
        const isOver = caller.kind === 'session' && caller.expiresAt <= store.now()
        finish({ event: 'unauthorized', reason: isOver ? 'expired' : 'revoked' })
        return false
      }
      const looked = request.touches ? await lookAt(caller, id, true) : judged(await watch.read(ref), caller)
      if (closed) return false
      const now = store.now()
      if (looked.state === 'gone') finish({ event: 'ended', reason: looked.reason })
      else if (looked.state === 'refused' && looked.why === 'gen') finish({ event: 'unauthorized', reason: 'revoked' })
      else if (looked.state !== 'live' && record !== null) {
        finish({ event: 'ended', reason: record.endsAt <= now + AFTER_MS ? 'lifetime' : 'idle' })
      } else if (looked.state === 'refused') finish({ event: 'unauthorized', reason: 'expired' })
      else if (looked.state === 'missing') {
        if (caller.kind === 'session') finish({ event: 'unauthorized', reason: 'expired' })
        else snapshot(UNWRITTEN, new Map())
      } else {
        record = looked.record
        snapshot(versionOf(record), looked.settings)
      }
      return !closed
    }

    /** Tells of ends that are near: the session's and the credential's. */
    const warn = (): void => {
      const now = store.now()
      if (caller.kind === 'session') {
        if (caller.expiresAt <= now) {
          finish({ event: 'unauthorized', reason: 'expired' })
          return
        }
        if (!renewSaid && caller.expiresAt - RENEW_BEFORE_MS <= now) {
          renewSaid = true
          send({ event: 'renew', expiresAt: caller.expiresAt })
        }
      }
      if (record === null || (keepsInUse && record.expiresAt < record.endsAt)) return
      if (record.expiresAt - expiringMs <= now && expiringSaid !== record.expiresAt) {
        expiringSaid = record.expiresAt
        send({ event: 'expiring', expiresAt: record.expiresAt })
      }
    }

    /** The next instant at which there is something to tell or to find out, at most 15 s from now. */
    const schedule = (): void => {
      if (closed) return
      const now = store.now()
      const instants: number[] = []
      if (caller.kind === 'session') {
        if (!renewSaid) instants.push(caller.expiresAt - RENEW_BEFORE_MS)
        instants.push(caller.expiresAt)
      }
      if (record !== null) {
        if (expiringSaid !== record.expiresAt) instants.push(record.expiresAt - expiringMs)
        instants.push(record.expiresAt)
        // Well before the end that a look is to put off.
        if (keepsInUse) instants.push((now + record.expiresAt) / 2)
      }
      // What has passed and could not be looked at, as the store is away, waits for the next look.
      const waits = instants.filter((instant) => instant > now).map((instant) => instant + AFTER_MS - now)
      clearTimeout(timer)
      timer = setTimeout(() => watch.soon(look), Math.min(lookMs * (0.9 + Math.random() / 10), ...waits))
      timer.unref()
    }

    /** What was told meanwhile, from where it goes on from what is held. */
    const passKept = (): void => {
      const all = kept ?? []
      kept = null
      for (const told of all) take(told)
      if (readAgain && kept === null) {
        readAgain = false
        resyncSoon()
      }
    }

    const sync = async (): Promise<void> => {
      kept ??= []
      do {
        readAgain = false
        if (!(await judge())) return
        const stale: readonly Told[] = kept ?? []
        // What is told of states before the one that was read is over; what goes on from it is passed on.
        const at = stale.findIndex(
          ({ notice }) => notice.kind === 'changed' && held !== null && isSame(notice.before, held),
        )
        const last = stale[stale.length - 1]?.notice
        const isThere = last?.kind === 'changed' && held !== null && isSame(last.after, held)
        if (at >= 0) kept = stale.slice(at)
        else {
          const others = stale.filter(({ notice }) => notice.kind !== 'changed')
          kept = others
          if (!isThere && others.length < stale.length) readAgain = true
        }
      } while (readAgain && !closed)
      passKept()
    }

    const resync = async (): Promise<void> => {
      if (closed) return
      if (kept !== null) {
        readAgain = true
        return
      }
      try {
        await sync()
      } catch {
        // The store is away: what there is to tell is told when it is back.
        kept = null
        if (closed) return
        clearTimeout(again)
        again = setTimeout(() => resyncSoon(), AGAIN_MS * (0.5 + Math.random()))
        again.unref()
      }
    }

    /** Once, however many notices ask for it before it begins. */
    const resyncSoon = (): void => {
      if (resyncIsDue) return
      resyncIsDue = true
      watch.soon(() => {
        resyncIsDue = false
        return resync()
      })
    }

    const look = async (): Promise<void> => {
      if (closed) return
      await resync()
      if (closed) return
      warn()
      if (closed) return
      send({ event: 'quiet' })
      schedule()
    }

    const take = (told: Told): void => {
      if (closed) return
      if (kept !== null) {
        if (kept.length < MAX_KEPT) kept.push(told)
        else readAgain = true
        return
      }
      const { notice } = told
      if (notice.kind === 'ended') {
        finish({ event: 'ended', reason: notice.reason })
        return
      }
      if (notice.kind === 'revoked') {
        if (caller.kind === 'session') resyncSoon()
        return
      }
      if (held !== null && isSame(notice.after, held)) return
      if (held === null || !isSame(notice.before, held) || !notice.isWhole) {
        resyncSoon()
        return
      }
      const needsTexts = [...notice.set].some(([key, text]) => text === null && sees(key))
      if (!needsTexts) {
        pass(notice, null)
        return
      }
      kept = []
      told
        .read()
        .then((found) => {
          if (closed) return
          // Somebody wrote again meanwhile: then there is more to tell than this.
          if (found.state === 'live' && isSame(versionOf(found.record), notice.after)) pass(notice, found.settings)
          else resyncSoon()
        })
        .catch(() => resyncSoon())
        .finally(passKept)
    }

    leave = await watch.session(ref, { told: take, lapsed: resyncSoon })
    try {
      await sync()
    } catch (error) {
      close()
      throw error
    }
    if (!closed) {
      warn()
      schedule()
    }
    return { close }
  }

  return { open }
}

export type SessionStreams = ReturnType<typeof createSessionStreams>
