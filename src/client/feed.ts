/**
 * The changes of many sessions over one stream, for a process that serves many live views. The stream tells what happens and
 * not what there was: whoever begins to listen is given a snapshot that is read then, and where the stream says that it may
 * have missed something (`gap`), all that is held is read again. Delivery is by state: a reader may see two changes as one,
 * and ends with what is there.
 */
import { type ChangesOptions, changed, type EndReason, type SessionEvent } from './changes.ts'
import type { CredentialSource } from './credential.ts'
import { isEqual } from './difference.ts'
import { CoatcheckError, staysRefused } from './errors.ts'
import { createReader, type Reader } from './feed-reader.ts'
import { listen } from './listen.ts'
import type { Sender } from './sending.ts'
import type { Batch } from './shapes.ts'
import { following, pause, pauseBefore } from './waiting.ts'

type Values = Readonly<Record<string, unknown>>

export type FeedSettings = {
  readonly send: Sender
  readonly credentials: CredentialSource
  readonly batch: (ids: readonly string[], options: { signal: AbortSignal }) => Promise<Batch>
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal
}

type State = { readonly settings: Values; readonly revision: number; readonly etag: string }

/** An event of the stream; which members its data has goes by the name. */
type Told = State & {
  readonly name: string
  /** The ETag that a change goes on from. */
  readonly previousEtag?: string
  readonly id?: string
  readonly set: Values
  readonly removed: string[]
  readonly origin?: string
  readonly expiresAt: string
  readonly reason: EndReason
}

/** A session that somebody listens to. */
type Held = {
  readonly readers: Set<Reader>
  /** Null before it was read. */
  state: State | null
  /** What was told while it is being read; null while it is not. */
  meanwhile: Told[] | null
  /** Something may have been missed: it is to be read. */
  stale: boolean
}

const MISSING: State = { settings: {}, revision: 0, etag: '0' }
const BATCH = 100

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * What of that which was told while it was read the reading has not seen. A gap has no revision: it may speak of what came
 * after the reading.
 */
const unseen = (told: readonly Told[], { etag, revision }: State): readonly Told[] => {
  const seen = told.findLastIndex((one) => one.etag === etag)
  return told.filter((one, at) => one.name === 'expiring' || (seen === -1 ? !(one.revision <= revision) : at > seen))
}

export type Feed = ReturnType<typeof createFeed>

