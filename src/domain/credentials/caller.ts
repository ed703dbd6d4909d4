/** Who is calling: a service with an API key, or whoever holds a token or cookie of one session. */
import { CoatcheckError } from '../../errors.ts'
import type { Credential, SessionRef } from '../../store/port.ts'
import { allows, type KeyRules } from './key-rule.ts'
import type { Permission } from './permission.ts'
import type { Scope } from './scope.ts'

export type ApiKeyCaller = {
  /** An API key: it may act on every session of its namespace. */
  readonly kind: 'api-key'
  readonly namespace: string
  /** Tells this credential from every other, without being secret. */
  readonly credentialId: string
  readonly permissions: readonly Permission[]
}

export type SessionCaller = {
  /** A token or a cookie: it may act on one life of one session. */
  readonly kind: 'session'
  readonly via: 'token' | 'cookie'
  readonly namespace: string
  readonly credentialId: string
  readonly sessionId: string
  readonly life: string
  readonly gen: string
  readonly scope: readonly Scope[]
  readonly keys: KeyRules
  /** When the credential ends, in ms. */
  readonly expiresAt: number
  /** Until when it may be renewed, in ms, or null for never. */
  readonly renewUntil: number | null
}

export type Caller = ApiKeyCaller | SessionCaller

/** The life and generation that the store is to judge a call by. */
export const credentialOf = (caller: Caller): Credential =>
  caller.kind === 'api-key' ? null : { life: caller.life, gen: caller.gen }

export const refOf = (caller: Caller, id: string): SessionRef => ({ namespace: caller.namespace, id })

/** Whether a read or write by this caller is use of the session: a token needs `touch` for that. */
export const mayUse = (caller: Caller): boolean => caller.kind === 'api-key' || caller.scope.includes('touch')

const requireKeys = (caller: Caller, access: 'read' | 'write', keys: Iterable<string>): void => {
  if (caller.kind === 'api-key') return
  for (const key of keys) {
    if (!allows(caller.keys[access], key)) {
      throw new CoatcheckError('key_not_allowed', `The credential may not ${access} a key that this call names.`)
    }
  }
}

/** Throws key_not_allowed unless the key rules let the caller see each of these keys. */
export const requireReadable = (caller: Caller, keys: Iterable<string>): void => requireKeys(caller, 'read', keys)

/**
 * The same for a write whose outcome tells what a key holds, as that of a `test` or of a condition does: who may not read
 * at all may not find out in this way either. Throws insufficient_scope and key_not_allowed.
 */
export const requireComparable = (caller: Caller, keys: ReadonlySet<string>): void => {
  if (caller.kind === 'session' && keys.size > 0 && !caller.scope.includes('read')) {
    throw new CoatcheckError('insufficient_scope', 'The write depends on what is there: that needs the scope read.')
  }
  requireReadable(caller, keys)
}

/** Throws key_not_allowed unless the caller may write each of these keys. */
export const requireWritable = (caller: Caller, keys: Iterable<string>): void => requireKeys(caller, 'write', keys)
