/**
 * The store's port: what Coatcheck asks of the place where sessions are kept. Two adapters answer it, `lmdb/` and
 * `redis/`, and one suite, `test/conformance/`, holds both to the sentences below.
 *
 * A session is found in one of three states. **live**: it is there; its settings may still be unwritten (revision 0).
 * **gone**: it was deleted, rotated or revoked, and its tombstone is still there. **missing**: it was never made, one of
 * its clocks has run out, or its tombstone has lapsed; nothing is left.
 *
 * The store's time is the only time: instants are milliseconds since 1970 by the clock that `now()` estimates, and an
 * adapter never shows a session whose `expiresAt` has passed by it.
 *
 * A token acts on the life that it names, and on no other: on a session that is missing it is answered `missing` whatever
 * the call, on the tombstone of its own life `gone`, on any other life or tombstone `refused`.
 *
 * Every write is one atomic step, and judges in this order: the credential's life and generation, a kept outcome, the
 * tombstone, whether it may create, the precondition, the expectations, the limits. The first that refuses ends it, and
 * then nothing has changed.
 *
 * Every method rejects with `StoreUnavailable` when its outcome is not known or the store is away, within the call's
 * deadline; a write that was refused so is never applied more than ten seconds later. `StoreFull` means that there is no
 * room for more; ending, touching, removing and reading still work then.
 */

/** Names one session. `id` is a UUID in lower case with hyphens; `namespace` matches `[a-z0-9-]{1,32}`. */
export type SessionRef = { readonly namespace: string; readonly id: string }

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
  readonly ifMatch?: '*' | readonly Version[]
  readonly ifNoneMatch?: '*' | readonly Version[]
}

/** What a write expects a key to hold: this text, anything at all (`present`), or nothing (null). */
export type Expectation = { readonly text: string } | 'present' | null

/** The clocks of a session that a write may begin. */
export type Clocks = { readonly idleTimeoutSeconds: number; readonly lifetimeSeconds: number }

/**
 * An `Idempotency-Key`, already hashed. `key` is 32 hex characters over the credential, the key itself and, where the
 * caller named one, the session; `fingerprint` is 32 hex characters over method, path, preconditions and body. Outcomes
 * are looked up by namespace, `key` and the partition of the session's id (`partition.ts`), not by the id: a create that
 * draws a new id each time it is tried finds the outcome of its first try.
 */
export type Repeat = { readonly key: string; readonly fingerprint: string }

export type Write = {
  readonly credential: Credential
  /**
   * What to do where the session is missing. `never`: answer `missing`. `if-missing`: begin it. `must-be-missing`:
   * begin it, and answer `exists` if it is live.
   */
  readonly create: 'never' | 'if-missing' | 'must-be-missing'
  /** Clocks and subject of a session that this write begins; a live one keeps its own. */
  readonly clocks: Clocks
  readonly subject?: string | null
  /**
   * A session that this write begins without writing its settings has this idle timeout until somebody writes them; it
   * then gets the one in the `clocks` of that write. For what is made on the off-chance, and mostly never used.
   */
  readonly idleUntilWrittenSeconds?: number
  readonly precondition?: Precondition
  readonly expect?: ReadonlyMap<string, Expectation>
  /** Texts to put. With `replace`, every key that is not among them goes. A key that is also to be removed is put. */
  readonly set?: ReadonlyMap<string, string>
  readonly remove?: readonly string[]
  readonly replace?: boolean
  /** Whether this write makes unwritten settings written (revision 1), even if it sets nothing. */
  readonly writes: boolean
  /** The key whose text, as it was before this write, is answered as `taken` and kept with the outcome. */
  readonly take?: string
  /** A text to keep with the outcome, answered as `result` now and when the call is repeated. */
  readonly result?: string
  /** What the writer says of itself to those who watch; 64 visible ASCII characters at most. */
  readonly origin?: string
  /** A limit refuses only a write that makes its measure grow: what is over it already can always shrink. */
  readonly limits: { readonly bytes: number; readonly keys: number }
  /** Whether this write counts as use, and so slides the idle clock when that is due. */
  readonly use: boolean
  readonly repeat?: Repeat
  /** Whether the answer is to hold the settings after the write, read in the same step. */
  readonly readBack?: boolean
}

export type Written = {
  readonly state: 'written'
  /** The session written to: that of the first call, where this is a repeat. */
  readonly id: string
  /** The settings' version after this write, or after the first of its repeats. */
  readonly version: Version
  /** Whether there is a new version; false when every text stayed as it was and nothing began. */
  readonly changed: boolean
  /** Whether this write made unwritten settings written. */
  readonly began: boolean
  /** How many keys were not there before. */
  readonly added: number
  readonly taken: string | null
  readonly result: string | null
  /** Whether this is the outcome kept from an earlier call. */
  readonly repeated: boolean
  /** The session after this write, if `readBack` was asked for and this is no repeat. */
  readonly live: Live | null
}

