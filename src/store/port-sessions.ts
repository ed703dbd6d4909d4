/** The port's types of what is stored: sessions, their versions, and conditions on them. See port.ts. */

/**
 * Until when the caller waits: an instant of the running time (`running-time.ts`). It goes with the name of what is asked for,
 * so that each step of a call has what the steps before it have left. Without it a step has the store's own time for one.
 */
export type Deadline = { readonly by?: number | undefined }

/** Names one session. `id` is a UUID in lower case with hyphens; `namespace` matches `[a-z0-9-]{1,32}`. */
export type SessionRef = Deadline & { readonly namespace: string; readonly id: string }

/**
 * What a session is apart from its settings. `life` and `gen` are 96 random bits each, `tag` 48, all as base64url.
 * `revision` is 0 while unwritten. `endsAt` is the absolute end; `expiresAt` is the one deadline that counts, the
 * earlier of `endsAt` and the idle clock's (see `clocks.ts`).
 */
export type SessionRecord = {
  readonly life: string
  readonly gen: string
  readonly revision: number
  readonly tag: string
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly endsAt: number
  readonly idleTimeoutSeconds: number
  readonly lifetimeSeconds: number
  readonly subject: string | null
  /** When it was bound, if whoever bound it asked to keep that; otherwise null. */
  readonly boundAt: number | null
}

/** Settings: each key's JSON text, exactly as it was sent. */
export type Settings = ReadonlyMap<string, string>

export type EndReason = 'deleted' | 'rotated' | 'revoked'

export type Live = { readonly state: 'live'; readonly record: SessionRecord; readonly settings: Settings }
/** `life` is the life that ended, or null when an id was ended that had none. */
export type Gone = {
  readonly state: 'gone'
  readonly reason: EndReason
  readonly endedAt: number
  readonly life: string | null
}
export type Missing = { readonly state: 'missing' }
/** The credential names a life that is over, or a generation that was revoked. */
export type Refused = { readonly state: 'refused'; readonly why: 'life' | 'gen' }

export type Found = Live | Gone | Missing

/** The life and generation that a token or cookie names; null stands for an API key, which may act on any life. */
export type Credential = { readonly life: string; readonly gen: string } | null

/** A state of the settings, as an ETag names it. Revision 0 is unwritten or missing, and has no tag (''). */
export type Version = { readonly revision: number; readonly tag: string }

/**
 * A condition on the whole settings, RFC 9110 §13.1. '*' asks whether they were ever written. Both may be given; both
 * must hold.
 */
export type Precondition = {
  readonly ifMatch?: '*' | readonly Version[] | undefined
  readonly ifNoneMatch?: '*' | readonly Version[] | undefined
}

/** What a write expects a key to hold: this text, anything at all (`present`), or nothing (null). */
export type Expectation = { readonly text: string } | 'present' | null

/** The clocks of a session that a write may begin. */
export type Clocks = { readonly idleTimeoutSeconds: number; readonly lifetimeSeconds: number }

/** Why a session ended: by a call, or by one of its clocks. */
export type WhyEnded = EndReason | 'idle' | 'lifetime'

/**
 * Told of lives that this process has begun or ended: `count` of them, once each, after it is done. A life that a rotation moves ends
 * as `rotated`, and another one begins. What another replica did, that replica is told.
 */
export type OnLives = (what: 'begun' | WhyEnded, count: number) => void

/** What happened to a session, told by the very step that did it. */
export type Notice =
  | {
      readonly kind: 'changed'
      readonly ref: SessionRef
      readonly before: Version
      readonly after: Version
      /** When it was done, in the store's ms; null if an older replica did it, which does not say. */
      readonly at: number | null
      /** The `origin` of the write. */
      readonly origin: string | null
      /** The keys that were put, with their texts. Long or encrypted ones may be left out (null): read the session for them. */
      readonly set: ReadonlyMap<string, string | null>
      readonly removed: readonly string[]
      /** Whether this tells all that changed; otherwise the session has to be read. */
      readonly isWhole: boolean
    }
  | { readonly kind: 'ended'; readonly ref: SessionRef; readonly reason: WhyEnded }
  /** Every credential of before is void. */
  | { readonly kind: 'revoked'; readonly ref: SessionRef }

export type NoticeListener = {
  notice(notice: Notice): void
  /** Some notices may have been missed. */
  lapsed(): void
}
