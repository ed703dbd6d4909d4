/**
 * The port's sentences on `write` once more, as the shortest program that keeps them: one live session by an API key, in
 * memory, without clocks. What it says of a sequence of writes, an adapter must say as well.
 */
import type { Expectation, Version, Write } from '../../src/store/port.ts'

export type ModelState = { readonly version: Version; readonly settings: ReadonlyMap<string, string> } | null

/** The outcome as far as it can be foretold: a tag that this write draws is ''. */
export type Foretold =
  | { state: 'missing' | 'exists' }
  | { state: 'conflict'; version: Version }
  | { state: 'mismatch'; texts: Map<string, string | null> }
  | { state: 'limit'; limits: ('bytes' | 'keys')[] }
  | { state: 'written'; revision: number; changed: boolean; began: boolean; added: number; taken: string | null }

export const sizeOf = (settings: ReadonlyMap<string, string>): number =>
  [...settings].reduce((sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text), 0)

const matches = (wanted: '*' | readonly Version[], present: Version): boolean =>
  wanted === '*'
    ? present.revision > 0
    : wanted.some(({ revision, tag }) => revision === present.revision && tag === present.tag)

const holds = (expected: Expectation, text: string | undefined): boolean => {
  if (expected === null) return text === undefined
  return expected === 'present' ? text !== undefined : text === expected.text
}

const apply = (settings: ReadonlyMap<string, string>, { set, remove, replace }: Write): Map<string, string> => {
  const after = new Map(replace ? [] : settings)
  for (const key of remove ?? []) after.delete(key)
  for (const [key, text] of set ?? []) after.set(key, text)
  return after
}

const sameTexts = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, text]) => b.get(key) === text)

const exceeded = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>, { limits }: Write) => {
  const found: ('bytes' | 'keys')[] = []
  if (sizeOf(after) > Math.max(limits.bytes, sizeOf(before))) found.push('bytes')
  if (after.size > Math.max(limits.keys, before.size)) found.push('keys')
  return found
}

/** What comes of a write, and the settings after it. */
export const foretell = (state: ModelState, write: Write): [Foretold, ReadonlyMap<string, string> | null] => {
  if (state === null && write.create === 'never') return [{ state: 'missing' }, null]
  if (state !== null && write.create === 'must-be-missing') return [{ state: 'exists' }, state.settings]

  const { version, settings: before } = state ?? { version: { revision: 0, tag: '' }, settings: new Map() }
  const kept = state?.settings ?? null
  const { ifMatch, ifNoneMatch } = write.precondition ?? {}
  if (ifMatch && !matches(ifMatch, version)) return [{ state: 'conflict', version }, kept]
  if (ifNoneMatch && matches(ifNoneMatch, version)) return [{ state: 'conflict', version }, kept]

  const expected = [...(write.expect ?? [])]
  if (!expected.every(([key, expectation]) => holds(expectation, before.get(key)))) {
    const present = expected.map(([key]): [string, string | null] => [key, before.get(key) ?? null])
    return [{ state: 'mismatch', texts: new Map(present) }, kept]
  }

  const after = apply(before, write)
  const limits = exceeded(before, after, write)
  if (limits.length > 0) return [{ state: 'limit', limits }, kept]

  const began = version.revision === 0 && write.writes
  const changed = began || !sameTexts(before, after)
  const added = [...after.keys()].filter((key) => !before.has(key)).length
  const taken = write.take === undefined ? null : (before.get(write.take) ?? null)
  return [{ state: 'written', revision: version.revision + (changed ? 1 : 0), changed, began, added, taken }, after]
}