export type WriteOutcome =
  | Written
  | Missing
  | Gone
  | Refused
  | { readonly state: 'exists' }
  /** The precondition does not hold; `version` is the present one. */
  | { readonly state: 'conflict'; readonly version: Version }
  /** An expectation does not hold; `texts` has the present text of every key that was expected, null where absent. */
  | { readonly state: 'mismatch'; readonly texts: ReadonlyMap<string, string | null> }
  | { readonly state: 'limit'; readonly limit: 'bytes' | 'keys' }
  /** The `Idempotency-Key` was used for something else. */
  | { readonly state: 'reused' }

export type Touched = { readonly state: 'live'; readonly record: SessionRecord } | Gone | Missing | Refused

export type End = {
  readonly credential: Credential
  readonly reason: EndReason
  readonly tombstoneSeconds: number
  /** End only what is bound to this subject, or missing; a session that is bound otherwise is answered `other`. */
  readonly subject?: string
}

export type Ended =
  /** `wasLive`: whether a session ended, and not an id that had none. */
  { readonly state: 'ended'; readonly wasLive: boolean } | { readonly state: 'other' } | Gone | Missing | Refused

/** Names a one-time code by its SHA-256, 64 hex characters. `namespace` and the session's partition belong to the name. */
export type HandoffRef = { readonly namespace: string; readonly partition: string; readonly hash: string }

/** What a hand-off holds: the life of the session that it is for, and what its redeemer gets. */
export type Handoff = {
  readonly sessionId: string
  readonly life: string
  /** JSON text, or null. */
  readonly payload: string | null
  /** Who the session is bound to by redeeming, and the id that it then moves to; both or none. */
  readonly bind: { readonly subject: string; readonly newId: string } | null
}

/** Moves a session to another id, binds it, redeems a hand-off: what of these is asked for, in one step. */
export type Rotation = {
  /** The id that the session moves to, in its own partition; null where it stays. */
  readonly newId: string | null
  /** The life that the session must have; null stands for any, and for a missing session, which this then begins. */
  readonly life: string | null
  /** Binds the session to this subject. */
  readonly subject?: string
  /** Who the session must be bound to so far, null for nobody; not asked if left out. */
  readonly boundTo?: string | null
  /** The clocks of what this begins. A live session keeps its own unless `newIdle` or `newLifetime` says otherwise. */
  readonly clocks: Clocks
  readonly newIdle: boolean
  /** Whether a new lifetime begins now. */
  readonly newLifetime: boolean
  readonly tombstoneSeconds: number
  /** The code to redeem: it must be there, and is gone after. */
  readonly handoff?: string
  /** A text to keep with the outcome, answered as `result` now and when the call is repeated. */
  readonly result?: string
  readonly repeat?: Repeat
}

export type Rotated = {
  readonly state: 'rotated'
  /** Where the session is now. */
  readonly id: string
  readonly result: string | null
  readonly repeated: boolean
  /** The session as it is now; null if this is a repeat. */
  readonly live: Live | null
}

export type RotateOutcome =
  | Rotated
  | Missing
  | Gone
  | Refused
  /** The new id was used already; `gone` if there is a tombstone, as of a subject whose sessions were all ended. */
  | { readonly state: 'taken'; readonly by: 'session' | 'gone' }
  /** The session is bound to somebody else than `boundTo` says. */
  | { readonly state: 'other' }
  /** There is no such code any more. */
  | { readonly state: 'spent' }
  | { readonly state: 'reused' }

/** Names a subject: the user that sessions are bound to. */
export type SubjectRef = { readonly namespace: string; readonly subject: string }

/** An id in a subject's list. It stays there until `keepUntil`, in ms, even if there is no session. */
export type Listed = { readonly id: string; readonly keepUntil: number }

export type Revoked = { readonly state: 'revoked'; readonly gen: string } | Gone | Missing

/** Why a session ended: by a call, or by one of its clocks. */
export type WhyEnded = EndReason | 'idle' | 'lifetime'

