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
 * room for more. Reading, touching, ending and revoking still work then, and so does each write that by its effect only
 * removes: it begins no session and puts no text that is not there already. What would be refused anyway, or is a repeat,
 * is answered as ever.
 *
 * In a namespace with durability `replicated` what has begun, changed, moved or ended something is told only once enough
 * replicas of the store have it. Otherwise it rejects with `NotReplicated`; a rotation says how many have it.
 */

import type {
  Admission,
  Admitted,
  End,
  Ended,
  Handoff,
  HandoffRef,
  Listed,
  Reencrypted,
  Repeat,
  Revoked,
  RotateOutcome,
  Rotation,
  SubjectRef,
  Touched,
  Write,
  WriteOutcome,
} from './port-changes.ts'
import type { Backup, Health } from './port-operation.ts'
import type { Credential, Found, NoticeListener, SessionRef } from './port-sessions.ts'

export type * from './port-changes.ts'
export type * from './port-operation.ts'
export type * from './port-sessions.ts'

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
   * Ends a session and leaves a tombstone for `tombstoneSeconds`. An API key (credential null) ends an id that is missing,
   * too. Each tombstone that is left is told as an end, also where nothing lived. What is gone already keeps the tombstone
   * it has, and nothing is told.
   */
  end(ref: SessionRef, end: End): Promise<Ended>

  /**
   * Moves a session to another id: the same settings at the same version, in another life, with a tombstone (`rotated`)
   * under the old id, which is told as an end. Judges in this order: a kept outcome, the code, the tombstone, the life, the
   * new id, the subject. Only a rotation that was done is kept for its repeats.
   */
  rotate(ref: SessionRef, rotation: Rotation): Promise<RotateOutcome>

  /** Keeps a hand-off for so many seconds. */
  addHandoff(ref: HandoffRef, handoff: Handoff, seconds: number): Promise<void>

  /** The hand-off of a code, without redeeming it; null if there is no such code any more. */
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
   * A part of a subject's list, `limit` entries at most. `next` is where the next part begins, null at the end. An id that
   * is listed while all parts are read is in one of them; an id that is listed anew meanwhile may be in two.
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
   * Admits an id among those that count for its subject's limit, in one step with the counting. `uncounted`: nobody has
   * counted yet, so there may be sessions of before there was a limit; ask again with these as `counted`.
   */
  admit(ref: SubjectRef, admission: Admission): Promise<Admitted>

  /** All ids that count. */
  admitted(ref: SubjectRef): Promise<readonly Listed[]>

  /** These count no more. */
  dismiss(ref: SubjectRef, ids: readonly string[]): Promise<void>

  /** Whether an outcome is kept for the repeats of a call. */
  isKept(ref: SessionRef, repeat: Repeat): Promise<boolean>

  /**
   * A part of the ids of a namespace, `limit` at most, for a walk through all its sessions; read each to see whether it
   * lives. `next` is where the next part begins, null at the end. A session that lives while all parts are read is in one of
   * them. A session that begins or ends meanwhile may be in one, and an id may be in two. A part may hold fewer ids than
   * `limit`, or none, although there is a `next`: each call looks at a bounded number of entries.
   */
  sessionIds(
    namespace: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<{ readonly ids: readonly string[]; readonly next: string | null }>

  /**
   * Rejects with `NotReplicated` unless enough replicas have what is stored of a session now, whoever wrote it. Without such a
   * namespace it does nothing.
   */
  confirm(ref: SessionRef): Promise<void>

  /** Draws a new generation: every credential of the session so far is refused from now on. */
  revoke(ref: SessionRef): Promise<Revoked>

  /** The secrets of a collection that the replicas share, by place. */
  secrets(collection: string): Promise<ReadonlyMap<string, string>>

  /** Keeps a secret if its place is free; otherwise does nothing. Read the collection to see which secret is there. */
  addSecret(collection: string, place: string, text: string): Promise<void>

  /** Keeps a secret, whatever was in its place. */
  replaceSecret(collection: string, place: string, text: string): Promise<void>

  /** Removes a secret, if there is one. */
  removeSecret(collection: string, place: string): Promise<void>

  /** How many sessions are live, or have ended by a clock since the last sweep. Tombstones don't count. */
  count(): Promise<number>

  /**
   * Tells what happens to the sessions of a partition, from when the promise settles until the function that it gives is
   * called. Changes, ends and revocations are told at most once, and in the order in which they were done. When a lost
   * connection may have lost some, `lapsed` is called. The end of a session by a clock is told when a sweep finds it, or when
   * a session or a tombstone takes its id: at least once, and by one replica.
   *
   * A partition may have any number of listeners. One that throws harms neither the store nor the others: the store tells
   * it `lapsed`, and goes on.
   */
  subscribe(partition: string, listener: NoticeListener): Promise<() => void>

  /**
   * Removes what is over from the expiry index and from disk; answers how many. Any number of replicas may do it. One that is
   * told to stop leaves the rest to the next.
   */
  sweep(stopping?: AbortSignal): Promise<number>

  /**
   * A copy of all that is stored as of one moment between the call and its answer. Others read and write meanwhile. It takes as
   * long as the disk does, beyond the deadline of a call. Rejects with `StoreFull` if the disk has no room for the copy.
   */
  backup(): Promise<Backup>

  /**
   * Puts a part of what is stored under the key that encrypts now: what is plain, or under an older key. Calls to the same
   * sessions go on; no version, clock or notice comes of it. `next` is where the next part begins, null at the end.
   */
  reencrypt(after: string | null): Promise<Reencrypted>

  /** Which parts of the store serve, and what is wrong with its setup. Rejects if no part serves. */
  check(): Promise<Health>

  /** Lets go of everything. A second call does nothing. */
  close(): Promise<void>
}

/** The store is away, did not answer in time, or the outcome of the call is not known. Its message quotes no store. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
  constructor(message = 'The store did not answer in time.', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The store is being copied to another place, and takes no writes meanwhile. Nothing was done. */
export class StoreMoving extends StoreUnavailable {
  constructor() {
    super('The store is being moved to another place.')
  }
}

/** The store answers, and will not serve until its setup or ours is changed: no such database, no right, a wrong password. */
export class StoreUnfit extends StoreUnavailable {}

/**
 * Too few replicas of the store had it in time, in a namespace that needs some. It is done here, and a fail-over may undo it.
 * To do the same again changes nothing more where it ends or revokes, or is a repeat; and it resolves once they have it.
 */
export class NotReplicated extends StoreUnavailable {
  constructor() {
    super('Too few replicas of the store have it.')
  }
}

/** There is no room: the disk is filling or Redis is at its maxmemory. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull'
  constructor(message = 'The store has no room for more.', options?: ErrorOptions) {
    super(message, options)
  }
}
