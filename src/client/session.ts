/** One session, as its users hold it: a handle that makes calls and keeps nothing. */
import { type Call, type Caller, type CallOptions, readNothing, readObject, readSession } from './call.ts'
import { type ChangesOptions, type ChangesSettings, type SessionEvent, watchSession } from './changes.ts'
import { isPlain } from './path.ts'
import { createSettings, type UseOptions, usePath } from './settings.ts'
import type { Handoff, HandoffRequest, RotateRequest, SessionView, Token, TokenRequest } from './shapes.ts'

export const createSession = <Settings extends object>(
  call: Caller,
  id: string,
  streams: Omit<ChangesSettings, 'path' | 'look'>,
  timeoutMs: number,
) => {
  if (!isPlain(id)) throw new TypeError('This is no id of a session: it is a UUID, or `current`.')
  const base = `/v1/sessions/${id}`
  const ask = <Shape extends object>(sent: Call, ...members: readonly (keyof Shape & string)[]): Promise<Shape> =>
    call(sent, readObject(...members))

  const view = (options: UseOptions = {}): Promise<SessionView<Settings>> =>
    call(
      { ...options, method: 'GET', path: usePath(base, options), repeat: 'always' },
      readSession<SessionView<Settings>>(id, 'settings', 'etag', 'revision'),
    )

  return {
    id,
    ...createSettings<Settings>(call, base, timeoutMs),

    /** The session with its clocks. */
    view,

    /** Slides the idle clock; answers the session without its settings. */
    touch: (options: CallOptions = {}): Promise<Omit<SessionView<Settings>, 'settings'>> =>
      call({ ...options, method: 'POST', path: `${base}/touch`, repeat: 'always' }, readSession(id, 'expiresAt')),

    /** Moves the session to a new id that nobody knew before, and binds it if a subject is given. API keys only. */
    rotate: (
      request: RotateRequest = {},
      options: CallOptions = {},
    ): Promise<SessionView<Settings> & { token?: Token }> =>
      ask({ ...options, method: 'POST', path: `${base}/rotate`, body: request, repeat: 'keyed' }, 'id', 'settings'),

    /** Mints a token for this session; with a token that may `renew`, the same or less. */
    token: (request: TokenRequest = {}, options: CallOptions = {}): Promise<Token> =>
      ask({ ...options, method: 'POST', path: `${base}/tokens`, body: request, repeat: 'refused' }, 'access_token'),

    /** Makes every token and cookie of the session void, from the next call on. API keys only. */
    revokeTokens: (options: CallOptions = {}): Promise<void> =>
      call({ ...options, method: 'DELETE', path: `${base}/tokens`, repeat: 'always' }, readNothing),

    /** Makes a one-time code that carries a login from a socket to the HTTP side. API keys only. */
    handoff: (request: HandoffRequest = {}, options: CallOptions = {}): Promise<Handoff> =>
      ask({ ...options, method: 'POST', path: `${base}/handoffs`, body: request, repeat: 'refused' }, 'code'),

    /** Ends the session, for good: it stays ended, also if it had not begun. */
    end: (options: CallOptions = {}): Promise<void> =>
      call({ ...options, method: 'DELETE', path: base, repeat: 'always' }, readNothing),

    /** What happens to the session from now on, beginning with a snapshot. Goes on by itself after a break. */
    changes: (options: ChangesOptions = {}): AsyncGenerator<SessionEvent<Partial<Settings>>, void> =>
      watchSession<Partial<Settings>>(
        { ...streams, path: base, look: (signal) => view({ signal, touch: false }) as Promise<SessionView> },
        options,
      ),
  }
}

export type Session<Settings extends object> = ReturnType<typeof createSession<Settings>>
