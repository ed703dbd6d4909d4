/**
 * What was verified is remembered by its SHA-256 until it ends, so that a signature is checked once. The memory is bounded,
 * and dropped when what signs changes. For tokens and cookies alike.
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { CoatcheckError } from '../../errors.ts'
import type { SessionCaller } from './caller.ts'
import { ExpiredCredential } from './expired-credential.ts'

const REMEMBERED = 10_000

export type Verifying = {
  /** Tells when what signs is another. */
  readonly ring: { onChange(listener: () => void): void }
  /** The store's time in ms. */
  readonly now: () => number
  /** Who holds this credential. Whatever it throws but a store that is away means that the credential is not valid. */
  readonly check: (credential: string) => Promise<SessionCaller>
}

/** Who holds a credential: at once if that is remembered. Rejects with invalid_credential, StoreUnavailable. */
export type Verify = (credential: string) => SessionCaller | Promise<SessionCaller>

export const rememberVerified = ({ ring, now, check }: Verifying): Verify => {
  const remembered = new LRUCache<string, SessionCaller>({ max: REMEMBERED })
  /** How often the ring was another: what was checked with the one before is not remembered. */
  let changes = 0
  ring.onChange(() => {
    changes += 1
    remembered.clear()
  })

  const checkAndRemember = async (credential: string, digest: string): Promise<SessionCaller> => {
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

  return (credential) => {
    const digest = hash('sha256', credential, 'base64')
    const known = remembered.get(digest)
    if (!known) return checkAndRemember(credential, digest)
    return known.expiresAt > now() ? known : Promise.reject(new ExpiredCredential())
  }
}
