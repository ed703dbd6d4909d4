/**
 * The client of Coatcheck for Node and the browser: `createClient({ url, credential })`, then `client.session(id)`. It needs
 * `fetch` and nothing else.
 */
import { type Call, type CallOptions, readNothing } from './call.ts'
import { type ClientOptions, connect } from './connect.ts'
import { createFeed } from './feed.ts'
import { subjectSegment } from './path.ts'
import type { Batch, CreateRequest, RedeemRequest, SessionPage, SessionView, Token } from './shapes.ts'

export type { CallOptions } from './call.ts'
export type { ChangesOptions, EndReason, SessionEvent } from './changes.ts'
export type { ClientOptions } from './connect.ts'
export type { Credential, MintedToken } from './credential.ts'
export { type Difference, difference, type PatchOperation, patchOf } from './difference.ts'
export { CoatcheckError, type ErrorCode, isCoatcheckError } from './errors.ts'
export type { Feed } from './feed.ts'
export type { Session } from './session.ts'
export type { Found, MergePatch, NumberKey, UseOptions, WriteOptions, Written } from './settings.ts'
export type * from './shapes.ts'

export const createClient = (options: ClientOptions) => {
  const { call, ask, streams, session, close } = connect(options)

  const batch = (
    ids: readonly string[],
    { touch = false, ...more }: CallOptions & { readonly touch?: boolean } = {},
  ): Promise<Batch> =>
    ask(
      { ...more, method: 'POST', path: '/v1/sessions/batch', body: { ids, touch }, repeat: 'always' },
      'sessions',
      'missing',
      'gone',
    )

  /** A listing of sessions, one part of 100 after the other. */
  async function* pages<Settings extends object>(
    path: string,
    more: CallOptions,
  ): AsyncGenerator<SessionView<Settings>, void> {
    let cursor: string | undefined
    do {
      const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const part: Call = { ...more, method: 'GET', path: `${path}?limit=100${from}`, repeat: 'always' }
      const found = await ask<SessionPage>(part, 'sessions')
      yield* found.sessions as SessionView<Settings>[]
      cursor = found.next
    } while (cursor !== undefined)
  }

  return {
    /** A handle of a session; no call is made. `current` is the one that the token or cookie names. */
    session,

    /** Begins a session; its id is drawn by the service unless one is given. API keys only. */
    create: <Settings extends object = Record<string, unknown>>(
      request: Omit<CreateRequest, 'settings'> & { readonly settings?: NoInfer<Partial<Settings>> } = {},
      more: CallOptions = {},
    ): Promise<SessionView<Settings> & { token?: Token }> =>
      ask({ ...more, method: 'POST', path: '/v1/sessions', body: request, repeat: 'keyed' }, 'id', 'settings'),

    /**
     * Redeems a one-time code together with the session id in the visitor's own cookie. With a subject in the code the session
     * has moved to the id of the answer's `session`, which belongs into the cookie. API keys only.
     *
     * @throws {CoatcheckError} `handoff_gone` if the code was used, is too old, or is for another session
     */
    redeem: <Settings extends object = Record<string, unknown>, Payload = unknown>(
      request: RedeemRequest,
      more: CallOptions = {},
    ): Promise<{ payload: Payload; session: SessionView<Settings>; token?: Token }> =>
      ask(
        { ...more, method: 'POST', path: '/v1/handoffs/redeem', body: request, repeat: 'keyed' },
        'payload',
        'session',
      ),

    /** Up to 100 sessions at once. No use of them unless `touch` is true. API keys only. */
    batch,

    /**
     * All sessions of the namespace that live, part after part, in no order. What begins or ends meanwhile may be among them
     * or not, and one may come twice. No use of them. API keys only.
     */
    sessions: <Settings extends object = Record<string, unknown>>(
      more: CallOptions = {},
    ): AsyncGenerator<SessionView<Settings>, void> => pages<Settings>('/v1/sessions', more),

    /** Where a user is logged in, and logging out everywhere. API keys only. */
    subject: (name: string) => {
      const path = `/v1/subjects/${subjectSegment(name)}/sessions`
      return {
        /** All sessions of the user, page after page. */
        sessions: (more: CallOptions = {}): AsyncGenerator<SessionView, void> => pages(path, more),
        /** Ends every session of the user, save one if it is named; answers how many. */
        async end({ except, ...more }: CallOptions & { readonly except?: string } = {}): Promise<number> {
          const query = except === undefined ? '' : `?except=${encodeURIComponent(except)}`
          const all = { ...more, method: 'DELETE', path: path + query, repeat: 'always' } as const
          return (await ask<{ ended: number }>(all, 'ended')).ended
        },
      }
    },

    /**
     * The changes of many sessions over one stream, for a process that serves many live views: `feed.changes(id)` is what
     * `session(id).changes()` is. API keys only.
     */
    feed: () => createFeed({ ...streams, batch }),

    /** Exchanges the client's token (with the scope `cookie`) for a cookie that the browser keeps. */
    setCookie: (more: CallOptions = {}): Promise<void> =>
      call({ ...more, method: 'POST', path: '/v1/cookie', repeat: 'always' }, readNothing),

    /** Ends its streams and its renewals; calls after it, and those under way, throw `closed`. */
    close,
  }
}

export type Client = ReturnType<typeof createClient>
