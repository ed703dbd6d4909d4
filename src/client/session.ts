/** One session, as its users hold it: a handle that makes calls and keeps nothing. */
import { type Call, type Caller, type CallOptions, readJson, readNothing, readObject, readWritten } from './call.ts'
import { type ChangesOptions, type ChangesSettings, type SessionEvent, watchSession } from './changes.ts'
import { difference, isNone, type PatchOperation, patchOf } from './difference.ts'
import { isCoatcheckError } from './errors.ts'
import { tagIn } from './sending.ts'
import type { Handoff, HandoffRequest, RotateRequest, SessionView, Token, TokenRequest } from './shapes.ts'
import { pause, pauseBefore } from './waiting.ts'

export type UseOptions = CallOptions & {
  /** `false` looks without using: the idle clock stays where it is. */
  readonly touch?: boolean | undefined
}

export type WriteOptions = UseOptions & {
  /** Only if the ETag of what is written is this one; `*` if it exists. Otherwise `precondition_failed`. */
  readonly ifMatch?: string | undefined
  /** `*`: only if it does not exist. */
  readonly ifNoneMatch?: '*' | undefined
}

/** The new ETag of what was written, and whether the write began it. */
export type Written = { readonly etag: string; readonly created: boolean }

export type Found<Settings> = { readonly settings: Settings; readonly etag: string }

const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'

const quoted = (tag: string): string => (tag === '*' ? tag : `"${tag}"`)

const preconditions = ({ ifMatch, ifNoneMatch }: WriteOptions): Record<string, string> => ({
  ...(ifMatch === undefined ? {} : { 'if-match': quoted(ifMatch) }),
  ...(ifNoneMatch === undefined ? {} : { 'if-none-match': quoted(ifNoneMatch) }),
})

const written = async (answer: Response): Promise<Written> => {
  await readWritten(answer)
  return { etag: tagIn(answer.headers) ?? '', created: answer.status === 201 }
}

/** A key as one segment of a path. Throws TypeError for the two names that every URL parser takes for steps. */
const segment = (key: string): string => {
  if (key === '.' || key === '..') throw new TypeError(`The key "${key}" cannot stand in a path: use patch and get().`)
  return encodeURIComponent(key)
}

const jsonValue = (key: string, value: unknown): unknown => {
  if (JSON.stringify(value) !== undefined) return value
  throw new TypeError(`The value for "${key}" is nothing that JSON can hold; remove() removes a key.`)
}

/** Those whose preconditions lost; after a few of them the losers step aside for a moment. */
const PATIENT_TRIES = 3

