/** The port's types of what is asked and answered: writes, ends, rotations, hand-offs, lists. See port.ts. */
import type {
  Clocks,
  Credential,
  Deadline,
  EndReason,
  Expectation,
  Gone,
  Live,
  Missing,
  Precondition,
  Refused,
  SessionRecord,
  Version,
} from './port-sessions.ts'

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
  readonly subject?: string | null | undefined
  /** Whether a session that this write begins keeps when it was bound. */
  readonly keepsBoundAt?: boolean | undefined
  /**
   * If this write begins a session without writing its settings, the session has this idle timeout until its settings are
   * written. That write gives it the one in its own `clocks`, and is a use in any case. For sessions that are mostly never
   * used.
   */
  readonly idleUntilWrittenSeconds?: number | undefined
  readonly precondition?: Precondition | undefined
  readonly expect?: ReadonlyMap<string, Expectation> | undefined
  /**
   * Texts to put. With `replace`, every key that is not among them goes. A key that is also to be removed is put.
   *
   * A key that is there keeps its place among the others, and new ones follow in the order of this map. LMDB keeps that
   * order always. Redis keeps it until a text is longer than `hash-max-listpack-value` bytes, or there are as many keys as
   * `hash-max-listpack-entries`.
   */
  readonly set?: ReadonlyMap<string, string> | undefined
  readonly remove?: readonly string[] | undefined
  readonly replace?: boolean | undefined
  /** Whether this write makes unwritten settings written (revision 1), even if it sets nothing. */
  readonly writes: boolean
  /** The key whose text, as it was before this write, is answered as `taken` and kept with the outcome. */
  readonly take?: string | undefined
  /** A text to keep with the outcome, answered as `result` now and when the call is repeated. */
  readonly result?: string | undefined
  /** A name that the writer gives itself, told to the listeners; 64 visible ASCII characters at most. */
  readonly origin?: string | undefined
  /** A limit refuses only writes that grow. Settings that are over it already can always shrink. */
  readonly limits: { readonly bytes: number; readonly keys: number }
  /** Whether this write counts as use, and so slides the idle clock when that is due. */
  readonly use: boolean
  readonly repeat?: Repeat | undefined
  /** Whether the answer is to hold the settings after the write, read in the same step. */
  readonly readBack?: boolean | undefined
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
export type HandoffRef = Deadline & { readonly namespace: string; readonly partition: string; readonly hash: string }

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
  /** Whether a session that is bound by this keeps when that was. */
  readonly keepsBoundAt?: boolean
  /** The subject that the session must be bound to, null for none. If left out, it may be any. */
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
  /** On how many replicas of the store this is; null in a namespace that needs none. */
  readonly copies: number | null
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
export type SubjectRef = Deadline & { readonly namespace: string; readonly subject: string }

/** An id in a subject's list. It stays there until `keepUntil`, in ms, even if there is no session. */
export type Listed = { readonly id: string; readonly keepUntil: number }

/** An id that is about to be bound to a subject whose sessions are limited. */
export type Admission = {
  readonly id: string
  /** The id that it takes the place of, which counts no more; null for none. */
  readonly replaced: string | null
  /** How many others may be there; null for any number. */
  readonly most: number | null
  /** For so long it counts although there is no session yet. */
  readonly keepSeconds: number
  readonly lifetimeSeconds: number
  /** Ids that count already; null as long as they were not looked for. */
  readonly counted: readonly string[] | null
}

export type Admitted = 'admitted' | 'full' | 'uncounted'

/** What came of encrypting a part of a store. `plain`: the store is not to be encrypted. */
export type Reencrypted =
  | { readonly state: 'plain' }
  | { readonly state: 'part'; readonly looked: number; readonly changed: number; readonly next: string | null }

export type Revoked = { readonly state: 'revoked'; readonly gen: string } | Gone | Missing
