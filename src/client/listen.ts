/**
 * A stream of server-sent events that stays: when it breaks, falls silent or is ended it is opened again, after as long as
 * the service asked for and never all clients at once. What was missed is not this file's matter: whoever listens hears of
 * each opening.
 */
import type { CredentialSource } from './credential.ts'
import { CoatcheckError, staysRefused } from './errors.ts'
import { createEventReader, type ServerEvent } from './event-text.ts'
import type { Sender } from './sending.ts'
import { following, pause, pauseBefore, unlessAborted, unref } from './waiting.ts'
import type { Way } from './yielding.ts'

/** The service sends a comment every 15 s: a line that is silent for longer than two of them is dead. */
const SILENT_MS = 40_000
const ANSWER_MS = 10_000
const RETRY_MS = 1_000

export type Listening = {
  readonly send: Sender
  readonly credentials: CredentialSource
  /** Below the service's URL, with its query. */
  readonly path: string
  /** Asked for at each opening. */
  readonly lastEventId?: () => string | undefined
  /** To whom the stream gives way, if to anybody. */
  readonly way?: Way | undefined
  /** Ends it: it throws the signal's reason. */
  readonly signal: AbortSignal
}

/** The stream has been opened, again perhaps. */
export const OPENED: ServerEvent = { name: 'opened', data: '', id: '' }

const unauthorized = (event: ServerEvent): CoatcheckError =>
  new CoatcheckError({
    code: 'invalid_credential',
    detail: `The credential of the stream has ended: ${event.data}. Give the client a function that gets another one.`,
  })

/** @throws {CoatcheckError} a refusal that stays: 401 after another credential was tried, 403, 404, 410 */
export async function* listen(listening: Listening): AsyncGenerator<ServerEvent, never> {
  const { send, credentials, path, lastEventId, way, signal } = listening
  let retryMs = RETRY_MS
  for (let failures = 0; ; failures++) {
    await way?.isFree(signal)
    const line = following(signal)
    const free = way?.onTaken(() => line.abort(new Error('The stream gives way to a call.')))
    let atLeastMs = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const within = (ms: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => line.abort(new Error(`The stream was silent for ${ms} ms.`)), ms)
      unref(timer)
    }
    try {
      within(ANSWER_MS)
      const bearer = await unlessAborted(credentials.current(), line.signal)
      const last = lastEventId?.()
      const headers = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }
      const answer = await send({ method: 'GET', path, headers }, line.signal)
      if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) {
        throw new CoatcheckError({ code: 'unreachable', detail: 'What was answered is no stream of events.' })
      }
      yield OPENED

      const heard: ServerEvent[] = []
      const take = createEventReader({
        onEvent: (event) => heard.push(event),
        onRetry: (ms) => {
          retryMs = ms
        },
      })
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        within(SILENT_MS)
        const piece = await reader?.read()
        clearTimeout(timer)
        if (!piece || piece.done) break
        take(piece.value)
        for (const event of heard.splice(0)) {
          failures = 0
          // The next credential is asked for while this one is still good.
          if (event.name === 'renew') void credentials.instead(bearer).catch(() => {})
          if (event.name !== 'unauthorized') yield event
          else if ((await unlessAborted(credentials.instead(bearer), line.signal)) === undefined)
            throw unauthorized(event)
        }
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (staysRefused(error)) throw error
      atLeastMs = error instanceof CoatcheckError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
    } finally {
      clearTimeout(timer)
      free?.()
      line.abort(undefined)
      line.release()
    }
    const wait = Math.max(retryMs, atLeastMs)
    await pause(Math.max(wait * (1 + Math.random() / 2), pauseBefore(failures)), signal)
  }
}
