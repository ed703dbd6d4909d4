/**
 * Which keys of the settings a credential may see or change: a list of names, each a key's own or a prefix and `*`. `*`
 * alone is every key. Rules are judged on names, before anything is read.
 */
import { createHash } from 'node:crypto'

export type KeyRule = readonly string[]

export type KeyRules = { readonly read: KeyRule; readonly write: KeyRule }

export const ALL_KEYS: KeyRules = { read: ['*'], write: ['*'] }

const isPrefix = (entry: string): boolean => entry.endsWith('*')

const prefixOf = (entry: string): string => entry.slice(0, -1)

const covers = (entry: string, key: string): boolean =>
  isPrefix(entry) ? key.startsWith(prefixOf(entry)) : entry === key

/** Whether a rule lets a key pass. */
export const allows = (rule: KeyRule, key: string): boolean => rule.some((entry) => covers(entry, key))

/** Whether a rule lets every key pass. */
export const allowsAll = (rule: KeyRule): boolean => rule.includes('*')

/** Whether everything that `rule` lets pass passes `bound`, too. */
export const isWithin = (rule: KeyRule, bound: KeyRule): boolean =>
  rule.every((entry) =>
    bound.some((outer) => (isPrefix(entry) ? isPrefix(outer) && covers(outer, prefixOf(entry)) : covers(outer, entry))),
  )

/** What both rules let pass, as a rule. */
export const intersect = (a: KeyRule, b: KeyRule): KeyRule => {
  const both = [...a.filter((entry) => isWithin([entry], b)), ...b.filter((entry) => isWithin([entry], a))]
  return [...new Set(both)].sort()
}

const hashOf = (rule: KeyRule): string =>
  createHash('sha256')
    .update(JSON.stringify([...new Set(rule)].sort()))
    .digest('base64url')
    .slice(0, 8)

/** A credential that is remembered has the same rule at each call. */
const hashes = new WeakMap<KeyRule, string>()

/** Tells one rule from another: what a credential that sees only some keys finds after the `~` of its ETags. */
export const ruleHash = (rule: KeyRule): string => {
  const known = hashes.get(rule) ?? hashOf(rule)
  hashes.set(rule, known)
  return known
}
