/**
 * Applies a JSON Patch, RFC 6902, to settings whose values are kept as texts: to as many keys as it needs, all or nothing.
 * Time and memory are bounded by the patch's own size, the limit on settings and what is looked up, also for a patch that
 * copies a value into itself over and over.
 */
import { CoatcheckError, type ErrorCode } from '../../errors.ts'
import { equalValues } from '../json/equal-values.ts'
import { fromText, itemsOf, membersOf, putMember, textOf, type Value } from '../json/json-value.ts'
import { faultAt } from '../json/pointer-fault.ts'
import { type JsonPatch, type Pointer, startsWith } from './read-json-patch.ts'

export type Patched = {
  readonly set: Map<string, string>
  readonly remove: Set<string>
  /** What was found under each key whose text had a part in the result. An absence never has: the patch fails of it. */
  readonly looked: Map<string, string>
}

const INDEX = /^(?:0|[1-9]\d*)$/

const childOf = (value: Value, token: string): Value | undefined => {
  const items = itemsOf(value)
  if (items) return INDEX.test(token) ? items.at(Number(token)) : undefined
  return membersOf(value)?.get(token)?.value
}

const sizeOf = (key: string, text: string | undefined): number =>
  text === undefined ? 0 : Buffer.byteLength(key) + Buffer.byteLength(text)

/** What the copies of one patch may come to in all, as a multiple of what settings may hold. */
const COPIED = 4

/**
 * Applies a patch. `lookup` gives a key's present text, or undefined; it is asked once at most for each key, and only
 * where the answer matters: an `add` of a whole key looks at nothing. A value is written anew only if something inside
 * it changed.
 *
 * Throws `path_not_found` and `test_failed`, and `settings_too_large` if what is added or copied on the way cannot
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
      const items = itemsOf(parent)
      const index = last === '-' ? items?.length : INDEX.test(last) ? Number(last) : undefined
      if (!items || index === undefined || index > items.length)
        throw fail('path_not_found', 'No value can be added at this path.')
      items.insert(index, value)
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
    else itemsOf(parent)!.replace(Number(last), value)
    changed(path, along)
  }

  const remove = (path: Pointer): Value => {
    const along = trail(path)
    const value = along.pop()!
    const parent = along.at(-1)
    const last = path.at(-1)!
    if (!parent) values.set(last, undefined)
    else if (!membersOf(parent)?.delete(last)) itemsOf(parent)!.remove(Number(last))
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
  let growth = 0
  for (const key of written) {
    const value = values.get(key)
    growth -= sizeOf(key, looked.get(key))
    if (!value) gone.add(key)
    else {
      const text = textOf(value)
      growth += sizeOf(key, text)
      set.set(key, text)
    }
  }
  // What is over a limit that was lowered may shrink.
  if (growth > limits.bytes) throw tooLarge()
  return { set, remove: gone, looked }
}
