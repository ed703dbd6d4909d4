/** Follows a session or a namespace. Each event is a line; its data is the text that the service sent. */
import { CoatcheckError, isCoatcheckError } from '../client/errors.ts'
import type { ServerEvent } from '../client/event-text.ts'
import { decodeString, elements, members } from '../domain/json/json-text.ts'
import type { Run, Screen } from './command.ts'
import { connect, sessionPath } from './connection.ts'
import { bold, dim, remark } from './output.ts'
import { jsonLine, nameLine } from './shown.ts'

type Told = {
  readonly name: string
  /** Set for the stream of one session, whose events do not name the session. */
  readonly id: string | undefined
  readonly etag: string
  readonly data: string
}

const withMembers = (first: string, data: string): string =>
  data === '{}' ? `{${first}}` : `{${first},${data.slice(1)}`

const asJson = ({ name, id, etag, data }: Told): string => {
  const more = id === undefined ? '' : `,"id":"${id}"${etag === '' ? '' : `,"etag":${JSON.stringify(etag)}`}`
  return withMembers(`"event":${JSON.stringify(name)}${more}`, data)
}

const pairs = (object: string | undefined): string[] =>
  members(object ?? '{}').map(([key, text]) => `${nameLine(key)}=${jsonLine(text)}`)

/** The content of an event, for people. */
const saying = (parts: ReadonlyMap<string, string>): string => {
  const plain = (name: string): string[] => {
    const text = parts.get(name)
    return text?.startsWith('"') ? [nameLine(decodeString(text))] : []
  }
  const removed = elements(parts.get('removed') ?? '[]').map((text) => `-${nameLine(decodeString(text))}`)
  const origin = plain('origin').map((one) => `(by ${one})`)
  const set = pairs(parts.get('settings') ?? parts.get('set'))
  return [...set, ...removed, ...origin, ...plain('reason'), ...plain('expiresAt')].join('  ')
}

const writeTold = (out: Screen, told: Told, isJson: boolean): void => {
  const { name, data } = told
  if (isJson) {
    out.write(`${jsonLine(asJson(told))}\n`)
    return
  }
  const parts = new Map(members(data))
  const id = told.id ?? decodeString(parts.get('id') ?? '""')
  if (!out.isTerminal) {
    out.write(`${[nameLine(name), nameLine(id), jsonLine(data)].join('\t')}\n`)
    return
  }
  const time = dim(out, new Date().toTimeString().slice(0, 8))
  const whose = told.id === undefined && id !== '' ? [nameLine(id)] : []
  out.write(`${[time, ...whose, bold(out, nameLine(name).padEnd(8)), saying(parts)].join(' ').trimEnd()}\n`)
}

const WENT_ON = 'Connected again.'

export const watch: Run = async (given, around) => {
  const { out, err } = around
  const id = given.positionals[0]?.toLowerCase()
  const { listen, timeoutMs } = connect(given, around)
  const ending = new AbortController()
  const detail = 'The stream could not be opened.'
  const timer = setTimeout(() => ending.abort(new CoatcheckError({ code: 'unreachable', detail })), timeoutMs)
  const stop = (): void => ending.abort(undefined)
  around.signal?.addEventListener('abort', stop, { once: true })

  let etag = ''
  let openings = 0
  let isOver = false
  const hear = ({ name, data, id: tag }: ServerEvent): void => {
    if (tag !== '') etag = tag
    if (name === 'opened') {
      clearTimeout(timer)
      if (openings++ > 0) remark(err, WENT_ON)
    }
    if (data === '') return
    writeTold(out, { name, id, etag: name === 'snapshot' || name === 'change' ? etag : '', data }, given.flag('json'))
    if (name === 'ended' && id !== undefined) isOver = true
  }

  const path = id === undefined ? '/v1/events' : `${sessionPath(id)}/events`
  try {
    for await (const event of listen(path, () => etag || undefined, ending.signal)) {
      hear(event)
      if (isOver) break
    }
  } catch (error) {
    if (around.signal?.aborted) return undefined
    // The session ended while the connection was broken.
    if (openings === 0 || id === undefined || !isCoatcheckError(error, 'session_gone')) throw error
    hear({ name: 'ended', data: JSON.stringify({ reason: error.reason }), id: '' })
  } finally {
    clearTimeout(timer)
    around.signal?.removeEventListener('abort', stop)
  }
  return undefined
}
