/**
 * One call to the service: a deadline over all its tries, and repeats of what is safe to repeat. What comes back is what was
 * read of the answer, or a CoatcheckError thrown.
 */
import { CoatcheckError } from './errors.ts'
import type { Sender } from './sending.ts'
import { following, pause, pauseBefore, unref } from './waiting.ts'

/** What may be said of any single call. */
export type CallOptions = {
  /** Ends the call: it throws the signal's reason. A write may have been done all the same. */
  readonly signal?: AbortSignal | undefined
  /**
   * How long the call may take, its repeats included; what the client was made with if left out. A write takes 55,000 at most.
   * In ms.
   */
  readonly timeoutMs?: number | undefined
}

export type Call = CallOptions & {
  readonly method: string
  /** Below the service's URL, with its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** What is sent, as JSON; undefined for no body. */
  readonly body?: unknown
  /** What is sent in its place, as it is: JSON text that a value would not keep, such as `1.10`. */
  readonly text?: string
  /** `application/json` if not said. */
  readonly type?: string
  /**
   * Whether it may be sent again when its answer was lost: `always`, as it changes nothing or says itself what is to be;
   * `keyed`, as the service is told by an Idempotency-Key that it is the same call; `refused`, only after an answer that says
   * that nothing was done.
   */
  readonly repeat: 'always' | 'keyed' | 'refused'
}

/** What is made of an answer of 2xx; its body has to be read to the end. */
export type Read<Result> = (answer: Response) => Promise<Result>

export type CallerSettings = {
  readonly send: Sender
  readonly timeoutMs: number
  /** Sent with each write as `Coatcheck-Origin`. */
  readonly origin: string | undefined
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal
}

/** After a minute the service no longer knows an Idempotency-Key: the last repeat comes before that. */
const LAST_REPEAT_MS = 50_000
/** So that the last of them is over before, too. */
const LONGEST_KEYED_MS = 55_000

const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const isOutage = ({ status, code }: CoatcheckError): boolean => status === 503 || code === 'unreachable'

export const createCaller = ({ send, timeoutMs, origin, closed }: CallerSettings) => {
  const headersOf = (
    { type = 'application/json', repeat, headers }: Call,
    body: string | undefined,
  ): Record<string, string> => ({
    ...(body === undefined ? {} : { 'content-type': type }),
    ...(repeat === 'keyed' ? { 'idempotency-key': newKey() } : {}),
    ...(repeat === 'keyed' && origin !== undefined ? { 'coatcheck-origin': origin } : {}),
    ...headers,
  })

  const tryAll = async <Result>(call: Call, read: Read<Result>, signal: AbortSignal, ms: number): Promise<Result> => {
    const { method, path, repeat } = call
    const body = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
    const outgoing = { method, path, body, headers: headersOf(call, body) }
    const repeatsUntil = performance.now() + Math.min(ms, LAST_REPEAT_MS)
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await send(outgoing, signal)
        try {
          return await read(answer)
        } catch (cause) {
          throw new CoatcheckError({
            code: 'unreachable',
            detail: 'The answer broke off, or is none of this call.',
            cause,
          })
        }
      } catch (error) {
        if (signal.aborted || !(error instanceof CoatcheckError)) throw error
        const mayRepeat = error.status === 429 || (repeat !== 'refused' && isOutage(error))
        const wait = pauseBefore(attempt, (error.retryAfterSeconds ?? 0) * 1000)
        if (!mayRepeat || performance.now() + wait >= repeatsUntil) throw error
        await pause(wait, signal)
      }
    }
  }

  /**
   * @param read what is made of the answer, while the deadline runs
   * @throws {CoatcheckError}, or the reason of the call's signal
   */
  return async <Result>(call: Call, read: Read<Result>): Promise<Result> => {
    const ms = Math.min(
      call.timeoutMs ?? timeoutMs,
      call.repeat === 'keyed' ? LONGEST_KEYED_MS : Number.POSITIVE_INFINITY,
    )
    const { signal, abort, release } = following(call.signal, closed)
    const detail = `There was no answer within ${ms} ms. Whether a write was done is not known.`
    const timer = setTimeout(() => abort(new CoatcheckError({ code: 'deadline_exceeded', detail })), ms)
    unref(timer)
    try {
      signal.throwIfAborted()
      return await tryAll(call, read, signal, ms)
    } catch (error) {
      // A body that is cut off while it is read fails in its own way.
      throw signal.aborted ? signal.reason : error
    } finally {
      clearTimeout(timer)
      release()
    }
  }
}

export type Caller = ReturnType<typeof createCaller>

/** Throws an Error if the call has no answer of that status: then something else has answered it. */
const mustBe = ({ status }: Response, ...documented: readonly number[]): void => {
  if (!documented.includes(status)) throw new Error(`This call is not answered with ${status}.`)
}

/** A value of settings: any JSON. */
export const readJson = async <Value>(answer: Response): Promise<Value> => {
  mustBe(answer, 200, 201)
  return (await answer.json()) as Value
}

/** Reads a JSON object. Throws an Error if a member is missing that the call is always answered with. */
export const readObject =
  <Shape extends object>(...members: readonly (keyof Shape & string)[]): Read<Shape> =>
  async (answer) => {
    const read = await readJson<Shape>(answer)
    const isObject = typeof read === 'object' && read !== null && !Array.isArray(read)
    if (!isObject || !members.every((name) => Object.hasOwn(read, name))) throw new Error('It is not of this shape.')
    return read
  }

/** Reads a session, the one that was asked for and no other. `current` is any. */
export const readSession =
  <Shape extends { readonly id: string }>(id: string, ...members: readonly (keyof Shape & string)[]): Read<Shape> =>
  async (answer) => {
    const read = await readObject<Shape>('id', ...members)(answer)
    if (id !== 'current' && read.id !== id.toLowerCase()) throw new Error('It is of another session.')
    return read
  }

export const readNothing = async (answer: Response): Promise<void> => {
  mustBe(answer, 204)
  await answer.arrayBuffer()
}

/** Of a write: its answer has no content. */
export const readWritten = async (answer: Response): Promise<void> => {
  mustBe(answer, 201, 204)
  await answer.arrayBuffer()
}
