/**
 * Settings as JSON text. A value is kept as the text that was sent, so that nothing a double or a JavaScript object
 * would change is lost: number text, the order of integer-like names, escapes. This file reads bodies, cuts texts into
 * members without parsing them, and gives `Value`, a tree for changes inside a value, which is parsed only where it is
 * touched and written anew only where it was changed.
 *
 * `readJson` judges what comes in from outside; everything else takes texts that passed it. No recursion goes deeper
 * than MAX_DEPTH, and every function takes time in proportion to the text it is given.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { CoatcheckError, type ErrorCode } from '../errors.ts'

/** However the limits are set, no deeper nesting is read or written. */
export const MAX_DEPTH = 128

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LETTER_E = 0x65
const ARRAY = 0x5b
const ARRAY_END = 0x5d
const OBJECT = 0x7b
const OBJECT_END = 0x7d

type Path = readonly (string | number)[]

/** Long enough for any sensible path; what would be longer points at the value around it. */
const MAX_POINTER = 1024

/**
 * The RFC 6901 pointer of a place in a body, in its URI fragment form: `#/a~1b/0`. Half a surrogate pair is shown as
 * U+FFFD.
 */
export const pointerTo = (path: Path): string => {
  let pointer = '#'
  for (const token of path) {
    const name = String(token)
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replaceAll('~', '~0')
      .replaceAll('/', '~1')
    const longer = `${pointer}/${encodeURIComponent(name)}`
    if (longer.length > MAX_POINTER) break
    pointer = longer
  }
  return pointer
}

/** An error about one place in the body. */
export const faultAt = (code: ErrorCode, path: Path, detail: string, limit?: number): CoatcheckError =>
  new CoatcheckError(code, undefined, {
    errors: [{ pointer: pointerTo(path), detail }],
    ...(limit === undefined ? {} : { limit }),
  })

/** Whether a member name is refused at any depth: each of them means something to a JavaScript object. */
export const isRefusedName = (name: string): boolean =>
  name === '__proto__' || name === 'constructor' || name === 'prototype'

/** The string that a JSON string's text denotes. */
export const decodeString = (text: string): string => (text.includes('\\') ? JSON.parse(text) : text.slice(1, -1))

// Reading a body: the grammar of RFC 8259, one function a rule. Each is given where its rule begins, answers where it
// ends, and throws if it does not hold.

const syntaxError = (text: string, at: number, expected: string): CoatcheckError => {
  const found = at < text.length ? `at byte ${Buffer.byteLength(text.slice(0, at))}` : 'where the body ends'
  return new CoatcheckError('malformed_json', `The body is not JSON: ${found}, ${expected} is expected.`)
}

const skipSpace = (text: string, at: number): number => {
  let end = at
  for (;;) {
    const code = text.charCodeAt(end)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return end
    end++
  }
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

const readString = (text: string, at: number): number => {
  let end = at + 1
  for (;;) {
    const code = text.charCodeAt(end)
    if (code === QUOTE) return end + 1
    if (code === BACKSLASH) {
      ESCAPE.lastIndex = end
      if (!ESCAPE.test(text)) throw syntaxError(text, end, 'an escape sequence of JSON')
      end = ESCAPE.lastIndex
    } else if (code >= 0x20) end++
    else throw syntaxError(text, end, 'an escaped control character or the end of a string')
  }
}

const skipDigits = (text: string, at: number): number => {
  let end = at
  for (;;) {
    const code = text.charCodeAt(end)
    if (!(code >= ZERO && code <= NINE)) break
    end++
  }
  if (end === at) throw syntaxError(text, at, 'a digit')
  return end
}

const readNumber = (text: string, at: number): number => {
  const start = text.charCodeAt(at) === MINUS ? at + 1 : at
  let end = text.charCodeAt(start) === ZERO ? start + 1 : skipDigits(text, start)
  if (text.charCodeAt(end) === DOT) end = skipDigits(text, end + 1)
  if ((text.charCodeAt(end) | 0x20) === LETTER_E) {
    const code = text.charCodeAt(end + 1)
    end = skipDigits(text, code === PLUS || code === MINUS ? end + 2 : end + 1)
  }
  return end
}

const readScalar = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  if (code === MINUS || (code >= ZERO && code <= NINE)) return readNumber(text, at)
  for (const word of ['true', 'false', 'null']) if (text.startsWith(word, at)) return at + word.length
  throw syntaxError(text, at, 'a value')
}

