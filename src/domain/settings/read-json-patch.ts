/**
 * JSON Patch, RFC 6902, read on its own, so that the keys it names can be judged before anything is looked up. An error
 * points at the operation and never quotes a value.
 */

import { elements, isRefusedName, isWellFormed, members } from '../json/json-text.ts'
import { faultAt, tokensOf } from '../json/pointer-fault.ts'

/** A pointer's tokens, decoded: a key of the settings, and the way inside its value. */
export type Pointer = readonly [key: string, ...inside: string[]]

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

/** RFC 6901 §3 and §4. */
const readPointer = (given: unknown, index: number, member: 'path' | 'from'): Pointer => {
  const isPointer = typeof given === 'string' && /^(?:\/|$)/.test(given) && !/~(?![01])/.test(given)
  if (!isPointer) throw faultAt('invalid_request', [index, member], 'must be a JSON Pointer (RFC 6901)')
  const [key, ...inside] = tokensOf(given)
  if (key === undefined) throw faultAt('invalid_patch', [index, member], 'names the whole document')
  return [key, ...inside]
}

/** Refuses names that may not come to be. Half a surrogate pair would be another key by the time it is stored. */
const checkNewName = (path: Pointer, index: number): void => {
  if (isRefusedName(path.at(-1)!)) throw faultAt('name_refused', [index, 'path'], 'ends in a name that is refused')
  if (!isWellFormed(path[0])) throw faultAt('key_length', [index, 'path'], 'holds half of a surrogate pair')
}

/** Whether a pointer is another one, or leads on from it. */
export const startsWith = (path: Pointer, from: Pointer): boolean => from.every((token, index) => path[index] === token)

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
