/** What changed between two settings, key by key, so that only that is written: keys that others changed meanwhile stay theirs. */

export type Difference = {
  /** Whole values, by their keys. */
  readonly set: Readonly<Record<string, unknown>>
  readonly removed: readonly string[]
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** What JSON makes of a value that says so itself, such as a Date. */
const inJson = (value: unknown): unknown =>
  isObject(value) && typeof value.toJSON === 'function' ? value.toJSON() : value

/** Whether two values are equal in JSON; the order of an object's members does not count. */
export const isEqual = (first: unknown, second: unknown): boolean => {
  const [one, other] = [inJson(first), inJson(second)]
  if (one === other) return true
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  )
}

/** A member that is undefined counts as absent, as in JSON. */
export const difference = (before: object, after: object): Difference => {
  const old = Object.entries(before)
  const now = Object.entries(after).filter(([, value]) => value !== undefined)
  const had = new Map(old)
  const has = new Set(now.map(([key]) => key))
  return {
    set: Object.fromEntries(now.filter(([key, value]) => !had.has(key) || !isEqual(had.get(key), value))),
    removed: old.map(([key]) => key).filter((key) => !has.has(key)),
  }
}

export const isNone = ({ set, removed }: Difference): boolean => removed.length === 0 && Object.keys(set).length === 0

/** One operation of a JSON Patch, RFC 6902. */
export type PatchOperation = {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  /** A JSON Pointer, RFC 6901. */
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

export const pointerTo = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`

/**
 * The JSON Patch that brings the difference about, whatever stands there: a merge patch could neither set null nor replace an
 * object. Removing an absent key is an error in a JSON Patch, so a key is there before it is removed.
 */
export const patchOf = ({ set, removed }: Difference): PatchOperation[] => [
  ...Object.entries(set).map(([key, value]) => ({ op: 'add', path: pointerTo(key), value }) as const),
  ...removed.flatMap((key) => [
    { op: 'add', path: pointerTo(key), value: null } as const,
    { op: 'remove', path: pointerTo(key) } as const,
  ]),
]