/** `path` leads to the value that is read, and is lengthened and shortened on the way. */
const readValue = (text: string, at: number, path: (string | number)[]): number => {
  const code = text.charCodeAt(at)
  if (code === QUOTE) return readString(text, at)
  if (code !== OBJECT && code !== ARRAY) return readScalar(text, at)
  if (path.length >= MAX_DEPTH) throw faultAt('too_deep', path, 'is nested too deeply', MAX_DEPTH)
  return code === OBJECT ? readObject(text, at, path) : readArray(text, at, path)
}

const readArray = (text: string, start: number, path: (string | number)[]): number => {
  let at = skipSpace(text, start + 1)
  if (text.charCodeAt(at) === ARRAY_END) return at + 1
  for (let index = 0; ; index++) {
    path.push(index)
    at = skipSpace(text, readValue(text, at, path))
    path.pop()
    const code = text.charCodeAt(at)
    if (code === ARRAY_END) return at + 1
    if (code !== COMMA) throw syntaxError(text, at, '"," or "]"')
    at = skipSpace(text, at + 1)
  }
}

const readObject = (text: string, start: number, path: (string | number)[]): number => {
  let at = skipSpace(text, start + 1)
  if (text.charCodeAt(at) === OBJECT_END) return at + 1
  const names = new Set<string>()
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) throw syntaxError(text, at, 'a member name in quotes')
    const nameEnd = readString(text, at)
    const name = decodeString(text.slice(at, nameEnd))
    path.push(name)
    if (isRefusedName(name)) throw faultAt('name_refused', path, 'is a name that is refused')
    if (names.has(name)) throw faultAt('malformed_json', path, 'stands twice in its object')
    names.add(name)
    at = skipSpace(text, nameEnd)
    if (text.charCodeAt(at) !== COLON) throw syntaxError(text, at, '":"')
    at = skipSpace(text, readValue(text, skipSpace(text, at + 1), path))
    path.pop()
    const code = text.charCodeAt(at)
    if (code === OBJECT_END) return at + 1
    if (code !== COMMA) throw syntaxError(text, at, '"," or "}"')
    at = skipSpace(text, at + 1)
  }
}

/** The bytes as a string; latin1 and ASCII are the same where both apply, and the former is read far faster. */
const decode = (bytes: Buffer): string => {
  if (isAscii(bytes)) return bytes.toString('latin1')
  const text = bytes.toString('utf8')
  if (!isUtf8(bytes)) {
    const again = Buffer.from(text)
    let at = 0
    while (at < bytes.length && bytes[at] === again[at]) at++
    throw new CoatcheckError('malformed_json', `The body is not UTF-8: the bytes around byte ${at} are no character.`)
  }
  if (text.charCodeAt(0) === 0xfeff) {
    throw new CoatcheckError('malformed_json', 'The body begins with a byte order mark; send UTF-8 without one.')
  }
  return text
}

/**
 * Reads a body: the text of its one value, without the whitespace around it, and the value as JavaScript parses it
 * (for a schema to look at; what is kept is the text).
 *
 * Throws `malformed_json` for what is no RFC 8259 JSON in UTF-8, for an empty body, and for a member name that stands
 * twice in one object; `name_refused` for `__proto__`, `constructor` and `prototype`, at any depth and however they are
 * escaped; `too_deep` beyond MAX_DEPTH. No detail quotes the body; only a pointer holds names.
 */
