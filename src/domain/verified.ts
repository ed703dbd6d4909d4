/**
 * What was verified is remembered by its SHA-256 until it ends, so that a signature is checked once. The memory is bounded,
 * and dropped when what signs changes. For tokens and cookies alike.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { CoatcheckError } from '../errors.ts'
import type { SessionCaller } from './caller.ts'

const REMEMBERED = 10_000

export type Verifying = {
  /** Tells when what signs is another. */
  readonly ring: { onChange(listener: () => void): void }
  /** The store's time in ms. */
  readonly now: () => number
  /** Who holds this credential. Whatever it throws but a store that is away means that the credential is not valid. */
  readonly check: (credential: string) => Promise<SessionCaller>
}

/** Answers who holds a credential. Throws invalid_credential, StoreUnavailable. */
export const rememberVerified = ({ ring, now, check }: Verifying): ((credential: string) => Promise<SessionCaller>) => {
  const remembered = new LRUCache<string, SessionCaller>({ max: REMEMBERED })
  /** How often the ring was another: what was checked with the one before is not remembered. */
  let changes = 0
  ring.onChange(() => {
    changes += 1
    remembered.clear()
  })

  return async (credential) => {
    const digest = createHash('sha256').update(credential).digest('base64')
    const known = remembered.get(digest)
    if (known) {
      if (known.expiresAt <= now()) throw new CoatcheckError('invalid_credential')
      return known
    }
    const before = changes
    try {
      const caller = await check(credential)
      if (before === changes) remembered.set(digest, caller)
      return caller
    } catch (error) {
      if (error instanceof CoatcheckError) throw error
      if (error instanceof Error && error.name === 'StoreUnavailable') throw error
      throw new CoatcheckError('invalid_credential')
    }
  }
}
