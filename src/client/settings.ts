/**
 * The settings of one session, whole and key by key. A key that a path cannot carry safely goes in a body: it is put and
 * removed by a JSON Patch and read with the others.
 */
import { type Call, type Caller, type CallOptions, readJson, readNothing, readObject, readWritten } from './call.ts'
import { createDecided } from './decided.ts'
import { difference, type PatchOperation, patchOf, pointerTo } from './difference.ts'
import { CoatcheckError, type ErrorCode, isCoatcheckError } from './errors.ts'
import { isPlain } from './path.ts'
import { tagIn } from './sending.ts'

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

/**
 * The new ETag of what was written, and whether the write began it. For a key with other characters than letters, digits and
 * `-._~:@` both are of the settings as a whole.
 */
export type Written = { readonly etag: string; readonly created: boolean }

export type Found<Settings> = { readonly settings: Settings; readonly etag: string }

/** What may be merged into a value, RFC 7396: members of objects at any depth, and null to remove one. */
export type MergePatch<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: MergePatch<Value[Key]> | null }
    : Value

/** The keys whose values are numbers. */
export type NumberKey<Settings> = {
  [Key in keyof Settings]-?: number extends Settings[Key] ? Key : never
}[keyof Settings] &
  string

const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'

const quoted = (tag: string): string => (tag === '*' ? tag : `"${tag}"`)

const preconditions = ({ ifMatch, ifNoneMatch }: WriteOptions): Record<string, string> => ({
  ...(ifMatch === undefined ? {} : { 'if-match': quoted(ifMatch) }),
  ...(ifNoneMatch === undefined ? {} : { 'if-none-match': quoted(ifNoneMatch) }),
})

const written = async (answer: Response): Promise<Written> => {
  await readWritten(answer)
  const etag = tagIn(answer.headers)
  if (etag === undefined) throw new Error('A write is answered with the new ETag.')
  return { etag, created: answer.status === 201 }
}

/** The answer to a removal names no new ETag. */
const removed = async (answer: Response): Promise<Written> => {
  await readNothing(answer)
  return { etag: '', created: false }
}

const jsonValue = (key: string, value: unknown): unknown => {
  if (JSON.stringify(value) !== undefined) return value
  throw new TypeError(`The value for "${key}" is nothing that JSON can hold; remove() removes a key.`)
}

/** Undefined for what is not there: an unwritten session has no keys, as an empty one. */
const absent = <Value>(value: Promise<Value>, ...more: ErrorCode[]): Promise<Value | undefined> =>
  value.catch((error) => {
    if (isCoatcheckError(error, 'key_not_found', 'session_not_found', ...more)) return undefined
    throw error
  })

export const usePath = (path: string, { touch }: UseOptions): string => (touch === false ? `${path}?touch=false` : path)

/**
 * @param base the session's path
 */
