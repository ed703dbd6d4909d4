/**
 * JSON Patch, RFC 6902, over settings whose values are kept as texts. It is read first, on its own, so that the keys it
 * names can be judged before anything is looked up; then it is applied to as many keys as it needs, all or nothing.
 *
 * An error points at the operation and never quotes a value. Time and memory are bounded by the patch's own size, the
 * limit on settings and what is looked up, also for a patch that copies a value into itself over and over.
 */
import { CoatcheckError, type ErrorCode } from '../errors.ts'
import { canonical } from './json-number.ts'
import {
  decodeString,
  elements,
  faultAt,
  fromText,
  isRefusedName,
  isWellFormed,
  itemsOf,
  members,
  membersOf,
  putMember,
  textOf,
  type Value,
} from './json-text.ts'

/** A pointer's tokens, decoded: a key of the settings, and the way inside its value. */
type Pointer = readonly [key: string, ...inside: string[]]

/** RFC 6902 §4; `text` is the operation's value as it was sent. */
type Operation =
  | { readonly op: 'add'; readonly path: Pointer; readonly text: string }
  | { readonly op: 'replace'; readonly path: Pointer; readonly text: string }
  | { readonly op: 'test'; readonly path: Pointer; readonly text: string }
  | { readonly op: 'remove'; readonly path: Pointer }
  | { readonly op: 'move'; readonly from: Pointer; readonly path: Pointer }
  | { readonly op: 'copy'; readonly from: Pointer; readonly path: Pointer }

export type JsonPatch = {
  readonly operations: readonly Operation[]
  /** Keys whose value the patch compares or carries elsewhere: of `test`, and `from`. */
  readonly reads: ReadonlySet<string>
  /** Keys that it changes, in whole or inside: of every `path` but that of `test`, and `from` of `move`. */
  readonly writes: ReadonlySet<string>
}

export type Patched = {
  readonly set: Map<string, string>
  readonly remove: Set<string>
  /** What was found under each key whose text had a part in the result. An absence never has: the patch fails of it. */
  readonly looked: Map<string, string>
}

/** RFC 6901 §3 and §4. */
const readPointer = (given: unknown, index: number, member: 'path' | 'from'): Pointer => {
  const isPointer = typeof given === 'string' && /^(?:\/|$)/.test(given) && !/~(?![01])/.test(given)
  if (!isPointer) throw faultAt('invalid_request', [index, member], 'must be a JSON Pointer (RFC 6901)')
  const [key, ...inside] = given
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (key === undefined) throw faultAt('invalid_patch', [index, member], 'names the whole document')
  return [key, ...inside]
}

/** Refuses names that may not come to be. Half a surrogate pair would be another key by the time it is stored. */
const checkNewName = (path: Pointer, index: number): void => {
  if (isRefusedName(path.at(-1)!)) throw faultAt('name_refused', [index, 'path'], 'ends in a name that is refused')
  if (!isWellFormed(path[0])) throw faultAt('key_length', [index, 'path'], 'holds half of a surrogate pair')
}

const startsWith = (path: Pointer, from: Pointer): boolean => from.every((token, index) => path[index] === token)

const readOperation = (given: unknown, text: string, index: number): Operation => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw faultAt('invalid_request', [index], 'must be an operation, which is an object')
  }
  const { op, path: pathText, from: fromPointer } = given as Record<string, unknown>
  switch (op) {
    case 'add':
    case 'replace':
    case 'test': {
      const path = readPointer(pathText, index, 'path')
      const value = new Map(members(text)).get('value')
      if (value === undefined) throw faultAt('invalid_request', [index, 'value'], 'is required')
      if (op === 'add') checkNewName(path, index)
      return { op, path, text: value }
    }
    case 'remove':
      return { op, path: readPointer(pathText, index, 'path') }
    case 'move':
    case 'copy': {
      const from = readPointer(fromPointer, index, 'from')
      const path = readPointer(pathText, index, 'path')
      checkNewName(path, index)
      if (op === 'move' && path.length > from.length && startsWith(path, from)) {
        throw faultAt('invalid_patch', [index, 'path'], 'lies inside the value that is to be moved')
      }
      return { op, from, path }
    }
    default:
      throw faultAt('invalid_request', [index, 'op'], 'must be add, remove, replace, move, copy or test')
  }
}