export const createSession = <Settings extends object>(
  call: Caller,
  id: string,
  streams: Omit<ChangesSettings, 'path' | 'look'>,
  timeoutMs: number,
) => {
  const base = `/v1/sessions/${encodeURIComponent(id)}`
  const key = (name: string): string => `${base}/settings/${segment(name)}`
  const use = (path: string, { touch }: UseOptions): string => (touch === false ? `${path}?touch=false` : path)

  const ask = <Shape extends object>(sent: Call): Promise<Shape> => call(sent, readObject<Shape>)

  /** Every write of settings: told apart from its repeats by an Idempotency-Key. */
  const write = (method: string, path: string, options: WriteOptions, sent: Partial<Call> = {}): Promise<Written> =>
    call(
      { ...options, method, path: use(path, options), headers: preconditions(options), repeat: 'keyed', ...sent },
      written,
    )

  const read = (options: UseOptions = {}): Promise<Found<Partial<Settings>>> =>
    call({ ...options, method: 'GET', path: use(`${base}/settings`, options), repeat: 'always' }, async (answer) => ({
      settings: await readObject<Partial<Settings>>(answer),
      etag: tagIn(answer.headers) ?? '0',
    }))

  const patch = (
    change: Readonly<Record<string, unknown>> | readonly PatchOperation[],
    options: WriteOptions = {},
  ): Promise<Written> =>
    write('PATCH', `${base}/settings`, options, {
      body: change,
      type: Array.isArray(change) ? JSON_PATCH : MERGE_PATCH,
    })

  /** All settings, `{}` if there are none yet; or the value of one key, undefined if it is absent. */
  function get(options?: UseOptions): Promise<Partial<Settings>>
  function get<Key extends keyof Settings & string>(name: Key, options?: UseOptions): Promise<Settings[Key] | undefined>
  async function get(first?: string | UseOptions, options: UseOptions = {}): Promise<unknown> {
    if (typeof first !== 'string') return (await read(first)).settings
    const path = use(key(first), options)
    return absent(call({ ...options, method: 'GET', path, repeat: 'always' }, readJson))
  }

  /** An unwritten session has no keys, as an empty one. */
  const absent = <Value>(value: Promise<Value>): Promise<Value | undefined> =>
    value.catch((error) => {
      if (isCoatcheckError(error, 'key_not_found', 'session_not_found')) return undefined
      throw error
    })

  const view = (options: UseOptions = {}): Promise<SessionView<Settings>> =>
    ask({ ...options, method: 'GET', path: use(base, options), repeat: 'always' })

  return {
    id,
    get,
    /** The settings with their ETag, for a write that says what it replaces. */
    read,

    /** Puts the value of one key; `null` is a value. */
    set: async <Key extends keyof Settings & string>(
      name: Key,
      value: Settings[Key],
      options: WriteOptions = {},
    ): Promise<Written> => write('PUT', key(name), options, { body: jsonValue(name, value) }),

    /**
     * Changes some keys, all or nothing, and leaves the others. An object is a merge patch (RFC 7396: null removes, objects
     * are merged at any depth), an array a JSON Patch (RFC 6902).
     */
    patch,

    /** Removes one key; it may be absent already. */
    remove: async (name: keyof Settings & string, options: WriteOptions = {}): Promise<void> => {
      await absent(write('DELETE', key(name), options))
    },

    /** Replaces all settings. Must say what it replaces: an ETag, or `*` for whatever is there. */
    replace: (settings: Settings, options: WriteOptions): Promise<Written> =>
      write('PUT', `${base}/settings`, options, { body: settings }),

    /** Reads a value and removes it in one step: one of any number of callers gets it, the others undefined. */
    take: async <Key extends keyof Settings & string>(
      name: Key,
      options: UseOptions = {},
    ): Promise<Settings[Key] | undefined> =>
      (
        await absent(
          ask<{ value: Settings[Key] }>({
            ...options,
            method: 'POST',
            path: use(`${key(name)}/take`, options),
            repeat: 'keyed',
          }),
        )
      )?.value,

    /** Adds to a number, an absent one counts as 0; answers the sum. */
    increment: async (name: keyof Settings & string, by = 1, options: UseOptions = {}): Promise<number> =>
      (
        await ask<{ value: number }>({
          ...options,
          method: 'POST',
          path: use(`${key(name)}/increment`, options),
          body: { by },
          repeat: 'keyed',
        })
      ).value,

    /**
     * Changes the settings by a function of what they are, and tries again with what they have become whenever somebody else
     * was faster, until it wins or the call's time is over. Only keys that the function changed are written.
     *
     * @param change gets a copy that it may change or answer anew; it may run several times
     * @returns the settings as they were written
     * @throws {CoatcheckError} `precondition_failed` if others were faster all the time
     */
    update: async (
      change: (settings: Partial<Settings>) => Partial<Settings> | undefined | Promise<Partial<Settings> | undefined>,
      options: CallOptions = {},
    ): Promise<Partial<Settings>> => {
      const until = performance.now() + (options.timeoutMs ?? timeoutMs)
      const inTime = (): CallOptions => ({ ...options, timeoutMs: Math.max(1, Math.ceil(until - performance.now())) })
      for (let lost = 0; ; lost++) {
        const { settings, etag } = await read(inTime())
        const draft = structuredClone(settings)
        const next = (await change(draft)) ?? draft
        const changes = difference(settings, next)
        if (isNone(changes)) return next
        try {
          await patch(patchOf(changes), { ...inTime(), ifMatch: etag })
          return next
        } catch (error) {
          if (!isCoatcheckError(error, 'precondition_failed') || performance.now() >= until) throw error
        }
        if (lost >= PATIENT_TRIES) await pause(pauseBefore(0), options.signal)
      }
    },

    /** The session with its clocks. */
    view,

    /** Slides the idle clock; answers the session without its settings. */
    touch: (options: CallOptions = {}): Promise<Omit<SessionView<Settings>, 'settings'>> =>
      ask({ ...options, method: 'POST', path: `${base}/touch`, repeat: 'always' }),

    /** Moves the session to a new id that nobody knew before, and binds it if a subject is given. API keys only. */
    rotate: (
      request: RotateRequest = {},
      options: CallOptions = {},
    ): Promise<SessionView<Settings> & { token?: Token }> =>
      ask({ ...options, method: 'POST', path: `${base}/rotate`, body: request, repeat: 'keyed' }),

    /** Mints a token for this session; with a token that may `renew`, the same or less. */
    token: (request: TokenRequest = {}, options: CallOptions = {}): Promise<Token> =>
      ask({ ...options, method: 'POST', path: `${base}/tokens`, body: request, repeat: 'refused' }),

    /** Makes every token and cookie of the session void, from the next call on. API keys only. */
    revokeTokens: (options: CallOptions = {}): Promise<void> =>
      call({ ...options, method: 'DELETE', path: `${base}/tokens`, repeat: 'always' }, readNothing),

    /** Makes a one-time code that carries a login from a socket to the HTTP side. API keys only. */
    handoff: (request: HandoffRequest = {}, options: CallOptions = {}): Promise<Handoff> =>
      ask({ ...options, method: 'POST', path: `${base}/handoffs`, body: request, repeat: 'refused' }),

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
