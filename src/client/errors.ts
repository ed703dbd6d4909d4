/** What can go wrong with a call: what the service refused, by its `code`, or that no answer came. */
import type { components } from './api.ts'

type Problem = components['schemas']['Problem']

/** The service's closed list of codes, and three of the client's own for calls that had no answer of the service. */
export type ErrorCode =
  | Problem['code']
  /** No connection, or it broke, or what answered is not Coatcheck. Whether a write was done is not known. */
  | 'unreachable'
  /** No answer within `timeoutMs`, repeats included. Whether a write was done is not known. */
  | 'deadline_exceeded'
  /** The client was closed. */
  | 'closed'

export type ErrorFacts = Partial<Omit<Problem, 'code'>> & {
  readonly code: ErrorCode
  readonly detail: string
  /** The present ETag of the settings or the key, with 412. */
  readonly etag?: string
  /** How long to wait before trying again, with 429 and 503. */
  readonly retryAfterSeconds?: number
  readonly endedSecondsAgo?: number
  readonly cause?: unknown
}

/** All that a problem says: each member of it has its place here. */
type Members = { readonly [Member in Exclude<keyof Problem, 'code'>]-?: Problem[Member] | undefined }

/** Switch on `code`; `message` is for people and holds no secret and no value. */
export class CoatcheckError extends Error implements Members {
  override readonly name = 'CoatcheckError'
  readonly code: ErrorCode
  /** The HTTP status; undefined if the service did not answer. */
  readonly status: number | undefined
  /** A URN of the code, and what every problem of this code is called; undefined where the service did not answer. */
  readonly type: string | undefined
  readonly title: string | undefined
  /** What to do about this case. */
  readonly detail: string
  /** How much may be, where that is the matter. */
  readonly limit: number | undefined
  /** The places in what was sent that were refused. */
  readonly errors: Problem['errors']
  /** Why a session is gone: `deleted`, `rotated` or `revoked`. */
  readonly reason: string | undefined
  /** When it was ended, RFC 3339. */
  readonly endedAt: string | undefined
  /** How long ago that was, by the service's own clock; in a page of another origin, which may not see it, by the page's. */
  readonly endedSecondsAgo: number | undefined
  readonly etag: string | undefined
  readonly retryAfterSeconds: number | undefined
  /** What to look for in the service's log. */
  readonly requestId: string | undefined

  constructor({ code, status, title, detail, cause, ...more }: ErrorFacts) {
    super(title === undefined ? detail : `${title}. ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
    this.type = more.type
    this.title = title
    this.detail = detail
    this.limit = more.limit
    this.errors = more.errors
    this.reason = more.reason
    this.endedAt = more.endedAt
    this.endedSecondsAgo = more.endedSecondsAgo
    this.etag = more.etag
    this.retryAfterSeconds = more.retryAfterSeconds
    this.requestId = more.requestId
  }
}

/**
 * Whether it is an error of this client, and of one of these codes if any are named. By its name: an app may have the client
 * twice, as an ES module and as CommonJS.
 */
export const isCoatcheckError = (error: unknown, ...codes: readonly ErrorCode[]): error is CoatcheckError =>
  error instanceof Error &&
  error.name === 'CoatcheckError' &&
  (codes.length === 0 || codes.includes((error as CoatcheckError).code))

/**
 * Whether a refusal stays, however often the call is made. All others pass: an outage, a broken line, too many calls, and
 * whatever kept a credential from being got.
 */
export const staysRefused = (error: unknown): error is CoatcheckError =>
  isCoatcheckError(error) &&
  error.code !== 'unreachable' &&
  error.code !== 'deadline_exceeded' &&
  (error.status ?? 401) < 500 &&
  error.status !== 429 &&
  error.status !== 408