export const createFeed = ({ send, credentials, batch, closed }: FeedSettings) => {
  const held = new Map<string, Held>()
  const { signal, abort, release } = following(closed)
  /** Whether all that happens is being told. */
  let isOpen = false
  let running = false
  let reading = false

  const tell = ({ readers, state }: Held, event: SessionEvent<Values>): void => {
    for (const reader of readers) reader.tell(event, state)
  }

  const ended = (id: string, one: Held, reason: EndReason): void => {
    held.delete(id)
    tell(one, { type: 'ended', reason })
  }

  /** This is what there is. What was made of changes across a gap may be something else under the same ETag. */
  const stands = (one: Held, state: State): void => {
    const isNews = one.state?.etag !== state.etag || !isEqual(one.state.settings, state.settings)
    one.state = state
    for (const reader of one.readers) {
      if (isNews || !reader.hasBegun()) reader.tell({ type: 'snapshot', ...state }, state)
    }
  }

  const change = (one: Held, { etag, previousEtag, revision, set, removed, origin }: Told): void => {
    if (etag === one.state?.etag) return
    if (one.state && previousEtag === one.state.etag) {
      one.state = { settings: changed(one.state.settings, set, removed), revision, etag }
      tell(one, { type: 'change', ...one.state, set, removed, origin })
    } else readAgain([one])
  }

  const hear = (id: string, one: Held, told: Told): void => {
    const { name, settings, revision, etag } = told
    if (name === 'ended') ended(id, one, told.reason)
    else if (one.meanwhile !== null) one.meanwhile.push(told)
    else if (name === 'gap') readAgain([one])
    else if (name === 'expiring') tell(one, { type: name, expiresAt: told.expiresAt })
    // What a change goes on from may be missing here, and the reading to come has seen it.
    else if (one.stale) return
    else if (name === 'change') change(one, told)
    else if (name === 'snapshot') stands(one, { settings, revision, etag })
  }

  const readBatch = async (ids: readonly string[]): Promise<void> => {
    const asked = ids.flatMap((id) => held.get(id) ?? [])
    for (const one of asked) {
      one.stale = false
      one.meanwhile = []
    }
    try {
      const { sessions, missing, gone } = await batch(ids, { signal })
      for (const { id, reason } of gone) {
        const one = held.get(id)
        if (one && asked.includes(one)) ended(id, one, reason as EndReason)
      }
      for (const id of [...Object.keys(sessions), ...missing]) {
        const one = held.get(id)
        // Somebody else may have begun to listen to it meanwhile, from its beginning.
        if (!one || !asked.includes(one)) continue
        const { settings, revision, etag } = sessions[id] ?? MISSING
        const state = { settings, revision, etag }
        const told = unseen(one.meanwhile ?? [], state)
        one.meanwhile = null
        stands(one, state)
        for (const each of told) if (held.get(id) === one) hear(id, one, each)
      }
    } catch (error) {
      for (const one of asked) one.stale = true
      throw error
    } finally {
      for (const one of asked) one.meanwhile = null
    }
  }

  const fail = (error: unknown): void => {
    for (const { readers } of held.values()) for (const reader of readers) reader.end({ error })
    held.clear()
  }

  /** Reads what is stale until nothing is, one batch after the other. */
  const readStale = async (): Promise<void> => {
    if (reading) return
    reading = true
    for (let failures = 0; isOpen && !signal.aborted; ) {
      const ids = [...held].filter(([, { stale }]) => stale).map(([id]) => id)
      if (ids.length === 0) break
      try {
        await readBatch(ids.slice(0, BATCH))
        failures = 0
      } catch (error) {
        if (staysRefused(error)) fail(error)
        await pause(pauseBefore(failures++), signal).catch(() => {})
      }
    }
    reading = false
  }

  const readAgain = (some: Iterable<Held>): void => {
    for (const one of some) one.stale = true
    void readStale()
  }

  const run = async (): Promise<void> => {
    running = true
    try {
      for await (const { name, data } of listen({ send, credentials, path: '/v1/events', signal })) {
        const told: Told | undefined = data === '' ? undefined : { ...JSON.parse(data), name }
        if (name === 'opened') {
          isOpen = false
        } else if (name === 'gap' && told?.id === undefined) {
          // The first one of each opening says that from then on everything is told.
          isOpen = true
          readAgain(held.values())
        } else if (told?.id !== undefined) {
          const one = held.get(told.id)
          if (one) hear(told.id, one, told)
        }
      }
    } catch (error) {
      if (!signal.aborted) fail(error)
    } finally {
      running = false
      isOpen = false
    }
  }

  /** Lets a reader hear of a session, and answers what takes it out again. */
  const join = (id: string, reader: Reader): (() => void) => {
    const one = held.get(id) ?? { readers: new Set(), state: null, meanwhile: null, stale: false }
    one.readers.add(reader)
    if (!held.has(id)) {
      held.set(id, one)
      readAgain([one])
    } else if (one.state && isOpen && !one.stale && one.meanwhile === null) {
      reader.tell({ type: 'snapshot', ...one.state }, one.state)
    }
    if (!running) void run()
    return () => {
      one.readers.delete(reader)
      if (one.readers.size === 0 && held.get(id) === one) held.delete(id)
    }
  }

  return {
    /**
     * What happens to one session, beginning with a snapshot; ends after `ended`, when the signal is aborted, and when the
     * feed or the client is closed. Watching is no use of the session.
     *
     * @throws {CoatcheckError} where the service refuses the feed for good
     * @throws TypeError where the id is no UUID: the others are not to suffer for it, as they are read together
     */
    async *changes<Settings extends object = Record<string, unknown>>(
      id: string,
      { signal: stop, exceptOrigin }: Omit<ChangesOptions, 'touch'> = {},
    ): AsyncGenerator<SessionEvent<Partial<Settings>>, void> {
      if (signal.aborted) throw new CoatcheckError({ code: 'closed', detail: 'The feed was closed.' })
      if (!UUID.test(id.toLowerCase())) throw new TypeError('A feed knows sessions by their UUIDs: this id is none.')
      const reader = createReader(exceptOrigin)
      const until = following(stop, signal)
      const leave = join(id.toLowerCase(), reader)
      const end = (): void => reader.end()
      until.signal.addEventListener('abort', end, { once: true })
      if (until.signal.aborted) end()
      try {
        yield* reader.events() as AsyncGenerator<SessionEvent<Partial<Settings>>, void>
      } finally {
        until.release()
        leave()
      }
    },

    /** Ends the stream and all its readers. */
    close: (): void => {
      abort(undefined)
      release()
    },
  }
}
