/** Who is calling, as far as the domain cares. */
import type { Credential, SessionRef } from '../store/port.ts'

export type Caller = {
  /** An API key: it may do everything with every session of its namespace. */
  readonly kind: 'key'
  readonly namespace: string
  /** Tells this credential from every other, without being secret. */
  readonly credentialId: string
}

/** The life and generation that the store is to judge a call by. */
export const credentialOf = (_caller: Caller): Credential => null

export const refOf = (caller: Caller, id: string): SessionRef => ({ namespace: caller.namespace, id })
