/**
 * The namespace's feed: what happens to all of its sessions, for a node that serves many live views. It cannot read
 * everything again: where it may have missed something it says so (`gap`), and its reader asks for what it holds. Narrowed
 * to some ids it is a stream of each of them, by state, and has no gaps.
 */
import type { Observe } from '../../observe.ts'
import type { Notice, Settings, WhyEnded } from '../../store/port.ts'
import type { ApiKeyCaller } from '../credentials/caller.ts'
import { versionOf, versionText } from '../etag.ts'
import type { Reader, SessionStreams } from './session-stream.ts'
import type { StreamEvent } from './stream-event.ts'
import type { Watch } from './watch.ts'

export type FeedEvent =
  /** A feed does not know what its reader holds. So a change names the ETag that it goes on from. */
  | (StreamEvent & { readonly id: string; readonly previousEtag?: string })
  /** Something may have been missed: of one session, or of any (null). */
  | { readonly event: 'gap'; readonly id: string | null }
  | { readonly event: 'quiet' }

export type FeedRequest = {
  readonly caller: ApiKeyCaller
  /** Null for all sessions of the namespace. */
  readonly ids: readonly string[] | null
  readonly exceptOrigin: string | null
  readonly send: (event: FeedEvent) => void
  readonly reader: Reader
}

const QUIET_MS = 15_000
/** More than this does not wait: it is told as a gap. */
const MAX_WAITING = 10_000
/** Partition after partition says that something may have been missed: that is told once. */
const GAP_MS = 100

export type FeedsOptions = {
  readonly watch: Watch
  readonly streams: SessionStreams
  /** The store's time in ms. */
  readonly now: () => number
  readonly observe: Pick<Observe, 'changeTold'>
}

export const createFeeds = ({ watch, streams, now, observe }: FeedsOptions) => {
  /** Some sessions, each by state. One that ends is told and forgotten; the others go on. */
  const openSome = async ({ caller, exceptOrigin, send, reader }: FeedRequest, ids: readonly string[]) => {
    const opened = await Promise.allSettled(
      ids.map((id) =>
        streams.open({
          caller,
          id,
          exceptOrigin,
          lastEventId: null,
          touches: false,
          recheck: null,
          reader,
          send: (event) => {
            if (event.event === 'quiet') send(event)
            else if (event.event !== 'moved') send({ ...event, id })
          },
          end: () => {},
        }),
      ),
    )
    const close = (): void => {
      for (const one of opened) if (one.status === 'fulfilled') one.value.close()
    }
    const failed = opened.find((one) => one.status === 'rejected')
    if (failed?.status === 'rejected') {
      close()
      throw failed.reason
    }
    return { close }
  }

  const openAll = async ({ caller, exceptOrigin, reader, ...request }: FeedRequest) => {
    const waiting: Notice[] = []
    let busy = false
    let closed = false
    let isBehind = false

    /** To a reader that is behind nothing is told; when it has caught up, it is told that it has missed something. */
    const send = (event: FeedEvent): void => {
      if (isBehind) return
      if (!reader.isBehind()) {
        request.send(event)
        return
      }
      isBehind = true
      void reader.caughtUp().then(() => {
        isBehind = false
        gap()
      })
    }

    /** Tells of a change. */
    const tell = (event: FeedEvent, at: number | null): void => {
      if (at !== null && !isBehind) observe.changeTold(now() - at)
      send(event)
    }

    const ended = (id: string, reason: WhyEnded): void => send({ event: 'ended', id, reason })

    const pass = async (notice: Notice): Promise<void> => {
      const { id } = notice.ref
      if (notice.kind === 'ended') return ended(id, notice.reason)
      if (notice.kind === 'revoked') return
      if (exceptOrigin !== null && notice.origin === exceptOrigin) return
      let texts: Settings = notice.set as Settings
      if (!notice.isWhole || [...notice.set.values()].includes(null)) {
        const found = await watch.read(notice.ref)
        const isThat = found.state === 'live' && found.record.tag === notice.after.tag
        if (!isThat) return send({ event: 'gap', id })
        const all = found.settings
        texts = notice.isWhole ? new Map([...notice.set.keys()].map((key) => [key, all.get(key) ?? 'null'])) : all
        if (!notice.isWhole) {
          const version = versionOf(found.record)
          const etag = versionText(version, caller)
          return tell({ event: 'snapshot', id, etag, revision: version.revision, settings: texts }, notice.at)
        }
      }
      const etag = versionText(notice.after, caller)
      const previousEtag = versionText(notice.before, caller)
      const { after, removed, origin } = notice
      const change = {
        event: 'change',
        id,
        etag,
        previousEtag,
        revision: after.revision,
        set: texts,
        removed,
        origin,
      } as const
      tell(change, notice.at)
    }

    const isHeldBack = (): boolean => closed || gapIsDue !== undefined
    /** One after the other, so that each session's changes stay in order. */
    const drain = async (): Promise<void> => {
      busy = true
      while (!isHeldBack()) {
        const notice = waiting.shift()
        if (notice === undefined) break
        const { id } = notice.ref
        await pass(notice).catch(() => send({ event: 'gap', id }))
      }
      busy = false
    }

    const gap = (): void => {
      if (!closed) send({ event: 'gap', id: null })
    }

    let gapIsDue: NodeJS.Timeout | undefined
    /** After all that has lapsed until then. What comes meanwhile waits: it may go on from what was lost. */
    const gapSoon = (): void => {
      gapIsDue ??= setTimeout(() => {
        gapIsDue = undefined
        gap()
        if (!busy) void drain()
      }, GAP_MS).unref()
    }

    const leave = await watch.namespace(caller.namespace, {
      notice: (notice) => {
        if (closed) return
        if (waiting.length >= MAX_WAITING) {
          waiting.length = 0
          gap()
          return
        }
        waiting.push(notice)
        if (!busy) void drain()
      },
      lapsed: gapSoon,
    })
    gap()
    const timer = setInterval(() => send({ event: 'quiet' }), QUIET_MS)
    timer.unref()
    return {
      close: (): void => {
        closed = true
        clearInterval(timer)
        clearTimeout(gapIsDue)
        leave()
      },
    }
  }

  return {
    /** Begins to tell; the first event of a whole feed is `gap`, for what was before is not told. Throws StoreUnavailable. */
    open: (request: FeedRequest): Promise<{ close(): void }> =>
      request.ids === null ? openAll(request) : openSome(request, request.ids),
  }
}

export type Feeds = ReturnType<typeof createFeeds>
