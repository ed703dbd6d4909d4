/**
 * Settings as JSON text. A value is kept as the text that was sent, so that nothing a double or a JavaScript object would
 * change is lost: number text, the order of integer-like names, escapes. Here texts that `readJson` took are cut into
 * members and put together again, without being parsed.
 */

import { ARRAY, ARRAY_END, BACKSLASH, COMMA, OBJECT, OBJECT_END, QUOTE, skipSpace } from './json-tokens.ts'
import { faultAt } from './pointer-fault.ts'

/** However the limits are set, no deeper nesting is read or written. */
export const MAX_DEPTH = 128

/** Whether a member name is refused at any depth: each of them means something to a JavaScript object. */
export const isRefusedName = (name: string): boolean =>
  name === '__proto__' || name === 'constructor' || name === 'prototype'

/** The string that a JSON string's text denotes. */
export const decodeString = (text: string): string => (text.includes('\\') ? JSON.parse(text) : text.slice(1, -1))

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

/** Visits an object's members in their order: the name's text, quotes included, and the value's text. */
export const eachMember = (text: string, visit: (name: string, value: string) => void): void => {
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

/** Visits an array's elements in their order: where the text of each begins and ends, without the whitespace around it. */
export const eachElement = (text: string, visit: (start: number, end: number) => void): void => {
  let at = skipSpace(text, 1)
  while (text.charCodeAt(at) !== ARRAY_END) {
    const end = valueEnd(text, at)
    visit(at, end)
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
}

/** The texts of an array's elements, each exactly as it stands, without the whitespace around it. */
export const elements = (text: string): string[] => {
  const found: string[] = []
  eachElement(text, (start, end) => found.push(text.slice(start, end)))
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

const PLAIN_NAME = /^[\w.:-]*$/

/** The text of a settings object. Values are put in as they are; only names that need it are escaped. */
export const objectText = (settings: Iterable<readonly [name: string, text: string]>): string => {
  let text = ''
  for (const [name, value] of settings) {
    text += `${text === '' ? '{' : ','}${PLAIN_NAME.test(name) ? `"${name}"` : JSON.stringify(name)}:${value}`
  }
  return text === '' ? '{}' : `${text}}`
}

/** Whether a name holds no half of a surrogate pair, and so has a form in UTF-8. */
export const isWellFormed = (name: string): boolean => !/[\ud800-\udfff]/.test(name) || !/\p{Surrogate}/u.test(name)