/** What happened to a session, told by the very step that did it. */
export type Notice =
  | {
      readonly kind: 'changed'
      readonly ref: SessionRef
      readonly before: Version
      readonly after: Version
      /** What the writer said of itself. */
      readonly origin: string | null
      /** The keys that were put. Their texts are left out (null) where they are long: read the session for them. */
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

/** What an operator should know of a store that answers. An empty list of warnings is a clean bill. */
export type Health = { readonly warnings: readonly string[] }

export type Store = {
  /** The store's time, in ms: exact for an embedded store, an estimate from its latest answers for a remote one. */
  now(): number

  /** Reads one session. Never writes, never slides a clock. One command. */
  read(ref: SessionRef): Promise<Found>

  /** Reads several, each as `read` would, in the order asked. Not one snapshot: each is read by itself. */
  readMany(refs: readonly SessionRef[]): Promise<Found[]>

  /**
   * Changes settings, or begins a session, in one step.
   *
   * A write that leaves every text as it was changes nothing: same version, `changed: false`. With `repeat`, an outcome
   * that changed something is kept for 60 s and answered again to the same key and fingerprint; another fingerprint
   * under that key answers `reused`.
   */
  write(ref: SessionRef, write: Write): Promise<WriteOutcome>

  /** Slides the idle clock if that is due, and answers the session as it then is. Never creates. */
  touch(ref: SessionRef, credential: Credential): Promise<Touched>

  /**
   * Ends a session and leaves a tombstone for `tombstoneSeconds`. With an API key (credential null) also an id that is
   * missing. What is gone already keeps the tombstone it has.
   */
  end(ref: SessionRef, end: End): Promise<Ended>

  /**
   * Moves a session to another id: the same settings at the same version, in another life, with a tombstone (`rotated`)
   * under the old id. Judges in this order: a kept outcome, the code, the tombstone, the life, the new id, the subject.
   * Only a rotation that was done is kept for its repeats.
   */
  rotate(ref: SessionRef, rotation: Rotation): Promise<RotateOutcome>

  /** Keeps a hand-off for so many seconds. */
  addHandoff(ref: HandoffRef, handoff: Handoff, seconds: number): Promise<void>

  /** What a code stands for, without redeeming it; null if there is no such code any more. */
  readHandoff(ref: HandoffRef): Promise<Handoff | null>

  /**
   * Lists an id as one of a subject's sessions. The entry stays for `keepSeconds` whatever becomes of the id, and the list
   * for `lifetimeSeconds` at least.
   */
  list(
    ref: SubjectRef,
    entry: { readonly id: string; readonly keepSeconds: number; readonly lifetimeSeconds: number },
  ): Promise<void>

  /**
   * A part of a subject's list, `limit` entries at most. `next` is where the next part begins, null at the end. What is
   * listed all the time is in some part; what is listed anew meanwhile may be in two.
   */
  listed(
    ref: SubjectRef,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<{ readonly entries: readonly Listed[]; readonly next: string | null }>

  /** Some entries of a subject's list, `count` at most, each time others. */
  sampleListed(ref: SubjectRef, count: number): Promise<readonly Listed[]>

  /** Removes those of these ids from a subject's list that need not be kept any more. */
  unlist(ref: SubjectRef, ids: readonly string[]): Promise<void>

  /**
   * A part of the ids of a namespace, `limit` at most, for whoever wants to look at all its sessions: read them to see
   * which live. `next` is where the next part begins, null at the end. What lives all the time while the parts are read is
   * in some part; what begins or ends meanwhile may be in one, and an id may be in two. A part may hold fewer ids than
   * `limit`, and none, while there is a `next`: no call looks at more than a bounded number of entries.
   */
  sessionIds(
    namespace: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<{ readonly ids: readonly string[]; readonly next: string | null }>

  /** Draws a new generation: every credential of the session so far is refused from now on. */
  revoke(ref: SessionRef): Promise<Revoked>

  /** What is kept in a collection of secrets that the replicas share, by place. */
  secrets(collection: string): Promise<ReadonlyMap<string, string>>

  /** Keeps a secret if its place is free; otherwise does nothing. Read it back to see whose it is. */
  addSecret(collection: string, place: string, text: string): Promise<void>

  /** Keeps a secret, whatever was in its place. */
  replaceSecret(collection: string, place: string, text: string): Promise<void>

  /** Removes a secret, if there is one. */
  removeSecret(collection: string, place: string): Promise<void>

  /** How many sessions are live, and with them those whose clock ran out since the last sweep. Tombstones don't count. */
  count(): Promise<number>

  /**
   * Tells what happens to the sessions of a partition, from when the promise settles until the function it gives is
   * called. Changes, ends and revocations are told at most once, and in the order in which they were done; those that are
   * lost with a connection are made known by `lapsed`. A session that is over by a clock is told of when a sweep finds it,
   * or when another begins under its id: at least once, and by one replica.
   *
   * A partition may have any number of listeners. One that throws harms neither the store nor the others: the store tells
   * it `lapsed`, and goes on.
   */
  subscribe(partition: string, listener: NoticeListener): Promise<() => void>

  /** Removes what is over from the expiry index and from disk; answers how many. Any number of replicas may do it. */
  sweep(): Promise<number>

  /** Whether the store answers within its deadline, and what is wrong with its setup. */
  check(): Promise<Health>

  /** Lets go of everything. A second call does nothing. */
  close(): Promise<void>
}

/** The store is away, did not answer in time, or the outcome of the call is not known. Nothing of Redis in its text. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
  constructor(message = 'The store did not answer in time.', options?: ErrorOptions) {
    super(message, options)
  }
}

/** There is no room: the disk is filling or Redis is at its maxmemory. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull'
  constructor(message = 'The store has no room for more.', options?: ErrorOptions) {
    super(message, options)
  }
}
