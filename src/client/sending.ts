/**
 * One request and its answer: with the credential, and once more with another one where the service refuses the first. A
 * refusal is thrown as what the service said of it.
 */
import type { components } from './api.ts'
import type { CredentialSource } from './credential.ts'
import { CoatcheckError } from './errors.ts'
import { unlessAborted } from './waiting.ts'

export type Outgoing = {
  readonly method: string
  /** Below the service's URL, with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Undefined for no body. */
  readonly body?: string | undefined
}

export type SenderSettings = {
  /** Without a slash at its end. */
  readonly url: string
  readonly credentials: CredentialSource
  readonly fetch: typeof fetch
}

/** The text of an ETag header without its quotes, and without the `W/` that a proxy may have put before it. */
export const tagIn = (headers: Headers): string | undefined => /"([^"]*)"/.exec(headers.get('etag') ?? '')?.[1]

const retryAfterOf = (headers: Headers): number | undefined => {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}

const secondsSince = (time: string | undefined, headers: Headers): number | undefined => {
  if (time === undefined) return undefined
  const now = Date.parse(headers.get('date') ?? '') || Date.now()
  return Math.max(0, (now - Date.parse(time)) / 1000)
}

type Problem = components['schemas']['Problem']

/**
 * The service says of each answer under /v1 that it is its own. The page of a proxy does not, nor does what else is at that
 * address. Outside of /v1 there is only what anybody may read.
 */
const isOurs = ({ headers }: Response, { path }: Outgoing): boolean =>
  headers.get('coatcheck-version') === '1' || !path.startsWith('/v1/')

/** What the service said when it refused; the body is read to its end. */
const refusal = async (answer: Response, outgoing: Outgoing): Promise<CoatcheckError> => {
  const { status, headers } = answer
  const etag = tagIn(headers)
  const retryAfterSeconds = retryAfterOf(headers)
  const facts = {
    ...(status && { status }),
    ...(etag && { etag }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
  const problem = (await answer.json().catch(() => null)) as Partial<Problem> | null
  const isRedirect = answer.type === 'opaqueredirect' || (status >= 300 && status < 400)
  const { code, detail } = (!isRedirect && isOurs(answer, outgoing) && problem) || {}
  if (code !== undefined && detail !== undefined) {
    const endedSecondsAgo = secondsSince(problem?.endedAt, headers)
    return new CoatcheckError({
      ...problem,
      ...facts,
      ...(endedSecondsAgo !== undefined && { endedSecondsAgo }),
      code,
      detail,
    })
  }
  // Perhaps a proxy in between: its 502, 503 and 504 are an outage like any other.
  return new CoatcheckError({
    ...facts,
    code: 'unreachable',
    detail: isRedirect
      ? 'The answer was a redirect, which is not followed: use the URL that it leads to.'
      : `What answered ${status} is not Coatcheck: is the URL right, and does the service run?`,
  })
}

export const createSender = ({ url, credentials, fetch }: SenderSettings) => {
  const sendWith = async (bearer: string | undefined, outgoing: Outgoing, signal: AbortSignal): Promise<Response> => {
    const { path, headers, body, method } = outgoing
    try {
      return await fetch(url + path, {
        method,
        headers: bearer === undefined ? headers : { ...headers, authorization: `Bearer ${bearer}` },
        ...(body === undefined ? {} : { body }),
        // A credential goes to the service that was named, and to no other. Not every runtime knows 'error'.
        redirect: 'manual',
        credentials: bearer === undefined ? 'include' : 'omit',
        signal,
      })
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      const detail = `${new URL(url).origin} does not answer. Does the service run, and may this page call it (CORS)?`
      throw new CoatcheckError({ code: 'unreachable', detail, cause })
    }
  }

  /**
   * @returns an answer of 2xx of the service itself, its body unread
   * @throws {CoatcheckError} a refusal, or `unreachable`; otherwise the signal's reason, or what the credential's function threw
   */
  return async (outgoing: Outgoing, signal: AbortSignal): Promise<Response> => {
    const bearer = await unlessAborted(credentials.current(), signal)
    const answer = await sendWith(bearer, outgoing, signal)
    if (answer.ok && isOurs(answer, outgoing)) return answer
    const refused = await refusal(answer, outgoing)
    if (refused.code !== 'invalid_credential') throw refused
    const other = await unlessAborted(credentials.instead(bearer), signal)
    if (other === undefined) throw refused
    const second = await sendWith(other, outgoing, signal)
    if (second.ok && isOurs(second, outgoing)) return second
    throw await refusal(second, outgoing)
  }
}

export type Sender = ReturnType<typeof createSender>
