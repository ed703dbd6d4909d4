/** Equality of JSON values by RFC 6902 §4.6: numbers by what they denote, strings decoded, objects unordered. */
import { canonical } from './json-number.ts'
import { decodeString } from './json-text.ts'
import { itemsOf, membersOf, type Value } from './json-value.ts'

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

/** Goes no deeper than the shallower of the two. */
export const equalValues = (a: Value, b: Value): boolean => {
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
