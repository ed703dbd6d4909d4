/**
 * Finds the index key of a Redis that is encrypted, draws one for a Redis that begins to be, and refuses what must not be
 * opened. It is done with the first call, and again after it has failed.
 */
import { PARTITIONS } from '../layout/partition.ts'
import { sealOf } from '../layout/record.ts'
import { StoreUnfit } from '../port.ts'
import { CannotOpen } from '../sealing/cipher.ts'
import type { Encryption } from '../sealing/encryption.ts'
import { drawIndexKey, findIndexKey, INDEX_KEYS, wrapIndexKey } from '../sealing/index-key.ts'
import { createSealing, type Sealing } from '../sealing/sealing.ts'
import { expiriesKey, secretsKey, sessionKey } from './keys.ts'
import type { Link } from './link.ts'

/** So many sessions of a partition are looked at before an index key is drawn. */
const LOOKED_AT = 50

export const readIndexKeys = async (link: Link): Promise<Map<string, string>> =>
  indexKeysIn(await link.hash(secretsKey(INDEX_KEYS)))

/** Fields and values in turn. */
export const indexKeysIn = (flat: readonly Buffer[]): Map<string, string> => {
  const kept = new Map<string, string>()
  for (let i = 0; i + 1 < flat.length; i += 2) kept.set(String(flat[i]), String(flat[i + 1]))
  return kept
}

const hasEncrypted = async (link: Link): Promise<boolean> => {
  for (const partition of PARTITIONS) {
    const members = (await link.send('zrandmember', [expiriesKey(partition), LOOKED_AT])) as Buffer[]
    const heads = (await Promise.all(
      members.map((member) => link.send('hmget', [sessionKey(partition, member), 'r'])),
    )) as (Buffer | null)[][]
    if (heads.some(([packed]) => packed && sealOf(packed) !== null)) return true
  }
  return false
}

const openSealing = async (link: Link, encryption: Encryption): Promise<Sealing> => {
  const { keys } = encryption
  const put = (kid: string, indexKey: Buffer) =>
    link.send('hsetnx', [secretsKey(INDEX_KEYS), kid, wrapIndexKey(keys, kid, indexKey)])
  let found = findIndexKey(keys, await readIndexKeys(link))
  if (found.state === 'none') {
    if (await hasEncrypted(link)) {
      throw new CannotOpen(
        'There are encrypted sessions and no index key. Restore it from a backup: it is never made anew.',
      )
    }
    // Of several replicas that draw one at once, the first to put it under this name has drawn it for all.
    const [first] = [...keys.kids].sort() as [string]
    await put(first, drawIndexKey())
    found = findIndexKey(keys, await readIndexKeys(link))
    if (found.state === 'none') throw new CannotOpen('The index key was put into Redis and is not there.')
  }
  for (const kid of found.lacking) await put(kid, found.indexKey)
  return createSealing({ ...encryption, indexKey: found.indexKey })
}

/** A running replica puts back what was lost, as it does with signing keys. */
export const keepIndexKey = async (link: Link, sealing: Sealing): Promise<void> => {
  const kept = await readIndexKeys(link)
  for (const kid of sealing.kids) {
    if (!kept.has(kid)) await link.send('hsetnx', [secretsKey(INDEX_KEYS), kid, sealing.wrapIndexKey(kid)])
  }
}

const withoutKeys = (kids: readonly string[]): StoreUnfit =>
  new StoreUnfit(
    `The store is encrypted (${[...kids].sort().join(', ')}), and no encryption keys are configured. Configure these keys.`,
  )

/** Throws an Error for the operator. */
export const refuseEncrypted = async (link: Link): Promise<void> => {
  if ((await readIndexKeys(link)).size === 0) return
  throw new Error('The store is encrypted, and an encrypted store cannot be copied. docs/encryption.md says more.')
}

/** Makes sure, until it has seen it, that nothing is encrypted where there are no keys. Throws StoreUnfit. */
export const createPlainCheck = (link: Link) => {
  let isPlain = false
  return async (): Promise<void> => {
    if (isPlain) return
    // The part of the store that holds them may be away while others serve.
    const kept = await readIndexKeys(link).catch(() => null)
    if (kept !== null && kept.size > 0) throw withoutKeys([...kept.keys()])
    isPlain = kept !== null
  }
}

export const createSealingOpener = (link: Link, encryption: Encryption) => {
  let opened: Promise<Sealing> | null = null
  return (): Promise<Sealing> => {
    opened ??= openSealing(link, encryption).catch((error) => {
      opened = null
      throw error instanceof CannotOpen
        ? new StoreUnfit(`The encrypted store cannot be opened. ${error.message}`, { cause: error })
        : error
    })
    return opened
  }
}
