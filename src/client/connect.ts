/** What a client is made of: its options, its credential, and how it makes calls. */
import { type Call, type Caller, createCaller, readObject } from './call.ts'
import { type Credential, createCredentialSource, type MintedToken } from './credential.ts'
import { CoatcheckError } from './errors.ts'
import { thisPage } from './page.ts'
import { createSender } from './sending.ts'
import { createSession, type Session } from './session.ts'
import type { Token } from './shapes.ts'
import { createYielding } from './yielding.ts'

export type ClientOptions = {
  /** Where the service is: `http://127.0.0.1:3000`, with the path prefix if it has one. */
  readonly url: string | URL
  /** An API key, a session token, or a function that gets one; if left out, the browser's cookie. */
  readonly credential?: Credential | undefined
  /** Whether a token with the scope `renew` is renewed at half its time, as long as the client is open. */
  readonly renew?: boolean | undefined
  /** What this client calls itself in the changes that it makes: 1 to 64 visible ASCII characters. */
  readonly origin?: string | undefined
  /** How long a call may take, its repeats included; 10,000 if left out. In ms. */
  readonly timeoutMs?: number | undefined
  /** In place of the global one. */
  readonly fetch?: typeof fetch | undefined
}

const TIMEOUT_MS = 10_000

/** Throws TypeError where the text is no URL that calls can be made to. */
const baseOf = (given: string | URL): string => {
  const url = URL.canParse(String(given)) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new TypeError('The url is no URL of a service: it looks like http://127.0.0.1:3000.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('The url has a user or a password in it: take them out.')
  }
  return url.href.replace(/\/+$/, '')
}

export const connect = (options: ClientOptions) => {
  const { credential, renew, origin, timeoutMs = TIMEOUT_MS } = options
  const url = baseOf(options.url)
  const closing = new AbortController()
  const closed = closing.signal
  const fetchOf = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args))

  /** By the token that is to be renewed, whatever the client holds meanwhile. */
  const renewal = async (token: string): Promise<MintedToken> => {
    const alone = createSender({ url, credentials: createCredentialSource(token), fetch: fetchOf })
    const call = createCaller({ send: alone, timeoutMs, origin, closed })
    const path = '/v1/sessions/current/tokens'
    return call({ method: 'POST', path, body: {}, repeat: 'always' }, readObject<Token>('access_token', 'expires_in'))
  }

  const credentials = createCredentialSource(credential, renew ? renewal : undefined)
  const send = createSender({ url, credentials, fetch: fetchOf })
  const page = thisPage()
  const mayShare = page?.locks !== undefined && page.open !== undefined
  const yielding = page && !mayShare ? createYielding(page, url) : undefined
  const caller = createCaller({ send, timeoutMs, origin, closed })
  const call: Caller = yielding ? (...args) => yielding.during(() => caller(...args)) : caller
  const ask = <Shape extends object>(sent: Call, ...members: readonly (keyof Shape & string)[]): Promise<Shape> =>
    call(sent, readObject(...members))
  const streams = { send, credentials, url, closed, page: mayShare ? page : undefined, way: yielding?.way }

  return {
    call,
    ask,
    streams,
    session: <Settings extends object = Record<string, unknown>>(id: string): Session<Settings> =>
      createSession<Settings>(call, id, streams, timeoutMs),
    close: (): void => {
      credentials.close()
      yielding?.close()
      closing.abort(new CoatcheckError({ code: 'closed', detail: 'The client was closed.' }))
    },
  }
}
