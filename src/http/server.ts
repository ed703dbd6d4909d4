/**
 * What is settled below the framework, alike on every port. What could not be read as HTTP has no request and no reply, only
 * a socket to answer on and to close. Answers that are under way on it go out first: bytes in the middle of one would spoil
 * it, and whoever had something done is to know of it.
 */
import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Socket } from 'node:net'
import { CoatcheckError, ERRORS, type ErrorCode } from '../errors.ts'
import { API_VERSION } from './plugins/answer-headers.ts'
import { PROBLEM_TYPE, problemText } from './plugins/problems.ts'
import { newRequestId } from './request-ids.ts'

export const SERVER_OPTIONS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  /** How often Node looks whether one of the two is over. */
  connectionsCheckingInterval: 500,
  // The plugin `request-head` answers in Node's stead.
  requireHostHeader: false,
} satisfies ServerOptions

const CODES: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/** How long answers that are under way may take; a stream of events is cut off after it. */
const UNDER_WAY_MS = 3000

/** What a connection is busy with. */
type Busy = {
  /** How many answers have not gone out. */
  underWay: number
  /** The answer to the call that came last, whether or not it has gone out: what cannot be read may be its body. */
  last: ServerResponse
  isLastUnderWay: boolean
  onAnswered: (() => void) | undefined
}

const BUSY = Symbol('busy')
/** What is looked up twice for each call is kept with the connection itself. */
type Connection = Socket & { [BUSY]?: Busy }
/** Those that have been judged: what else comes over them is not looked at. */
const ending = new WeakSet<Socket>()

const textOf = (code: string | undefined, more: readonly string[]): string => {
  const known = CODES[code ?? '']
  const problem = known
    ? new CoatcheckError(known)
    : new CoatcheckError('invalid_request', 'The request is no HTTP that can be read.')
  const { status } = ERRORS[problem.code]
  const body = problemText(problem)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    // What was asked for is not known, so it is said in any case that the answer is ours.
    `Coatcheck-Version: ${API_VERSION}`,
    `X-Request-Id: ${newRequestId()}`,
    ...more,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** Header lines by which the page that asked may read the answer. */
export type ReadableBy = (request: IncomingMessage) => readonly string[]

const answerUnreadable = (error: Error & { code?: string }, socket: Socket, readableBy: ReadableBy): void => {
  if (!socket.writable || ending.has(socket)) return
  ending.add(socket)
  const busy = (socket as Connection)[BUSY]
  if (!busy) {
    socket.end(textOf(error.code, []))
    return
  }
  // Of the last call the body may be what cannot be read; then nobody else will answer it, unless somebody has begun to.
  const { last } = busy
  const isBroken = !last.req.complete
  const text = textOf(error.code, isBroken ? readableBy(last.req) : [])
  const look = (): void => {
    const isUnanswered = isBroken && busy.isLastUnderWay && !last.headersSent
    if (busy.underWay > (isUnanswered ? 1 : 0)) return
    clearTimeout(timer)
    if (isBroken && last.headersSent) socket.end()
    else socket.end(text)
  }
  const timer = setTimeout(() => socket.destroy(), UNDER_WAY_MS).unref()
  socket.once('close', () => clearTimeout(timer))
  busy.onAnswered = look
  look()
}

/** One function for all answers, as this is on the way of each. */
function finish(this: ServerResponse): void {
  const busy = (this.req.socket as Connection)[BUSY]
  if (!busy) return
  busy.underWay--
  if (busy.last === this) busy.isLastUnderWay = false
  busy.onAnswered?.()
}

const begin = ({ socket }: IncomingMessage, response: ServerResponse): void => {
  const connection = socket as Connection
  const busy = connection[BUSY]
  if (busy) {
    busy.underWay++
    busy.last = response
    busy.isLastUnderWay = true
  } else connection[BUSY] = { underWay: 1, last: response, isLastUnderWay: true, onAnswered: undefined }
  response.on('close', finish)
}

/** Has everything that comes over this server's sockets answered: by `handle`, or, where it is no request, here. */
export const answerAll = (server: Server, handle: RequestListener, readableBy: ReadableBy): void => {
  server.on('request', begin)
  server.on('clientError', (error, socket) => answerUnreadable(error, socket as Socket, readableBy))
  // Without a listener Node answers 417 itself.
  server.on('checkExpectation', handle)
  // No tunnels.
  server.on('connect', (_request, socket) => answerUnreadable(new Error('CONNECT'), socket as Socket, readableBy))
}
