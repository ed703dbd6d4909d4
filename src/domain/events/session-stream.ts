/**
 * One reader's stream of one session. Nothing is decided here: `follow-version.ts` says what the reader is told of the
 * settings and when the session must be read, `judge-reading.ts` what a reading means for the stream, and
 * `stream-instants.ts` what time has it tell and when to look next. This file has the subscription, the timer and the queue.
 *
 * Every reading is a look at all of it: at the credential, at the session's clocks, and at whatever was missed. At least
 * one comes every 15 s. Where it has nothing to tell, it says so: the comment keeps proxies from closing the connection.
 */
import { CoatcheckError } from '../../errors.ts'
import type { Observe } from '../../observe.ts'
import type { Notice, SessionRecord, Store } from '../../store/port.ts'
import { mayUse } from '../credentials/access.ts'
import { type Caller, refOf } from '../credentials/caller.ts'
import { createLook } from '../sessions/look.ts'
import {
  afterFailure,
  afterGap,
  afterNotice,
  afterReading,
  FIRST_READING,
  type Followed,
  holdsSettings,
  type Step,
} from './follow-version.ts'
import { judgeReading, unauthorized } from './judge-reading.ts'
import type { StreamEvent } from './stream-event.ts'
import { atInstant, NOTHING_SAID, type Said } from './stream-instants.ts'
import type { Watch } from './watch.ts'

/** Whoever reads a stream, and may be slow. */
export type Reader = {
  /** Whether so much waits for it already that more is not to be added. */
  isBehind(): boolean
  /** Settles when it has caught up, or is gone. */
  caughtUp(): Promise<void>
}

export type StreamRequest = {
  readonly caller: Caller
  readonly id: string
  /** The ETag that the reader holds, without quotes. */
  readonly lastEventId: string | null
  readonly exceptOrigin: string | null
  /** Whether watching is use of the session. */
  readonly touches: boolean
  /** Asks whether the credential is still taken, apart from its session; rejects if not. Null where that cannot change. */
  readonly recheck: (() => Promise<unknown>) | null
  readonly send: (event: StreamEvent) => void
  readonly reader: Reader
  /** Called once, after the last event. */
  readonly end: () => void
}

export type SessionStream = { close(): void }

export type SessionStreamsOptions = {
  readonly store: Store
  readonly watch: Watch
  /** How long before its end a session is told to be expiring. */
  readonly expiringMs: number
  /** How often a stream looks at its session at least. */
  readonly lookMs: number
  readonly observe: Pick<Observe, 'changeTold'>
}

/** What one stream knows. */
type State = {
  followed: Followed
  /** The session as it was read last; null while there is none. */
  record: SessionRecord | null
  said: Said
  isClosed: boolean
  /** When the oldest change was done that is still to be told; null if there is none, or if that is not known. */
  changedAt: number | null
  /** Whether the reader is waited for. */
  isWaiting: boolean
  timer: NodeJS.Timeout | undefined
  leave: () => void
}

const isLast = ({ event }: StreamEvent): boolean => event === 'ended' || event === 'unauthorized'

export const createSessionStreams = ({ store, watch, expiringMs, lookMs, observe }: SessionStreamsOptions) => {
  // Streams of one session share their readings, so that a long text is read once for all of them.
  const look = createLook({ now: store.now, touch: store.touch, read: watch.read })

  /** Begins to watch. Throws StoreUnavailable. The caller must have asked before whether the session may be watched. */
  const open = async (request: StreamRequest): Promise<SessionStream> => {
    const { caller, id } = request
    const state: State = {
      followed: FIRST_READING,
      record: null,
      said: NOTHING_SAID,
      isClosed: false,
      changedAt: null,
      isWaiting: false,
      timer: undefined,
      leave: () => {},
    }

    const close = (): void => {
      if (state.isClosed) return
      state.isClosed = true
      clearTimeout(state.timer)
      state.leave()
    }

    const countChange = (): void => {
      if (state.changedAt !== null) observe.changeTold(store.now() - state.changedAt)
      state.changedAt = null
    }

    /** Sends the events, until one is the last. */
    const tell = (events: readonly StreamEvent[]): void => {
      for (const event of events) {
        if (state.isClosed) return
        request.send(event)
        if (event.event === 'change' || event.event === 'snapshot') countChange()
        if (!isLast(event)) continue
        close()
        request.end()
      }
    }

    const take = ({ next, events, mustRead }: Step): void => {
      if (state.isClosed) return
      state.followed = next
      tell(events)
      // What was not told by now is nothing for this reader.
      if (next.kept === null) state.changedAt = null
      if (mustRead) watch.soon(readOrRetry)
      // A session has begun whose clocks are not known here.
      else if (state.record === null && holdsSettings(next)) lookAgain()
    }

    const lookAgain = (): void => take(afterGap(state.followed))

    /**
     * Whether the reader is behind. Then it is told nothing of the settings, and what it holds stays what is known of it;
     * when it has caught up, a reading shows what it has missed. So it ends with the state, however slow it is.
     */
    const waitsForReader = (): boolean => {
      if (!request.reader.isBehind()) return false
      if (state.isWaiting) return true
      state.isWaiting = true
      void request.reader.caughtUp().then(() => {
        state.isWaiting = false
        if (!state.isClosed) lookAgain()
      })
      return true
    }

    const notice = (told: Notice): void => {
      if (told.kind === 'changed') {
        if (waitsForReader()) return
        state.changedAt ??= told.at
      }
      take(afterNotice(request, state.followed, told))
    }

    /** Tells what is due by now, and sets the timer for the next look. */
    const keepTime = (hasFailed: boolean): void => {
      const instants = {
        now: store.now(),
        session: state.record,
        keepsInUse: request.touches && mayUse(caller),
        credentialEndsAt: caller.kind === 'session' ? caller.expiresAt : null,
      }
      const pace = { expiringMs, lookMs, jitter: Math.random(), hasFailed }
      const { events, said, lookInMs } = atInstant(state.said, instants, pace)
      state.said = said
      tell(events)
      clearTimeout(state.timer)
      if (!state.isClosed) state.timer = setTimeout(lookAgain, lookInMs).unref()
    }

    /** Throws StoreUnavailable. */
    const read = async (): Promise<ReturnType<typeof judgeReading>> => {
      try {
        await request.recheck?.()
      } catch (error) {
        if (error instanceof CoatcheckError) return unauthorized(caller, store.now())
        throw error
      }
      return judgeReading(caller, await look(caller, id, request.touches), state.record, store.now())
    }

    const readOnce = async (): Promise<void> => {
      if (state.isClosed) return
      const found = await read()
      if (state.isClosed) return
      if ('event' in found) return tell([found])
      state.record = found.record
      if (waitsForReader()) {
        state.followed = afterFailure(state.followed)
        return keepTime(false)
      }
      const step = afterReading(request, state.followed, found)
      take(step)
      if (step.events.length === 0) tell([{ event: 'quiet' }])
      keepTime(false)
    }

    /** While the store is away, the connection is kept and the session is read again soon. */
    const readOrRetry = async (): Promise<void> => {
      try {
        await readOnce()
      } catch {
        state.followed = afterFailure(state.followed)
        tell([{ event: 'quiet' }])
        keepTime(true)
      }
    }

    try {
      state.leave = await watch.session(refOf(caller, id), { notice, lapsed: lookAgain })
      await readOnce()
    } catch (error) {
      close()
      throw error
    }
    return { close }
  }

  return { open }
}

export type SessionStreams = ReturnType<typeof createSessionStreams>