export const readJson = (bytes: Buffer): { readonly text: string; readonly value: unknown } => {
  const body = decode(bytes)
  const start = skipSpace(body, 0)
  const end = readValue(body, start, [])
  const rest = skipSpace(body, end)
  if (rest < body.length) throw syntaxError(body, rest, 'the end of the body')
  const text = body.slice(start, end)
  return { text, value: JSON.parse(text) }
}

// Cutting texts that were read before, each without whitespace around it. Nothing is checked again; what is no JSON after
// all ends in an Error, not in a loop.

const notJson = (): never => {
  throw new Error('A stored text is not JSON.')
}

const stringEnd = (text: string, at: number): number => {
  let quote = at
  for (;;) {
    quote = text.indexOf('"', quote + 1)
    if (quote < 0) return notJson()
    let before = quote
    while (text.charCodeAt(before - 1) === BACKSLASH) before--
    if ((quote - before) % 2 === 0) return quote + 1
  }
}

/** Where the container ends that begins at `at`. */
const containerEnd = (text: string, start: number): number => {
  let open = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = stringEnd(text, at) - 1
    else if (code === OBJECT || code === ARRAY) open++
    else if ((code === OBJECT_END || code === ARRAY_END) && --open === 0) return at + 1
  }
  return notJson()
}

const isScalarPart = (code: number): boolean =>
  code > 0x20 && code !== COMMA && code !== ARRAY_END && code !== OBJECT_END

const valueEnd = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  if (code === QUOTE) return stringEnd(text, at)
  if (code === OBJECT || code === ARRAY) return containerEnd(text, at)
  let end = at
  while (isScalarPart(text.charCodeAt(end))) end++
  return end > at ? end : notJson()
}

/** Whether a text is an object's. */
export const isObjectText = (text: string): boolean => text.charCodeAt(0) === OBJECT

const eachMember = (text: string, visit: (name: string, value: string) => void): void => {
  let at = skipSpace(text, 1)
  while (text.charCodeAt(at) !== OBJECT_END) {
    const nameEnd = stringEnd(text, at)
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1)
    const end = valueEnd(text, start)
    visit(text.slice(at, nameEnd), text.slice(start, end))
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
}

/** The texts of an array's elements, each exactly as it stands, without the whitespace around it. */
export const elements = (text: string): string[] => {
  const found: string[] = []
  let at = skipSpace(text, 1)
  while (text.charCodeAt(at) !== ARRAY_END) {
    const end = valueEnd(text, at)
    found.push(text.slice(at, end))
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  return found
}

/**
 * The members of an object's text in their order: the name decoded, the value's text exactly as it stands. Throws
 * `invalid_request` if the text is no object's.
 */
export const members = (text: string): [name: string, text: string][] => {
  if (!isObjectText(text)) throw faultAt('invalid_request', [], 'must be an object')
  const found: [string, string][] = []
  eachMember(text, (name, value) => found.push([decodeString(name), value]))
  return found
}

/** How deep a value's containers stand in each other: 0 for a scalar, 1 for `[]`, 2 for `[{}]`. */
export const depth = (text: string): number => {
  let open = 0
  let deepest = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = stringEnd(text, at) - 1
    else if (code === OBJECT || code === ARRAY) deepest = Math.max(deepest, ++open)
    else if (code === OBJECT_END || code === ARRAY_END) open--
  }
  return deepest
}

/** Whether a name holds no half of a surrogate pair, and so has a form in UTF-8. */
export const isWellFormed = (name: string): boolean => !/[\ud800-\udfff]/.test(name) || !/\p{Surrogate}/u.test(name)

/**
 * Throws `key_length` unless a key has 1 to `keyBytes` bytes of UTF-8 and no half of a surrogate pair. `pointer` says
 * where it stood, if not in the body.
 */
