/**
 * The tabs of a browser that share a stream. Whoever has the group's Web Lock holds the stream, and tells the others by a
 * BroadcastChannel. A tab that is closed or discarded lets go of its lock; one that is frozen or put away does so before; from
 * one that hangs, or that the system has stopped without a word, the lock is stolen. The next holder opens the stream
 * where the group is, by `Last-Event-ID`.
 */
import { type CredentialSource, timesOf } from './credential.ts'
import type { ServerEvent } from './event-text.ts'
import { type Listening, listen } from './listen.ts'
import type { Page } from './page.ts'
import { createQueue } from './queue.ts'
import type { SessionView } from './shapes.ts'
import { judge, ruleIn, snapshotOf, type Told } from './told.ts'
import { following, pause, unlessAborted } from './waiting.ts'

export type Sharing = {
  readonly listening: Listening
  readonly credentials: CredentialSource
  /** Reads the session by this tab's own credential, without use of it. */
  readonly look: (signal: AbortSignal) => Promise<SessionView>
  /** What else those have in common who share a stream: the service, and how it is asked. */
  readonly alike: string
}

/** Thrown where a page may use neither locks nor channels, such as one in a sandbox. */
export const CANNOT_SHARE: unique symbol = Symbol('no stream can be shared')

type Message =
  | ({ readonly kind: 'told' } & Told)
  /** Whoever holds the stream is to say so. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'here'; readonly etag: string }

/** After this long without a word the holder is asked, and so much later its lock is stolen. In ms. */
const SILENT_MS = 5_000
const ANSWER_MS = 2_000
/** The service says so long before the end of a credential that another one is wanted. */
const RENEW_MS = 30_000

/** @param start the ETag of what this tab has shown */
export const joinGroup = (page: Page, group: string, start: string, { listening, credentials, look }: Sharing) => {
  const { locks, open, document } = page
  const scope = following(listening.signal)
  const { signal } = scope
  const events = createQueue<ServerEvent>()
  let etag = start
  let holds = false
  let isPutAway = false

  const leave = (how: { readonly error?: unknown } = {}): void => {
    events.end(how)
    if (signal.aborted) return
    scope.abort(undefined)
    scope.release()
    channel?.close()
    clearInterval(rounds)
    clearTimeout(asked)
    document.removeEventListener('visibilitychange', shown)
    document.removeEventListener('freeze', putAway)
    page.events.removeEventListener('pagehide', putAway)
  }

  const show = (event: ServerEvent): void => {
    if (event.id !== '') etag = event.id
    events.push(event)
    // What others of this group may read is known only now.
    if (ruleIn(etag) !== ruleIn(start)) leave()
  }

  let isLooking = false
  let isStale = false
  const lookAgain = async (): Promise<void> => {
    isStale = true
    if (isLooking) return
    isLooking = true
    try {
      while (isStale) {
        isStale = false
        const before = etag
        const seen = await look(signal)
        if (holds || seen.etag === etag) continue
        // What was told meanwhile may be newer.
        if (etag !== before) isStale = true
        else show(snapshotOf(seen))
      }
    } catch (error) {
      if (!signal.aborted) leave({ error })
    } finally {
      isLooking = false
    }
  }

  let heardAt = performance.now()
  let asked: ReturnType<typeof setTimeout> | undefined
  let steal = (): void => {}
  const ask = (): void => {
    if (holds || asked !== undefined) return
    post({ kind: 'ask' })
    asked = setTimeout(
      () => {
        asked = undefined
        if (!holds) steal()
      },
      ANSWER_MS * (1 + Math.random() / 2),
    )
  }
  const rounds = setInterval(() => {
    if (performance.now() - heardAt >= SILENT_MS) ask()
  }, SILENT_MS)
  const shown = (): void => {
    if (document.visibilityState === 'visible') ask()
  }
  const putAway = (): void => {
    isPutAway = true
    leave()
  }

  const channel = open?.(group)
  const post = (message: Message): void => channel?.postMessage(message)
  const heard = (message: Message): void => {
    if (message.kind === 'ask') {
      if (holds) post({ kind: 'here', etag })
      return
    }
    heardAt = performance.now()
    clearTimeout(asked)
    asked = undefined
    const verdict = message.kind === 'told' ? judge(etag, message) : message.etag === etag ? 'pass' : 'look'
    if (verdict === 'look') void lookAgain()
    else if (verdict === 'show' && message.kind === 'told') show(message.event)
  }

  const tellAll = async (line: AbortSignal): Promise<void> => {
    for await (const event of listen({ ...listening, lastEventId: () => etag, signal: line })) {
      if (line.aborted) return
      // A credential's end is its own.
      if (event.name !== 'renew') post({ kind: 'told', before: etag, event })
      show(event)
    }
  }

  /** Lets go in the same turn as the line is aborted: a page that is being frozen has no other. */
  const hold = async (line: AbortSignal): Promise<void> => {
    holds = true
    post({ kind: 'here', etag })
    try {
      await unlessAborted(tellAll(line), line)
    } catch (error) {
      if (!line.aborted) leave({ error })
    } finally {
      holds = false
    }
  }

  /** Waits for the lock until it is stolen from this tab, which then waits again, or until this tab steals it itself. */
  const stand = async (): Promise<void> => {
    for (let steals = false; !signal.aborted; ) {
      const line = following(signal)
      const how = steals ? { steal: true } : { signal: line.signal }
      steals = false
      steal = () => {
        steals = true
        line.abort(undefined)
      }
      try {
        await locks?.request(group, how, () => hold(line.signal))
      } catch (error) {
        const isTaken = line.signal.aborted || (error as Error).name === 'AbortError'
        if (!isTaken) leave({ error: CANNOT_SHARE })
      } finally {
        line.abort(undefined)
        line.release()
      }
    }
  }

  /** Tells of the end of this tab's credential, which the stream of another tab does not. */
  const attendCredential = async (): Promise<void> => {
    let seen = { bearer: '', at: 0 }
    for (;;) {
      const bearer = await credentials.current()
      const times = bearer === undefined ? undefined : timesOf(bearer)
      if (bearer === undefined || !times) return
      if (seen.bearer !== bearer) seen = { bearer, at: performance.now() }
      const end = seen.at + (times.exp - times.iat) * 1000
      const isStill = async (): Promise<boolean> => !holds && (await credentials.current()) === bearer
      await pause(Math.max(end - RENEW_MS - performance.now(), 0), signal)
      if (performance.now() < end && (await isStill())) {
        const expiresAt = new Date(times.exp * 1000).toISOString()
        events.push({ name: 'renew', data: JSON.stringify({ expiresAt }), id: '' })
        await credentials.instead(bearer).catch(() => {})
      }
      await pause(Math.max(end - performance.now(), 0), signal)
      if (await isStill()) await lookAgain()
      await pause(RENEW_MS / 2, signal)
    }
  }

  if (channel) channel.onmessage = ({ data }) => heard(data as Message)
  document.addEventListener('visibilitychange', shown)
  document.addEventListener('freeze', putAway)
  page.events.addEventListener('pagehide', putAway)
  void stand()
  attendCredential().catch(() => {})
  return { events: events.all, leave, etag: (): string => etag, isPutAway: (): boolean => isPutAway }
}
