/**
 * JSON merge patch, RFC 7396, over texts that `readJson` passed. What a patch leaves alone keeps its text, and so does
 * what it puts in; an object is written anew only if one of its members changed.
 */

import { decodeString, eachMember, isObjectText, isWellFormed, members } from '../json/json-text.ts'
import { fromText, membersOf, putMember, textOf, type Value } from '../json/json-value.ts'

/** What a merge patch asks of the whole settings, by key. Only `merge` needs to know what is there. */
export type MergePatch = {
  readonly remove: string[]
  readonly set: Map<string, string>
  /** Objects, each to be given to `mergeValue` with the key's present text. */
  readonly merge: Map<string, string>
}

/**
 * Sorts the top level of a merge patch. Taking away a key that holds half of a surrogate pair is left out: there is no
 * such key, and written as UTF-8 it would be another one. Throws `invalid_request` if the patch is no object.
 */
export const readMergePatch = (text: string): MergePatch => {
  const patch: MergePatch = { remove: [], set: new Map(), merge: new Map() }
  for (const [key, value] of members(text)) {
    if (value === 'null') {
      if (isWellFormed(key)) patch.remove.push(key)
    } else if (isObjectText(value)) patch.merge.set(key, value)
    else patch.set.set(key, value)
  }
  return patch
}

/** Takes the nulls out of what a patch puts in; those in arrays are values and stay. Answers whether there were any. */
const dropNulls = (value: Value): boolean => {
  if (!value.text?.includes('null')) return false
  const parts = membersOf(value)
  let changed = false
  for (const [name, { value: part }] of parts ?? []) {
    if (part.text === 'null') changed = parts!.delete(name)
    else if (dropNulls(part)) changed = true
  }
  if (changed) value.text = undefined
  return changed
}

/** What a patch puts in. */
const withoutNulls = (text: string): Value => {
  const value = fromText(text)
  dropNulls(value)
  textOf(value)
  return value
}

/** Merges the text of an object into an object; answers whether that changed it. */
const mergeInto = (target: Value, patch: string): boolean => {
  const present = membersOf(target)!
  let changed = false
  eachMember(patch, (nameText, text) => {
    const name = decodeString(nameText)
    const old = present.get(name)?.value
    if (text === 'null') changed = present.delete(name) || changed
    else if (isObjectText(text) && old && membersOf(old)) changed = mergeInto(old, text) || changed
    else changed = putMember(present, name, withoutNulls(text), nameText) || changed
  })
  if (changed) target.text = undefined
  return changed
}

/**
 * The text of a value after a merge patch, both as texts without whitespace around them; undefined is an absent value.
 * A patch that changes nothing gives the target's text back as it was. Nothing here is checked against limits: a merge
 * is as deep as the deeper of its two sides.
 */
export const mergeValue = (target: string | undefined, patch: string): string => {
  if (!isObjectText(patch)) return patch
  if (target === undefined || !isObjectText(target)) return textOf(withoutNulls(patch))
  const value = fromText(target)
  mergeInto(value, patch)
  return textOf(value)
}