/**
 * Reads a patch from what `readJson` gave: `value` as parsed, `text` for the values as they were sent. Nothing of it is
 * applied. Throws `invalid_request` for what is no JSON Patch, `invalid_patch` for one that cannot be applied to settings
 * (a pointer of "", a move into itself), `name_refused` and `key_length` for a name that may not come to be.
 */
export const readJsonPatch = (value: unknown, text: string): JsonPatch => {
  if (!Array.isArray(value)) throw faultAt('invalid_request', [], 'must be an array of operations')
  const operations = elements(text).map((operation, index) => readOperation(value[index], operation, index))
  const reads = new Set<string>()
  const writes = new Set<string>()
  for (const operation of operations) {
    const isTest = operation.op === 'test'
    ;(isTest ? reads : writes).add(operation.path[0])
    if ('from' in operation) reads.add(operation.from[0])
    if (operation.op === 'move') writes.add(operation.from[0])
  }
  return { operations, reads, writes }
}

const INDEX = /^(?:0|[1-9]\d*)$/

const childOf = (value: Value, token: string): Value | undefined => {
  const items = itemsOf(value)
  if (items) return INDEX.test(token) ? items[Number(token)] : undefined
  return membersOf(value)?.get(token)?.value
}

const isString = (text: string): boolean => text.startsWith('"')
const isNumber = (text: string): boolean => /^[-\d]/.test(text)

/** Kept with the value: short spellings could otherwise have a very long one read again and again. */
const numberOf = (value: Value): string => {
  value.number ??= canonical(value.text!)
  return value.number
}

const equalScalars = (a: Value, b: Value): boolean => {
  if (isString(a.text!)) return isString(b.text!) && decodeString(a.text!) === decodeString(b.text!)
  return isNumber(a.text!) && isNumber(b.text!) ? numberOf(a) === numberOf(b) : a.text === b.text
}

/** Equality by RFC 6902 §4.6. Goes no deeper than the shallower of the two. */
const equalValues = (a: Value, b: Value): boolean => {
  if (a.text !== undefined && a.text === b.text) return true
  const items = itemsOf(a)
  const otherItems = itemsOf(b)
  if (items && otherItems) {
    return items.length === otherItems.length && items.every((item, index) => equalValues(item, otherItems[index]!))
  }
  const parts = membersOf(a)
  const otherParts = membersOf(b)
  if (parts && otherParts) {
    if (parts.size !== otherParts.size) return false
    for (const [name, { value }] of otherParts) {
      const part = parts.get(name)?.value
      if (!part || !equalValues(part, value)) return false
    }
    return true
  }
  return !items && !otherItems && !parts && !otherParts && equalScalars(a, b)
}

/** What the copies of one patch may come to in all, as a multiple of what settings may hold. */
const COPIED = 4

/**
 * Applies a patch. `lookup` gives a key's present text, or undefined; it is asked once at most for each key, and only
 * where the answer matters: an `add` of a whole key looks at nothing. A value is written anew only if something inside
 * it changed.
 *
 * Throws `path_not_found` and `test_failed`, and `settings_too_large` if the result or what is copied on the way cannot
 * fit into `limits.bytes`. Key lengths and nesting of the result are `checkSettings`'s to judge.
 */
