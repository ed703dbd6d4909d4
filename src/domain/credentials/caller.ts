/** Who is calling: a service with an API key, or whoever holds a token or cookie of one session. */
import type { Credential, Deadline, SessionRef } from '../../store/port.ts'
import type { ApiKey } from './api-key.ts'
import { ALL_KEYS, type KeyRules } from './key-rule.ts'
import type { Permission } from './permission.ts'
import type { Scope } from './scope.ts'

export type ApiKeyCaller = Deadline & {
  /** An API key: it acts on every session of its namespace. */
  readonly kind: 'api-key'
  readonly namespace: string
  /** Tells this credential from every other, without being secret. */
  readonly credentialId: string
  /** The name of the API key, for the log; undefined if it has none. */
  readonly name?: string | undefined
  /** What the credential may do: the permissions of an API key, the scopes of a token or cookie. See access.ts. */
  readonly may: readonly Permission[]
  /** The keys of settings that it may read and write. */
  readonly keys: KeyRules
}

export type SessionCaller = Deadline & {
  /** A token or a cookie: it acts on one life of one session. */
  readonly kind: 'session'
  readonly via: 'token' | 'cookie'
  readonly namespace: string
  readonly credentialId: string
  readonly sessionId: string
  readonly life: string
  readonly gen: string
  readonly may: readonly Scope[]
  readonly keys: KeyRules
  /** When the credential ends, in ms since 1970. */
  readonly expiresAt: number
  /** Until when it may be renewed, in ms since 1970, or null for never. */
  readonly renewUntil: number | null
}

export type Caller = ApiKeyCaller | SessionCaller

/** An API key as a caller. Key rules of its own are not configured: it reads and writes every key that its permissions allow. */
export const apiKeyCaller = ({ namespace, hash, name, permissions }: ApiKey): ApiKeyCaller => ({
  kind: 'api-key',
  namespace,
  credentialId: hash.toString('hex'),
  name,
  may: permissions,
  keys: ALL_KEYS,
})

/** The same caller with a deadline of one call. Each call passes here, so all members are written out: a spread is slower. */
export const calledUntil = (caller: Caller, by: number): Caller => {
  const { kind, namespace, credentialId, keys } = caller
  if (kind === 'api-key') return { kind, namespace, credentialId, name: caller.name, may: caller.may, keys, by }
  const { via, sessionId, life, gen, may, expiresAt, renewUntil } = caller
  return { kind, via, namespace, credentialId, sessionId, life, gen, may, keys, expiresAt, renewUntil, by }
}

/** The life and generation by which the store judges a call. */
export const credentialOf = (caller: Caller): Credential =>
  caller.kind === 'api-key' ? null : { life: caller.life, gen: caller.gen }

export const refOf = (caller: Caller, id: string): SessionRef => ({
  namespace: caller.namespace,
  id,
  by: caller.by,
})
