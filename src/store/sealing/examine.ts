/** What an operator should know of a store's index keys, given the keys that are configured. */
import type { Finding } from '../finding.ts'
import { CannotOpen } from './cipher.ts'
import { findIndexKey } from './index-key.ts'
import type { MasterKeys } from './master-keys.ts'

const WHERE = 'COATCHECK_ENCRYPTION_KEYS'

/** `kept` is what the store has, by kid; `keys` null if none are configured. */
export const encryptionFindings = (kept: ReadonlyMap<string, string>, keys: MasterKeys | null): Finding[] => {
  const kids = [...kept.keys()].sort().join(', ')
  if (keys === null) {
    if (kept.size === 0) return []
    const found = `The store is encrypted (${kids}), and no encryption keys are configured.`
    return [{ check: 'encryption-keys', level: 'stops', where: WHERE, found, todo: 'Configure these keys.' }]
  }
  try {
    const { state } = findIndexKey(keys, kept)
    if (state === 'found') return []
    const found = 'Nothing is encrypted yet: the first start with these keys begins it.'
    const todo =
      'Keep a copy of the keys elsewhere: without them nobody can read what is stored. See docs/encryption.md.'
    return [{ check: 'encryption-begins', level: 'note', where: WHERE, found, todo }]
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error
    const todo = 'Configure the keys that the store was encrypted with; docs/encryption.md has more.'
    return [{ check: 'encryption-keys', level: 'stops', where: WHERE, found: error.message, todo }]
  }
}
