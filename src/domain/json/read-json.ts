/**
 * Reads a body as the text it is. It judges what comes in from outside, by the grammar of RFC 8259, one function a rule;
 * everything else takes texts that passed here. No recursion goes deeper than MAX_DEPTH.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { CoatcheckError } from '../../errors.ts'
import { decodeString, isRefusedName, MAX_DEPTH } from './json-text.ts'
import {
  ARRAY,
  ARRAY_END,
  BACKSLASH,
  COLON,
  COMMA,
  DOT,
  LETTER_E,
  MINUS,
  NINE,
  OBJECT,
  OBJECT_END,
  PLUS,
  QUOTE,
  skipSpace,
  ZERO,
} from './json-tokens.ts'
import { faultAt } from './pointer-fault.ts'

// Each rule is given where it begins, answers where it ends, and throws if it does not hold.

const syntaxError = (text: string, at: number, expected: string): CoatcheckError => {
  const found = at < text.length ? `at byte ${Buffer.byteLength(text.slice(0, at))}` : 'where the body ends'
  return new CoatcheckError('malformed_json', `The body is not JSON: ${found}, ${expected} is expected.`)
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
 * Reads a body: the text of its one value, without the whitespace around it.
 *
 * Throws `malformed_json` for what is no RFC 8259 JSON in UTF-8, for an empty body, and for a member name that stands
 * twice in one object; `name_refused` for `__proto__`, `constructor` and `prototype`, at any depth and however they are
 * escaped; `too_deep` beyond MAX_DEPTH. No detail quotes the body; only a pointer holds names.
 */
export const readJson = (bytes: Buffer): string => {
  const body = decode(bytes)
  const start = skipSpace(body, 0)
  const end = readValue(body, start, [])
  const rest = skipSpace(body, end)
  if (rest < body.length) throw syntaxError(body, rest, 'the end of the body')
  return body.slice(start, end)
}
