/**
 * Calls of commands to the service. They use the TypeScript client. If a command needs the text of a value, it uses the parts
 * of the client, because a parsed value does not keep its text (`1.10`, 12345678901234567890).
 */
import { type Call, createCaller } from '../client/call.ts'
import { createCredentialSource } from '../client/credential.ts'
import type { ServerEvent } from '../client/event-text.ts'
import { createClient } from '../client/index.ts'
import { listen } from '../client/listen.ts'
import { createSender } from '../client/sending.ts'
import { apiKeyFrom, serviceUrl } from './address.ts'
import { type Given, type Surroundings, UsageError } from './command.ts'

/** The name of the writer that readers of changes see. */
const ORIGIN = 'operator'
const TIMEOUT_SECONDS = '5'

/** The longest time of a call with its repeats, in ms. */
export const timeoutOf = (given: Given): number => {
  const seconds = Number(given.text('timeout') ?? TIMEOUT_SECONDS)
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError('--timeout takes seconds, more than 0 and 3600 at most.')
  return seconds * 1000
}

export type Answered = { readonly text: string; readonly status: number; readonly headers: Headers }

/** Throws OperatorError if the URL of the service is wrong, or if there is no API key. */
export const connect = (given: Given, { env }: Surroundings, { isPublic = false } = {}) => {
  const url = serviceUrl(given.text('url'), env)
  const timeoutMs = timeoutOf(given)
  const credential = isPublic ? undefined : apiKeyFrom(env)
  const credentials = createCredentialSource(credential)
  const send = createSender({ url, credentials, fetch })
  const call = createCaller({ send, timeoutMs, origin: ORIGIN, closed: new AbortController().signal })

  return {
    timeoutMs,
    client: createClient({ url, credential, timeoutMs, origin: ORIGIN }),

    /** Any call. It returns the answer as text. */
    call: (sent: Call): Promise<Answered> =>
      call(sent, async (answer) => ({
        text: await answer.text(),
        status: answer.status,
        headers: answer.headers,
      })),

    /** An answer that is read for as long as it takes, its body unread. Asked once. */
    open: (method: string, path: string): Promise<Response> =>
      send({ method, path, headers: {} }, new AbortController().signal),

    /** Server-sent events from now on. It reconnects after each break. */
    listen: (path: string, lastEventId: () => string | undefined, signal: AbortSignal): AsyncGenerator<ServerEvent> =>
      listen({ send, credentials, path, lastEventId, signal }),
  }
}

export type Connection = ReturnType<typeof connect>

/** A session's path; its id is a UUID. */
export const sessionPath = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`
