/** Settings against what a namespace allows: names, nesting, and the values themselves where it has a schema for them. */
import { CoatcheckError } from '../../errors.ts'
import { maySee } from '../credentials/access.ts'
import type { Caller } from '../credentials/caller.ts'
import { depth, isRefusedName, isWellFormed } from '../json/json-text.ts'
import { faultAt, pointerTo } from '../json/pointer-fault.ts'
import type { Policy } from '../policy.ts'

/**
 * Throws `name_refused` for a name that is refused in bodies, too, and `key_length` unless a key has 1 to `keyBytes` bytes
 * of UTF-8 and no half of a surrogate pair.
 */
export const checkKey = (key: string, keyBytes: number): void => {
  if (isRefusedName(key)) {
    throw new CoatcheckError('name_refused', undefined, {
      errors: [{ pointer: pointerTo([key]), detail: 'is a name that is refused' }],
    })
  }
  const bytes = Buffer.byteLength(key)
  if (bytes > 0 && bytes <= keyBytes && isWellFormed(key)) return
  const detail =
    bytes === 0 ? 'is empty' : bytes > keyBytes ? `has ${bytes} bytes of UTF-8` : 'holds half of a surrogate pair'
  throw new CoatcheckError('key_length', undefined, {
    errors: [{ pointer: pointerTo([key]), detail }],
    limit: keyBytes,
  })
}

type Texts = Iterable<readonly [name: string, text: string]>

/**
 * Checks settings, or a patch of them, against a namespace's limits: the keys as `checkKey` does, and the nesting. The
 * settings object itself counts as the first level, so with a depth of 16 a value may have 15 of its own. Throws
 * `key_length` or `too_deep`, with a pointer and the limit.
 */
export const checkForm = (settings: Texts, limits: { readonly keyBytes: number; readonly depth: number }): void => {
  for (const [key, text] of settings) {
    checkKey(key, limits.keyBytes)
    // Each level takes two characters at least, so most values need not be looked at.
    if (text.length >= 2 * limits.depth && depth(text) >= limits.depth) {
      throw faultAt('too_deep', [key], 'is nested too deeply', limits.depth)
    }
  }
}

/** Longer lists of faults tell nobody more. */
const MAX_FAULTS = 32

/**
 * Checks the texts that a write would leave, key by key, against the namespace's schema, if it has one. Throws
 * `settings_invalid`, which points into the settings.
 */
export const checkValues = (settings: Texts, { checkValue }: Policy): void => {
  if (checkValue === null) return
  const errors = [...settings].flatMap(([key, text]) => checkValue(key, JSON.parse(text)))
  if (errors.length === 0) return
  throw new CoatcheckError('settings_invalid', undefined, { errors: errors.slice(0, MAX_FAULTS) })
}

/** Checks the texts that a write would leave against all that the namespace asks of them. */
export const checkSettings = (settings: Texts, policy: Policy): void => {
  checkForm(settings, policy.limits)
  checkValues(settings, policy)
}

/**
 * The same for values of which the caller sent only a part, such as the result of a patch. A fault inside a value that the
 * caller may not read points at its key alone: what lies deeper would tell how the value is made.
 */
export const checkPatched = (caller: Caller, settings: ReadonlyMap<string, string>, policy: Policy): void => {
  try {
    checkSettings(settings, policy)
  } catch (error) {
    if (!(error instanceof CoatcheckError) || error.extras.errors === undefined) throw error
    const unseen = [...settings.keys()].filter((key) => !maySee(caller, key)).map((key) => pointerTo([key]))
    const errors = error.extras.errors.map((fault) => {
      const pointer = unseen.find((one) => fault.pointer.startsWith(`${one}/`))
      return pointer === undefined ? fault : { pointer, detail: 'holds a value that is refused' }
    })
    throw new CoatcheckError(error.code, error.message, { ...error.extras, errors })
  }
}
