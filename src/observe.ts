/**
 * What happens in the service that an operator may want to count. Each part calls what concerns it; what becomes of that, only
 * the process knows. No argument may hold an id, a name of a key, a subject or a secret: each is one of a few words.
 */

/** What an attempt to authenticate was made with. */
export type CredentialSent = 'none' | 'api-key' | 'token' | 'cookie' | 'other'

/** Why it failed: `over` has a session that is over, `several` are cookies, `limited` came after too many wrong ones. */
export type WhyNot = 'missing' | 'wrong' | 'expired' | 'revoked' | 'over' | 'several' | 'limited'

export type Observe = {
  /** A call was answered, or its stream of events has begun. `route` has no parameters filled in. */
  answered(method: string, route: string, status: number, ms: number): void
  /** A call was answered with a problem of this code. */
  refused(code: string): void
  authenticationFailed(sent: CredentialSent, why: WhyNot): void
  minted(what: 'token' | 'cookie'): void
  streamOpened(of: StreamOf): void
  streamClosed(of: StreamOf): void
  /** A reader of events took nothing for too long. */
  readerCutOff(): void
  /** An event was sent to a reader. */
  eventSent(event: string): void
  /** A change was told to a reader, so long after it was done. */
  changeTold(ms: number): void
}

/** What a stream tells of: one session, or a namespace. */
export type StreamOf = 'session' | 'namespace'

const nothing = (): void => {}

export const UNOBSERVED: Observe = {
  answered: nothing,
  refused: nothing,
  authenticationFailed: nothing,
  minted: nothing,
  streamOpened: nothing,
  streamClosed: nothing,
  readerCutOff: nothing,
  eventSent: nothing,
  changeTold: nothing,
}