export const applyJsonPatch = (
  patch: JsonPatch,
  lookup: (key: string) => string | undefined,
  limits: { readonly bytes: number },
): Patched => {
  const looked = new Map<string, string>()
  const values = new Map<string, Value | undefined>()
  const written = new Set<string>()
  let current = 0
  let copied = 0

  const fail = (code: ErrorCode, detail: string): CoatcheckError => faultAt(code, [current], detail)
  const tooLarge = () => new CoatcheckError('settings_too_large', undefined, { limit: limits.bytes })

  const valueOfKey = (key: string): Value | undefined => {
    if (!values.has(key)) {
      const text = lookup(key)
      if (text !== undefined) looked.set(key, text)
      values.set(key, text === undefined ? undefined : fromText(text))
    }
    return values.get(key)
  }

  /** The values from a key's own to the one that a pointer names. */
  const trail = (pointer: Pointer): Value[] => {
    const along: Value[] = []
    for (const [level, token] of pointer.entries()) {
      const next = level === 0 ? valueOfKey(token) : childOf(along[level - 1]!, token)
      if (!next) throw fail('path_not_found', 'There is no value at this path.')
      along.push(next)
    }
    return along
  }

  /** Notes that something was put or taken away at a path; `around` are the values on the way to it. */
  const changed = (pointer: Pointer, around: Value[]): void => {
    for (const value of around) value.text = undefined
    written.add(pointer[0])
  }

  const add = (path: Pointer, value: Value): void => {
    const last = path.at(-1)!
    const around = path.length === 1 ? [] : trail([path[0], ...path.slice(1, -1)])
    const parent = around.at(-1)
    if (!parent) values.set(last, value)
    else if (membersOf(parent)) {
      if (!putMember(membersOf(parent)!, last, value)) return
    } else {
      const items = itemsOf(parent) ?? []
      const index = last === '-' ? items.length : INDEX.test(last) ? Number(last) : Infinity
      if (!itemsOf(parent) || index > items.length) throw fail('path_not_found', 'No value can be added at this path.')
      items.splice(index, 0, value)
    }
    changed(path, around)
  }

  const replace = (path: Pointer, value: Value): void => {
    const along = trail(path)
    const old = along.pop()!
    if (old.text !== undefined && old.text === value.text) return
    const parent = along.at(-1)
    const last = path.at(-1)!
    if (!parent) values.set(last, value)
    else if (membersOf(parent)) putMember(membersOf(parent)!, last, value)
    else itemsOf(parent)![Number(last)] = value
    changed(path, along)
  }

  const remove = (path: Pointer): Value => {
    const along = trail(path)
    const value = along.pop()!
    const parent = along.at(-1)
    const last = path.at(-1)!
    if (!parent) values.set(last, undefined)
    else if (!membersOf(parent)?.delete(last)) itemsOf(parent)!.splice(Number(last), 1)
    changed(path, along)
    return value
  }

  const move = (from: Pointer, path: Pointer): void => {
    if (from.length === path.length && startsWith(path, from)) trail(from)
    else add(path, remove(from))
  }

  const copy = (from: Pointer, path: Pointer): void => {
    const text = textOf(trail(from).at(-1)!)
    copied += text.length
    if (copied > COPIED * limits.bytes) throw tooLarge()
    add(path, fromText(text))
  }

  const test = (path: Pointer, value: Value): void => {
    if (!equalValues(trail(path).at(-1)!, value)) throw fail('test_failed', 'The value at this path is another one.')
  }

  for (const [index, operation] of patch.operations.entries()) {
    current = index
    switch (operation.op) {
      case 'add':
        add(operation.path, fromText(operation.text))
        break
      case 'replace':
        replace(operation.path, fromText(operation.text))
        break
      case 'test':
        test(operation.path, fromText(operation.text))
        break
      case 'remove':
        remove(operation.path)
        break
      case 'move':
        move(operation.from, operation.path)
        break
      case 'copy':
        copy(operation.from, operation.path)
    }
  }

  const set = new Map<string, string>()
  const gone = new Set<string>()
  let bytes = 0
  for (const key of written) {
    const value = values.get(key)
    if (!value) gone.add(key)
    else {
      const text = textOf(value)
      bytes += Buffer.byteLength(key) + Buffer.byteLength(text)
      set.set(key, text)
    }
  }
  if (bytes > limits.bytes) throw tooLarge()
  return { set, remove: gone, looked }
}
