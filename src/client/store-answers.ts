/**
 * What a framework is told of its store: that the work is done, or an error that says whether it will pass, and nothing
 * that a visitor should not read.
 */
import { isCoatcheckError, staysRefused } from './errors.ts'

/** `cause` is what went wrong, a CoatcheckError in most cases; for the log. */
export class SessionStoreError extends Error {
  override readonly name = 'SessionStoreError'
  /** The status of the answer that Express and Fastify make of it: 503 if it is worth trying again, else 500. */
  readonly status: 500 | 503
  readonly statusCode: 500 | 503
  /** The code of the CoatcheckError, such as `unreachable`. */
  readonly code: string

  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.status = isCoatcheckError(cause) && !staysRefused(cause) ? 503 : 500
    this.statusCode = this.status
    this.code = isCoatcheckError(cause) ? cause.code : 'session_store'
  }
}

/** For what was thrown on the way. */
const storeError = (cause: unknown): SessionStoreError => {
  if (cause instanceof SessionStoreError) return cause
  const passes = isCoatcheckError(cause) && !staysRefused(cause)
  return new SessionStoreError(
    passes ? 'The sessions cannot be reached just now.' : 'The session could not be read or saved.',
    cause,
  )
}

/** Calls back in a turn of its own, so that what a callback throws is not taken for a failure of the store. */
export const answer = <Value>(work: Promise<Value>, callback?: (error: unknown, value?: Value) => void): void => {
  work.then(
    (value) => process.nextTick(() => callback?.(null, value)),
    (error) => process.nextTick(() => callback?.(storeError(error))),
  )
}

/** That a session is over is no error where there is nothing left to do: whether the work was done. */
export const unlessOver = async (work: Promise<unknown>): Promise<boolean> => {
  try {
    await work
    return true
  } catch (error) {
    // 412: it was there when it was read, and its clock has run out since.
    if (isCoatcheckError(error, 'session_gone', 'session_not_found', 'precondition_failed')) return false
    throw error
  }
}
