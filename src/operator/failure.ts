/** Failures: a text for the operator, JSON and an exit code for a script. */
import { CoatcheckError } from '../client/errors.ts'
import { OperatorError } from './command.ts'
import { jsonLine } from './shown.ts'

export const EXIT = { done: 0, refused: 1, usage: 2, absent: 3, away: 4, lost: 5 } as const

export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, 'done'],
  [EXIT.refused, 'refused or failed: the API key may not, a value is too large, no start; or `doctor` found a fault'],
  [EXIT.usage, 'the command line is wrong; nothing was called'],
  [EXIT.absent, 'there is no such session or key, or the session was ended'],
  [EXIT.away, 'nothing answers there, or the store is away: try again later'],
  [EXIT.lost, 'the condition (--if-match) does not hold: somebody wrote in between'],
]

const isAway = ({ code, status }: CoatcheckError): boolean =>
  code === 'unreachable' || code === 'deadline_exceeded' || status === 503 || status === 429

export const exitCodeOf = (error: unknown): number => {
  if (!(error instanceof CoatcheckError)) return EXIT.refused
  if (isAway(error)) return EXIT.away
  if (error.code === 'precondition_failed') return EXIT.lost
  const isAbsent = (error.status === 404 && error.code !== 'not_found') || error.status === 410
  return isAbsent ? EXIT.absent : EXIT.refused
}

/** The next step of the operator, where the service does not know the options of the command. */
const HINTS: Readonly<Partial<Record<CoatcheckError['code'], string>>> = {
  not_found: 'Is the path in --url or COATCHECK_URL the one that the service has?',
  keys_required: "Say which: --read theme --write theme, or all of them with --read '*' --write '*'.",
  invalid_credential: 'Does the API key belong to this service? --url or COATCHECK_URL says where that is.',
}

/** The system's code of a broken connection, such as ECONNREFUSED. */
const systemCode = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^[A-Z_]+$/.test(cause.code)) return cause.code
  }
  return undefined
}

const detailOf = (error: CoatcheckError, url: string | undefined): string => {
  if (error.code !== 'unreachable' || error.status !== undefined) return error.message
  const code = systemCode(error.cause)
  const where = url === undefined ? 'The service' : new URL(url).origin
  const why = code === undefined ? '' : ` (${code})`
  return `${where} does not answer as Coatcheck does${why}. Does the service run? --url or COATCHECK_URL says where.`
}

/** @param url the service's, if it is known */
export const messageOf = (error: unknown, url?: string): string => {
  if (!(error instanceof CoatcheckError)) return error instanceof Error ? error.message : String(error)
  const places = (error.errors ?? []).map(({ pointer, detail }) => `  ${pointer} ${detail}`)
  const etag = error.etag === undefined ? [] : [`The ETag is now ${error.etag}.`]
  const hint = HINTS[error.code]
  return [detailOf(error, url), ...places, ...etag, ...(hint === undefined ? [] : [hint])].join('\n')
}

/** Escaped for a terminal, because the answer may hold any text. */
const lineOf = (problem: object): string => jsonLine(JSON.stringify(problem))

/** The failure as one line of JSON, with the member names of RFC 9457. */
export const problemOf = (error: unknown, url?: string): string => {
  if (error instanceof CoatcheckError) {
    const { code, status, errors, reason, endedAt, etag, retryAfterSeconds, requestId } = error
    const detail = detailOf(error, url)
    return lineOf({ code, status, detail, errors, reason, endedAt, etag, retryAfterSeconds, requestId })
  }
  return lineOf({ code: error instanceof OperatorError ? 'not_set_up' : 'failed', detail: messageOf(error) })
}
