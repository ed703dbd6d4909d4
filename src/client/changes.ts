/**
 * What happens to one session, as its readers hold it: each event comes with the settings as they are after it, and a
 * stream that broke goes on where it was (`Last-Event-ID`), or with a snapshot of what there is.
 */
import type { CredentialSource } from './credential.ts'
import { isCoatcheckError } from './errors.ts'
import type { ServerEvent } from './event-text.ts'
import { listen } from './listen.ts'
import type { Page } from './page.ts'
import type { Sender } from './sending.ts'
import type { SessionView } from './shapes.ts'
import { listenTogether } from './shared-stream.ts'
import { following } from './waiting.ts'
import type { Way } from './yielding.ts'

/** How a session ends. */
export type EndReason = 'deleted' | 'rotated' | 'revoked' | 'idle' | 'lifetime' | 'lost'

export type SessionEvent<Settings> =
  /** What there is: at first, and after something may have been missed. */
  | { readonly type: 'snapshot'; readonly settings: Settings; readonly revision: number; readonly etag: string }
  | {
      readonly type: 'change'
      /** After the change. */
      readonly settings: Settings
      readonly set: Settings
      readonly removed: readonly string[]
      readonly revision: number
      readonly etag: string
      /** What the writer called itself, its client's `origin`. */
      readonly origin: string | undefined
    }
  /** Nobody has used the session for long; it ends then. RFC 3339. */
  | { readonly type: 'expiring'; readonly expiresAt: string }
  /** The credential ends then; the client gets another one by itself if it knows how. RFC 3339. */
  | { readonly type: 'renew'; readonly expiresAt: string }
  /** The last event. After `rotated` the session goes on under another id: begin no new one in its place. */
  | { readonly type: 'ended'; readonly reason: EndReason }

export type ChangesOptions = {
  /** Ends the stream: the iterator is then done. */
  readonly signal?: AbortSignal | undefined
  /** Whether watching counts as use, so that who watches is not logged out; no if left out. */
  readonly touch?: boolean | undefined
  /** Whose changes are not to be told: the `origin` of a client, this one's own for instance. */
  readonly exceptOrigin?: string | undefined
}

type Values = Readonly<Record<string, unknown>>

/** Settings after a change. */
export const changed = (settings: Values, set: Values, removed: readonly string[]): Values => {
  const gone = new Set(removed)
  return { ...Object.fromEntries(Object.entries(settings).filter(([key]) => !gone.has(key))), ...set }
}

/** Whether an event is a change by the one that is not to be told of. */
export const isEcho = (event: SessionEvent<unknown>, exceptOrigin: string | undefined): boolean =>
  event.type === 'change' && event.origin !== undefined && event.origin === exceptOrigin

export type ChangesSettings = {
  readonly send: Sender
  readonly credentials: CredentialSource
  /** Where the service is. */
  readonly url: string
  /** Reads the session, without use of it. */
  readonly look: (signal: AbortSignal) => Promise<SessionView>
  /** A page whose tabs can share a stream; undefined on a server. */
  readonly page: Page | undefined
  readonly way: Way | undefined
  /** The session's path below the service's URL. */
  readonly path: string
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal
}

/**
 * Ends after `ended`, when the signal is aborted and when the client is closed.
 *
 * @throws {CoatcheckError} a refusal that stays; `session_over` where a token's life of the session is no more
 */
export async function* watchSession<Settings extends object>(
  { send, credentials, url, look, page, way, path, closed }: ChangesSettings,
  { signal: stop, touch = false, exceptOrigin }: ChangesOptions,
): AsyncGenerator<SessionEvent<Settings>, void> {
  let etag: string | undefined
  let settings: Values = {}
  const shown = (values: Values): Settings => values as Settings

  const eventOf = ({ name, data, id }: ServerEvent): SessionEvent<Settings> | undefined => {
    if (id !== '') etag = id
    if (data === '') return undefined
    const told = JSON.parse(data)
    switch (name) {
      case 'snapshot':
        settings = told.settings
        return { type: name, settings: shown(settings), revision: told.revision, etag: etag ?? '0' }
      case 'change': {
        const { set, removed, revision, origin } = told
        settings = changed(settings, set, removed)
        return { type: name, settings: shown(settings), set, removed, revision, etag: etag ?? '0', origin }
      }
      case 'expiring':
      case 'renew':
        return { type: name, expiresAt: told.expiresAt }
      case 'ended':
        return { type: name, reason: told.reason }
      default:
        return undefined
    }
  }

  const { signal, release } = following(stop, closed)
  const query = touch ? '?touch=true' : ''
  const listening = { send, credentials, path: `${path}/events${query}`, lastEventId: () => etag, way, signal }
  const stream = page
    ? listenTogether(page, { listening, credentials, look, alike: `${url}${query}` })
    : listen(listening)
  try {
    for await (const heard of stream) {
      const event = eventOf(heard)
      // The service could keep an echo back as well, but what it has set belongs to the settings of the events after it.
      if (!event || isEcho(event, exceptOrigin)) continue
      yield event
      if (event.type === 'ended') return
    }
  } catch (error) {
    if (signal.aborted) return
    if (!isCoatcheckError(error, 'session_gone')) throw error
    yield { type: 'ended', reason: error.reason as EndReason }
  } finally {
    release()
  }
}
