/** What a session token or cookie may do. */
export const SCOPES = ['read', 'write', 'take', 'events', 'touch', 'end', 'renew', 'cookie'] as const

export type Scope = (typeof SCOPES)[number]

/** What a token may do if it is not said. */
export const DEFAULT_SCOPE: readonly Scope[] = ['read', 'write', 'touch']

const isScope = (word: string): word is Scope => (SCOPES as readonly string[]).includes(word)

/** Reads a space-separated list, RFC 6749 §3.3; undefined if a word in it is no scope. */
export const parseScope = (text: string): readonly Scope[] | undefined => {
  const words = text.split(' ').filter((word) => word !== '')
  return words.every(isScope) ? [...new Set(words)] : undefined
}
