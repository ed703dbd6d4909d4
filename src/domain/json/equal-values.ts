/** Equality of JSON values by RFC 6902 §4.6: numbers by what they denote, strings decoded, objects unordered. */
import { canonical } from './json-number.ts'
import { decodeString } from './json-text.ts'
import { itemsOf, membersOf, type Value } from './json-value.ts'

const isString = (text: string): boolean => text.startsWith('"')
const isNumber = (text: string): boolean => /^[-\d]/.test(text)

/** Kept with the value: a patch could otherwise have a very long text read again and again. */
const denoted = (value: Value, read: (text: string) => string): string => {
  value.denoted ??= read(value.text!)
  return value.denoted
}

const equalScalars = (a: Value, b: Value): boolean => {
  for (const [is, read] of [
    [isString, decodeString],
    [isNumber, canonical],
  ] as const) {
    if (is(a.text!)) return is(b.text!) && denoted(a, read) === denoted(b, read)
  }
  return a.text === b.text
}

/** Goes no deeper than the shallower of the two. */
export const equalValues = (a: Value, b: Value): boolean => {
  if (a.text !== undefined && a.text === b.text) return true
  const items = itemsOf(a)
  const otherItems = itemsOf(b)
  if (items && otherItems) {
    if (items.length !== otherItems.length) return false
    const others = otherItems[Symbol.iterator]()
    for (const item of items) if (!equalValues(item, others.next().value!)) return false
    return true
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
