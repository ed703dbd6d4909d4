/** What could not be read as HTTP: there is no request and no reply, only a socket to answer on and to close. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { CoatcheckError, ERRORS, type ErrorCode } from '../errors.ts'
import { API_VERSION } from './plugins/answer-headers.ts'
import { PROBLEM_TYPE, problemText } from './plugins/problems.ts'

const CODES: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

export const answerUnreadable = (error: Error & { code?: string }, socket: Socket): void => {
  if (!socket.writable) return
  const code = CODES[error.code ?? '']
  const problem = code
    ? new CoatcheckError(code)
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
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
