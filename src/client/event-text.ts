/** Server-sent events as they arrive, by the rules of WHATWG HTML §9.2.6, whatever pieces they come in. */

export type ServerEvent = {
  /** `message` if it has no name; empty if there was an id and nothing else. */
  readonly name: string
  readonly data: string
  /** The last id that was given, for `Last-Event-ID`; empty before the first. */
  readonly id: string
}

export type EventReaderSettings = {
  readonly onEvent: (event: ServerEvent) => void
  /** How long to wait before connecting again, in ms. */
  readonly onRetry: (ms: number) => void
}

/** An event longer than this, in characters, is none of Coatcheck's: it would fill the memory. */
const LONGEST_EVENT = 8 * 2 ** 20

const LINE = /([^\r\n]*)(\r\n|\r(?!$)|\n)/y

/** Takes pieces of text in order; the last one need not end a line. Throws where an event does not come to its end. */
export const createEventReader = ({ onEvent, onRetry }: EventReaderSettings) => {
  let rest = ''
  let name = ''
  let data: string[] = []
  let length = 0
  let id = ''
  let isNewId = false

  const dispatch = (): void => {
    if (data.length > 0) onEvent({ name: name || 'message', data: data.join('\n'), id })
    else if (isNewId) onEvent({ name: '', data: '', id })
    name = ''
    data = []
    length = 0
    isNewId = false
  }

  const take = (line: string): void => {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') name = value
    else if (field === 'id' && !value.includes('\0')) {
      id = value
      isNewId = true
    } else if (field === 'retry' && /^\d+$/.test(value)) onRetry(Number(value))
  }

  return (piece: string): void => {
    const text = rest + piece
    LINE.lastIndex = 0
    let end = 0
    for (let match = LINE.exec(text); match; match = LINE.exec(text)) {
      end = LINE.lastIndex
      length += match[1]?.length ?? 0
      if (match[1]) take(match[1])
      else dispatch()
    }
    rest = text.slice(end)
    if (length + rest.length > LONGEST_EVENT) throw new Error('An event of the stream has no end.')
  }
}
