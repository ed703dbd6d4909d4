/**
 * The service, as commands call it: by the TypeScript client; and by the client's own parts where a command needs the text
 * of a value, which a parsed one does not keep (`1.10`, 12345678901234567890).
 */
import { type Call, createCaller } from '../client/call.ts'
import { createCredentialSource } from '../client/credential.ts'
import type { ServerEvent } from '../client/event-text.ts'
import { createClient } from '../client/index.ts'
import { listen } from '../client/listen.ts'
import { createSender } from '../client/sending.ts'
import { apiKeyFrom, serviceUrl } from './address.ts'
import { type Given, type Surroundings, UsageError } from './command.ts'

/** What those who watch are told of who has written. */
const ORIGIN = 'operator'
const TIMEOUT_SECONDS = '5'

/** How long a call may take, its repeats included, in ms. */
export const timeoutOf = (given: Given): number => {
  const seconds = Number(given.text('timeout') ?? TIMEOUT_SECONDS)
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError('--timeout takes seconds, more than 0 and 3600 at most.')
  return seconds * 1000
}

export type Answered = { readonly text: string; readonly status: number; readonly headers: Headers }

/** Throws OperatorError where it is not known which service is meant, or there is no API key. */
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

    /** Any call, with the answer as the text that it is. */
    call: (sent: Call): Promise<Answered> =>
      call(sent, async (answer) => ({
        text: await answer.text(),
        status: answer.status,
        headers: answer.headers,
      })),

    /** Server-sent events, from now on, however often the line breaks. */
    listen: (path: string, lastEventId: () => string | undefined, signal: AbortSignal): AsyncGenerator<ServerEvent> =>
      listen({ send, credentials, path, lastEventId, signal }),
  }
}

export type Connection = ReturnType<typeof connect>

/** A session's path; its id is a UUID. */
export const sessionPath = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`