export const checkKey = (key: string, keyBytes: number, pointer = pointerTo([key])): void => {
  const bytes = Buffer.byteLength(key)
  if (bytes > 0 && bytes <= keyBytes && isWellFormed(key)) return
  const detail =
    bytes === 0 ? 'is empty' : bytes > keyBytes ? `has ${bytes} bytes of UTF-8` : 'holds half of a surrogate pair'
  throw new CoatcheckError('key_length', undefined, { errors: [{ pointer, detail }], limit: keyBytes })
}

/**
 * Checks settings, or those of them that a write would leave, against a namespace's limits: the keys as `checkKey`
 * does, and the nesting. The settings object itself counts as the first level, so with a depth of 16 a value may have
 * 15 of its own. Throws `key_length` or `too_deep`, with a pointer and the limit.
 */
export const checkSettings = (
  settings: Iterable<readonly [name: string, text: string]>,
  limits: { readonly keyBytes: number; readonly depth: number },
): void => {
  for (const [key, text] of settings) {
    checkKey(key, limits.keyBytes)
    // Each level takes two characters at least, so most values need not be looked at.
    if (text.length >= 2 * limits.depth && depth(text) >= limits.depth) {
      throw faultAt('too_deep', [key], 'is nested too deeply', limits.depth)
    }
  }
}

const PLAIN_NAME = /^[\w.:-]*$/

/** The text of a settings object. Values are put in as they are; only names that need it are escaped. */
export const objectText = (settings: Iterable<readonly [name: string, text: string]>): string => {
  let text = ''
  for (const [name, value] of settings) {
    text += `${text === '' ? '{' : ','}${PLAIN_NAME.test(name) ? `"${name}"` : JSON.stringify(name)}:${value}`
  }
  return text === '' ? '{}' : `${text}}`
}

/**
 * A value that can be changed inside. Either `text` is its exact text, or it is undefined and the value is written from
 * its parts. Whoever changes the parts that `itemsOf` or `membersOf` gives sets `text` to undefined, in the value and in
 * all around it; what was not changed keeps its text.
 */
export type Value = {
  text: string | undefined
  items?: Value[]
  members?: Members
  /** What a number's text denotes, once somebody asked. */
  number?: string
}
/** An object's members by decoded name, in order; `name` is the name's text as it was sent, quotes included. */
export type Members = Map<string, { readonly name: string; readonly value: Value }>

export const fromText = (text: string): Value => ({ text })

/** The elements of an array, to look at or to change; undefined for any other value. */
export const itemsOf = (value: Value): Value[] | undefined => {
  if (value.items === undefined && value.text?.charCodeAt(0) === ARRAY) value.items = elements(value.text).map(fromText)
  return value.items
}

/** The members of an object, to look at or to change; undefined for any other value. */
export const membersOf = (value: Value): Members | undefined => {
  if (value.members === undefined && value.text?.charCodeAt(0) === OBJECT) {
    const found: Members = new Map()
    eachMember(value.text, (name, text) => found.set(decodeString(name), { name, value: fromText(text) }))
    value.members = found
  }
  return value.members
}

/** Sets a member where it stands, or at the end under `nameText`; answers whether that changed anything. */
export const putMember = (members: Members, name: string, value: Value, nameText = JSON.stringify(name)): boolean => {
  const old = members.get(name)
  if (old?.value.text !== undefined && old.value.text === value.text) return false
  members.set(name, { name: old?.name ?? nameText, value })
  return true
}

/** A value's text: its own, or one without whitespace made from its parts. Throws `too_deep` beyond MAX_DEPTH. */
export const textOf = (value: Value, around = 0): string => {
  if (value.text !== undefined) return value.text
  if (around >= MAX_DEPTH) throw new CoatcheckError('too_deep', undefined, { limit: MAX_DEPTH })
  const parts: string[] = []
  if (value.items) {
    for (const item of value.items) parts.push(textOf(item, around + 1))
    value.text = `[${parts.join(',')}]`
  } else {
    for (const member of value.members?.values() ?? []) parts.push(`${member.name}:${textOf(member.value, around + 1)}`)
    value.text = `{${parts.join(',')}}`
  }
  return value.text
}