export const createSettings = <Settings extends object>(call: Caller, base: string, timeoutMs: number) => {
  const whole = `${base}/settings`
  /** Of a key that is plain. */
  const keyPath = (name: string): string => `${whole}/${name}`

  /** Every write of settings: told apart from its repeats by an Idempotency-Key. */
  const write = (method: string, path: string, options: WriteOptions, sent: Partial<Call> = {}): Promise<Written> =>
    call(
      { ...options, method, path: usePath(path, options), headers: preconditions(options), repeat: 'keyed', ...sent },
      method === 'DELETE' ? removed : written,
    )

  const read = (options: UseOptions = {}): Promise<Found<Partial<Settings>>> =>
    call({ ...options, method: 'GET', path: usePath(whole, options), repeat: 'always' }, async (answer) => ({
      settings: await readObject<Partial<Settings>>()(answer),
      etag: tagIn(answer.headers) ?? '0',
    }))

  const patch = (
    change: MergePatch<Settings> | readonly PatchOperation[],
    options: WriteOptions = {},
  ): Promise<Written> =>
    write('PATCH', whole, options, {
      body: change,
      type: Array.isArray(change) ? JSON_PATCH : MERGE_PATCH,
    })

  const writeDecided = createDecided({ read, patch, timeoutMs })

  /** A write of a key that goes by a patch of one operation. A condition on it is judged by what is there. */
  const patchKey = async (operation: PatchOperation, name: string, options: WriteOptions): Promise<Written> => {
    const { ifMatch, ifNoneMatch, ...more } = options
    if (ifMatch !== '*' && ifNoneMatch === undefined) return patch([operation], options)
    const done = await writeDecided(({ settings, etag }) => {
      const isThere = Object.hasOwn(settings, name)
      if (ifMatch === undefined ? !isThere : isThere && ifNoneMatch === undefined) return [operation]
      const detail = `The key is ${isThere ? '' : 'not '}there.`
      throw new CoatcheckError({ code: 'precondition_failed', status: 412, detail, etag })
    }, more)
    return done as Written
  }

  /** All settings, `{}` if there are none yet; or the value of one key, undefined if it is absent. */
  function get(options?: UseOptions): Promise<Partial<Settings>>
  function get<Key extends keyof Settings & string>(name: Key, options?: UseOptions): Promise<Settings[Key] | undefined>
  async function get(first?: string | UseOptions, options: UseOptions = {}): Promise<unknown> {
    if (typeof first !== 'string') return (await read(first)).settings
    if (isPlain(first)) {
      return absent(
        call({ ...options, method: 'GET', path: usePath(keyPath(first), options), repeat: 'always' }, readJson),
      )
    }
    const settings = (await absent(read(options)))?.settings as Record<string, unknown> | undefined
    return settings && Object.hasOwn(settings, first) ? settings[first] : undefined
  }

  const step = <Value>(name: string, key: string, body: object, options: UseOptions): Promise<{ value: Value }> =>
    call(
      {
        ...options,
        method: 'POST',
        path: usePath(`${base}/${name}`, options),
        body: { key, ...body },
        repeat: 'keyed',
      },
      readObject<{ value: Value }>('value'),
    )

  return {
    get,
    /** The settings with their ETag, for a write that says what it replaces. */
    read,

    /** Puts the value of one key; `null` is a value. */
    set: async <Key extends keyof Settings & string>(
      name: Key,
      value: Settings[Key],
      options: WriteOptions = {},
    ): Promise<Written> =>
      isPlain(name)
        ? write('PUT', keyPath(name), options, { body: jsonValue(name, value) })
        : patchKey({ op: 'add', path: pointerTo(name), value: jsonValue(name, value) }, name, options),

    /**
     * Changes some keys, all or nothing, and leaves the others. An object is a merge patch (RFC 7396: null removes, objects
     * are merged at any depth), an array a JSON Patch (RFC 6902).
     */
    patch,

    /** Removes one key; it may be absent already. */
    remove: async (name: keyof Settings & string, options: WriteOptions = {}): Promise<void> => {
      await (isPlain(name)
        ? absent(write('DELETE', keyPath(name), options))
        : absent(patchKey({ op: 'remove', path: pointerTo(name) }, name, options), 'path_not_found'))
    },

    /** Replaces all settings. Must say what it replaces: an ETag, or `*` for whatever is there. */
    replace: (settings: Settings, options: WriteOptions): Promise<Written> =>
      write('PUT', whole, options, { body: settings }),

    /** Reads a value and removes it in one step: one of any number of callers gets it, the others undefined. */
    take: async <Key extends keyof Settings & string>(
      name: Key,
      options: UseOptions = {},
    ): Promise<Settings[Key] | undefined> => (await absent(step<Settings[Key]>('take', name, {}, options)))?.value,

    /** Adds to a number, an absent one counts as 0; answers the sum. */
    increment: async (name: NumberKey<Settings>, by = 1, options: UseOptions = {}): Promise<number> =>
      (await step<number>('increment', name, { by }, options)).value,

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
      options: UseOptions = {},
    ): Promise<Partial<Settings>> => {
      let next: Partial<Settings> = {}
      await writeDecided(async ({ settings }) => {
        const draft = structuredClone(settings)
        next = (await change(draft)) ?? draft
        return patchOf(difference(settings, next))
      }, options)
      return next
    },
  }
}
