/**
 * Finds the index key of a folder that is encrypted, draws one for a folder that begins to be, and refuses what must not be
 * opened: a folder whose keys are not configured, or whose index key is lost.
 */
import { sealOf } from '../layout/record.ts'
import type { Encryption } from '../sealing/encryption.ts'
import { drawIndexKey, findIndexKey, INDEX_KEYS, wrapIndexKey } from '../sealing/index-key.ts'
import { createSealing, type Sealing } from '../sealing/sealing.ts'
import { isLive, recordBytes } from './codec.ts'
import { sealLists } from './list-table.ts'
import { createSecretTable } from './secret-table.ts'
import type { Environment } from './tables.ts'

const hasEncrypted = ({ sessions }: Environment): boolean => {
  for (const { value } of sessions.getRange({})) if (isLive(value) && sealOf(recordBytes(value)) !== null) return true
  return false
}

/** Null if nothing is to be encrypted. Throws an Error that tells the operator what to do. */
export const openSealing = (environment: Environment, encryption: Encryption | null): Sealing | null => {
  const secrets = createSecretTable(environment, null)
  const kept = secrets.all(INDEX_KEYS)
  if (encryption === null) {
    if (kept.size === 0) return null
    const kids = [...kept.keys()].sort().join(', ')
    throw new Error(`The store is encrypted (${kids}), and no encryption keys are configured. Configure these keys.`)
  }
  const { keys, required } = encryption
  const found = findIndexKey(keys, kept)
  if (found.state === 'none' && hasEncrypted(environment)) {
    throw new Error(
      'The store has encrypted sessions and no index key. Restore it from a backup: it is never made anew.',
    )
  }
  const indexKey = found.state === 'none' ? drawIndexKey() : found.indexKey
  const lacking = found.state === 'none' ? keys.kids : found.lacking
  const sealing = createSealing({ keys, indexKey, required })
  environment.root.transactionSync(() => {
    if (found.state === 'none') sealLists(environment, sealing)
    for (const kid of lacking) secrets.put(INDEX_KEYS, kid, wrapIndexKey(keys, kid, indexKey))
  })
  return sealing
}
