/**
 * Server-sent events as text (WHATWG HTML §9.2). Values are put in as they are stored, which may hold line breaks between
 * their members: each line of data becomes a field of its own, so that nothing in a value can pass for another field.
 */

import type { FeedEvent } from '../domain/events/feed.ts'
import type { StreamEvent } from '../domain/events/stream-event.ts'
import { objectText } from '../domain/json/json-text.ts'

export const EVENT_STREAM_TYPE = 'text/event-stream'

const LINE_BREAK = /\r\n|\r|\n/

/** An event with data; `id` must be an ETag of ours. */
const eventText = (event: string, data: string, id?: string): string => {
  const lines = data
    .split(LINE_BREAK)
    .map((line) => `data: ${line}\n`)
    .join('')
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}${lines}\n`
}

/** What keeps a connection open and tells nothing. */
export const COMMENT = ':\n\n'

/** How long a reader is to wait before it connects again, each another time. In ms. */
export const retryText = (atLeastMs: number, spreadMs: number): string =>
  `retry: ${Math.round(atLeastMs + Math.random() * spreadMs)}\n\n`

/** The members of an event's data, after those in `first`. */
const dataOf = (event: StreamEvent, first: string): string => {
  switch (event.event) {
    case 'snapshot':
      return `{${first}"revision":${event.revision},"settings":${objectText(event.settings)}}`
    case 'change': {
      const origin = event.origin === null ? '' : `,"origin":${JSON.stringify(event.origin)}`
      const removed = JSON.stringify(event.removed)
      return `{${first}"revision":${event.revision},"set":${objectText(event.set)},"removed":${removed}${origin}}`
    }
    case 'expiring':
    case 'renew':
      return `{${first}"expiresAt":"${new Date(event.expiresAt).toISOString()}"}`
    case 'ended':
    case 'unauthorized':
      return `{${first}"reason":"${event.reason}"}`
    default:
      return `{${first.slice(0, -1)}}`
  }
}

export const streamEventText = (event: StreamEvent): string => {
  if (event.event === 'quiet') return COMMENT
  if (event.event === 'moved') return `id: ${event.etag}\n\n`
  return eventText(event.event, dataOf(event, ''), 'etag' in event ? event.etag : undefined)
}

/** In a feed each event says of which session it is, and the ETag stands in the data: a feed has no position of its own. */
export const feedEventText = (event: FeedEvent): string => {
  if (event.event === 'quiet') return COMMENT
  if (event.event === 'gap') return eventText('gap', event.id === null ? '{}' : `{"id":"${event.id}"}`)
  const etag = 'etag' in event ? `"etag":"${event.etag}",` : ''
  const previous = event.previousEtag === undefined ? '' : `"previousEtag":"${event.previousEtag}",`
  return eventText(event.event, dataOf(event, `"id":"${event.id}",${etag}${previous}`))
}
