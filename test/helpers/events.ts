/**
 * A reader of server-sent events over a real connection. What arrives is read by the rules of the standard (WHATWG HTML
 * §9.2.6), written down here once more so that nothing is believed that `src/` says of it.
 */
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { Credential, Service } from './token-app.ts'
import { DEADLINE_MS, until } from './until.ts'

/** Whatever the data of an event may hold. */
export type EventData = {
  readonly id: string
  readonly etag: string
  readonly revision: number
  readonly settings: Record<string, unknown>
  readonly set: Record<string, unknown>
  readonly removed: string[]
  readonly origin: string
  readonly reason: string
  readonly expiresAt: string
}

export type ServerEvent = { readonly event: string; readonly id: string; readonly data: string }

/** Takes text in pieces and keeps what it dispatches, as an `EventSource` would. */
export const eventParser = () => {
  const events: ServerEvent[] = []
  const comments: string[] = []
  const retries: number[] = []
  /** The names of all fields that were there. */
  const fields: string[] = []
  let rest = ''
  let isFirst = true
  let [type, data, id, lastEventId] = ['', '', '', '']

  const dispatch = (): void => {
    lastEventId = id
    if (data !== '') events.push({ event: type || 'message', id: lastEventId, data: data.replace(/\n$/, '') })
    ;[type, data] = ['', '']
  }

  const field = (name: string, value: string): void => {
    fields.push(name)
    if (name === 'event') type = value
    else if (name === 'data') data += `${value}\n`
    else if (name === 'id' && !value.includes('\0')) id = value
    else if (name === 'retry' && /^[0-9]+$/.test(value)) retries.push(Number(value))
  }

  const line = (text: string): void => {
    const colon = text.indexOf(':')
    if (text === '') dispatch()
    else if (colon === 0) comments.push(text.slice(1))
    else if (colon < 0) field(text, '')
    else field(text.slice(0, colon), text.slice(colon + 1).replace(/^ /, ''))
  }

  return {
    events,
    comments,
    retries,
    fields,
    lastEventId: (): string => lastEventId,
    push(text: string): void {
      rest += isFirst ? text.replace(/^\uFEFF/, '') : text
      if (text !== '') isFirst = false
      for (;;) {
        const end = /\r\n|\n|\r(?!$)/.exec(rest)
        if (!end) return
        const whole = rest.slice(0, end.index)
        rest = rest.slice(end.index + end[0].length)
        line(whole)
      }
    },
  }
}

/** An event's data as JSON. */
export const dataOf = ({ data }: ServerEvent): EventData => JSON.parse(data) as EventData

export type Reader = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly events: readonly ServerEvent[]
  readonly comments: readonly string[]
  readonly retries: readonly number[]
  lastEventId(): string
  /** The next event that was not given yet, waited for. */
  next(): Promise<ServerEvent>
  /** The next one, which must be called that, and its data. */
  nextOf(event: string): Promise<EventData>
  /** Waits for a condition on what has arrived. */
  until(condition: () => boolean, what: string): Promise<void>
  /** Waits until the answer is over. */
  end(): Promise<void>
  isOver(): boolean
  /** All that has arrived, as text. */
  text(): string
  /** Reads no more, until `resume`. */
  pause(): void
  resume(): void
  close(): void
}

const readerOf = (incoming: IncomingMessage): Reader => {
  const parser = eventParser()
  let text = ''
  let given = 0
  let over = false
  incoming.setEncoding('utf8')
  incoming.on('data', (chunk: string) => {
    text += chunk
    parser.push(chunk)
  })
  incoming.on('error', () => {})
  incoming.on('close', () => {
    over = true
  })
  const reader: Reader = {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    events: parser.events,
    comments: parser.comments,
    retries: parser.retries,
    lastEventId: parser.lastEventId,
    async next() {
      await until(() => parser.events.length > given || over, 'an event arrives', DEADLINE_MS)
      const event = parser.events[given++]
      if (!event) throw new Error('The stream ended, and there was no other event.')
      return event
    },
    async nextOf(name) {
      const next = await reader.next()
      if (next.event !== name) throw new Error(`There came ${next.event} ${next.data}, where ${name} was awaited.`)
      return dataOf(next)
    },
    until: (condition, what) => until(condition, what, DEADLINE_MS),
    end: () => until(() => over, 'the stream ends', DEADLINE_MS),
    isOver: () => over,
    text: () => text,
    pause: () => void incoming.pause(),
    resume: () => void incoming.resume(),
    close: () => void incoming.destroy(),
  }
  return reader
}

/** Asks for a stream at a port of this machine, on a connection of its own. */
export const openEvents = (
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<Reader> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (incoming) =>
      resolve(readerOf(incoming)),
    )
    outgoing.on('error', reject)
    outgoing.end()
  })

export type Watch = (
  credential: Credential,
  path: string,
  headers?: Readonly<Record<string, string>>,
  method?: string,
) => Promise<Reader>

/** Lets an instance listen, and answers how its streams are opened. */
export const listen = async ({ app }: Service): Promise<Watch> => {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  return (credential, path, headers = {}, method = 'GET') => {
    const sent: Record<string, string> = { ...headers }
    if (typeof credential === 'string') sent.authorization = `Bearer ${credential}`
    else if (credential !== null) sent.cookie = credential.cookie
    return openEvents(port, path, sent, method)
  }
}

export const eventsOf = (id: string): string => `/v1/sessions/${id}/events`
