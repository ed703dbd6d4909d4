/** Values to change inside: parsed only where they are touched, written anew only where they were changed. */
import { CoatcheckError } from '../../errors.ts'
import { Items } from './items.ts'
import { decodeString, eachElement, eachMember, MAX_DEPTH } from './json-text.ts'
import { ARRAY, OBJECT } from './json-tokens.ts'

/**
 * A value that can be changed inside. Either `text` is its exact text, or it is undefined and the value is written from
 * its parts. Whoever changes the parts that `itemsOf` or `membersOf` gives sets `text` to undefined, in the value and in
 * all around it; what was not changed keeps its text.
 */
export type Value = {
  text: string | undefined
  items?: Items<Value>
  members?: Members
  /** What the text of a number or string denotes, once somebody asked. */
  denoted?: string
}
/** An object's members by decoded name, in order; `name` is the name's text as it was sent, quotes included. */
export type Members = Map<string, { readonly name: string; readonly value: Value }>

export const fromText = (text: string): Value => ({ text })

/** The elements of an array, to look at or to change; undefined for any other value. */
export const itemsOf = (value: Value): Items<Value> | undefined => {
  if (value.items === undefined && value.text?.charCodeAt(0) === ARRAY)
    value.items = new Items(value.text, eachElement, fromText)
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
    for (const text of value.items.texts((item) => textOf(item, around + 1))) parts.push(text)
    value.text = `[${parts.join(',')}]`
  } else {
    for (const member of value.members?.values() ?? []) parts.push(`${member.name}:${textOf(member.value, around + 1)}`)
    value.text = `{${parts.join(',')}}`
  }
  return value.text
}
