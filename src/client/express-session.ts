/**
 * `coatcheck/express-session`: a store for express-session and @fastify/session that keeps each session as settings under a
 * UUID. Of a session that is saved only the top-level keys are written that changed since this very request read it, so that
 * requests that overlap keep each other's; and what was ended meanwhile stays ended.
 */
import { createHash } from 'node:crypto'
import { difference, isNone, patchOf } from './difference.ts'
import { isCoatcheckError } from './errors.ts'
import { type Done, FrameworkStore } from './framework-store.ts'
import { type Client, type ClientOptions, createClient } from './index.ts'
import { clocksOf, isKept, type Json, keptForm, type SessionData, shownForm } from './kept-session.ts'
import { createKnownSessions, type Known } from './known-sessions.ts'
import { answer, SessionStoreError, unlessOver } from './store-answers.ts'

export type { SessionData } from './kept-session.ts'
export { SessionStoreError } from './store-answers.ts'

export type CoatcheckStoreOptions = ClientOptions & {
  /**
   * Whom a session is to be bound to when it is first saved, so that the user can be logged out everywhere; undefined for
   * nobody. It is asked with the session as it is saved: a login regenerates the session and then says in it who it is.
   */
  readonly subject?: ((session: SessionData) => string | undefined) | undefined
}

/** A page is not to wait longer than this for its session, in ms. */
const TIMEOUT_MS = 3000

/** How many sessions are ended at once when all are. */
const LOT = 20

/**
 * The UUID (version 8) under which a framework's session is kept: the first half of the SHA-256 of its id. Whoever sees it
 * cannot find out the id, which is what logs in.
 */
export const uuidOf = (sid: string): string => {
  const hash = createHash('sha256').update(sid).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export class CoatcheckStore extends FrameworkStore {
  /** The client that the store calls by: `store.client.session(store.uuidOf(sid))` is the same session. */
  readonly client: Client
  readonly #subjectOf: CoatcheckStoreOptions['subject']
  readonly #known = createKnownSessions()
  /** The latest save of each session object: the next one waits for it. */
  readonly #saves = new WeakMap<object, Promise<unknown>>()

  /** @fastify/session regenerates by saving a session while it is being told that the one before was destroyed. */
  #isRegenerating = false
  #hasWarned = false

  /** Throws TypeError where `url` is none. */
  constructor({ subject, ...options }: CoatcheckStoreOptions) {
    super()
    this.client = createClient({ timeoutMs: TIMEOUT_MS, ...options })
    this.#subjectOf = subject
  }

  /** The UUID under which the session with this id is kept. */
  uuidOf(sid: string): string {
    return uuidOf(sid)
  }

  /** Null where there is none, or none any more; an outage is an error. No use of the session: that is `touch` or `set`. */
  get<Session = SessionData>(sid: string, callback: (error: unknown, session?: Session | null) => void): void {
    answer(this.#read(sid) as Promise<Session | null>, callback)
  }

  /**
   * Writes what changed since this session object was read or saved, all or nothing; with nothing changed it only slides the
   * clock. An object that this store did not give is written whole, and no key that it lacks is removed. What was ended or
   * ran out since it was read stays as it is: that is no error, nothing is written.
   */
  set(sid: string, session: object, callback?: Done): void {
    const before = this.#saves.get(session) ?? Promise.resolve()
    let kept: Json
    try {
      kept = keptForm(session, this.#known.of(session, sid)?.settings)
    } catch (error) {
      answer(Promise.reject(error), callback)
      return
    }
    if (this.#isRegenerating && this.#comesAgain(session, kept)) {
      answer(Promise.resolve(), callback)
      return
    }
    const save = before.then(() => this.#save(sid, session, kept))
    this.#saves.set(
      session,
      save.catch(() => {}),
    )
    answer(save, callback)
  }

  /** Ends the session for good: no save that is still under way brings it back. */
  destroy(sid: string, callback?: Done): void {
    this.end(sid, (error) => {
      this.#isRegenerating = true
      try {
        callback?.(error)
      } finally {
        this.#isRegenerating = false
      }
    })
  }

  protected end(sid: string, callback: Done): void {
    answer(this.client.session(uuidOf(sid)).end(), callback)
  }

  /** Slides the session's clock. One that is over is no error. */
  touch(sid: string, _session: object, callback?: Done): void {
    answer(unlessOver(this.client.session(uuidOf(sid)).touch()), callback && ((error) => callback(error)))
  }

  /** All sessions that such a store has made in the namespace, in no order. Their ids are not known, only their hashes. */
  all<Session = SessionData>(callback: (error: unknown, sessions?: Session[]) => void): void {
    const collect = async (): Promise<Session[]> => {
      const found = new Map<string, SessionData>()
      for await (const view of this.client.sessions()) if (isKept(view)) found.set(view.id, shownForm(view))
      return [...found.values()] as Session[]
    }
    answer(collect(), callback)
  }

  /** How many sessions such a store has made in the namespace that live. */
  length(callback: (error: unknown, length?: number) => void): void {
    answer(
      this.#ids().then((ids) => ids.length),
      callback,
    )
  }

  /** Ends all sessions that such a store has made in the namespace; others of the namespace stay. */
  clear(callback?: Done): void {
    const clear = async (): Promise<void> => {
      const ids = await this.#ids()
      while (ids.length > 0) {
        await Promise.all(ids.splice(0, LOT).map((id) => unlessOver(this.client.session(id).end())))
      }
    }
    answer(clear(), callback)
  }

  override createSession<Session>(request: object, data: object): Session {
    const session = super.createSession<Session & object>(request, data)
    this.#known.follow(data, session)
    return session
  }

  /** Calls after it, and those under way, are errors. Nothing keeps the process from ending if it is left out. */
  close(): void {
    this.client.close()
  }

  async #ids(): Promise<string[]> {
    const ids = new Set<string>()
    for await (const view of this.client.sessions()) if (isKept(view)) ids.add(view.id)
    return [...ids]
  }

  async #read(sid: string): Promise<SessionData | null> {
    try {
      const view = await this.client.session(uuidOf(sid)).view({ touch: false })
      const known = {
        sid,
        settings: view.settings,
        isWritten: view.revision > 0,
        subject: view.subject ?? null,
      }
      return this.#known.mark(shownForm(view), known)
    } catch (error) {
      if (isCoatcheckError(error, 'session_not_found', 'session_gone')) return null
      throw error
    }
  }

  async #save(sid: string, session: object, kept: Json): Promise<void> {
    const clocks = clocksOf(kept)
    if (clocks === undefined) return this.client.session(uuidOf(sid)).end()
    const subject = this.#subjectOf?.(kept as SessionData)
    const known = this.#known.of(session, sid)
    const saved = known
      ? await this.#change(known, kept, subject)
      : await this.#begin(sid, kept, { ...clocks, ...(subject === undefined ? {} : { subject }) })
    if (saved) this.#known.remember(session, saved)
  }

  /**
   * Whether a session that is being regenerated is saved without saying yet who it is of. It cannot be bound later; but the
   * framework saves it again, at the end of the request, when the log-in has said it.
   */
  #comesAgain(session: object, kept: Json): boolean {
    const isFrameworks = typeof (session as { save?: unknown }).save === 'function'
    return isFrameworks && this.#subjectOf !== undefined && this.#subjectOf(kept as SessionData) === undefined
  }

  /** Answers what is known then; undefined where the session is over. */
  async #change(known: Known, kept: Json, subject: string | undefined): Promise<Known | undefined> {
    const { sid, settings, isWritten } = known
    this.#checkBound(known.subject, subject)
    const changes = difference(settings, kept)
    const handle = this.client.session(uuidOf(sid))
    const isDone = await unlessOver(
      isNone(changes) ? handle.touch() : handle.patch(patchOf(changes), isWritten ? { ifMatch: '*' } : {}),
    )
    return isDone ? { ...known, settings: kept, isWritten: isWritten || !isNone(changes) } : undefined
  }

  async #begin(sid: string, kept: Json, more: { subject?: string }): Promise<Known | undefined> {
    const id = uuidOf(sid)
    const { subject = null } = more
    const known: Known = { sid, settings: kept, isWritten: true, subject }
    try {
      const isBegun = await unlessOver(this.client.create({ id, settings: { ...kept }, ...more }))
      return isBegun ? known : undefined
    } catch (error) {
      if (!isCoatcheckError(error, 'session_exists')) throw error
    }
    if (this.#known.wasRead(sid)) this.#warn()
    const handle = this.client.session(id)
    if (subject !== null) this.#checkBound((await handle.view({ touch: false })).subject ?? null, subject)
    const isDone = await unlessOver(handle.patch(patchOf({ set: kept, removed: [] })))
    return isDone ? known : undefined
  }

  /** Once: somebody saves what they made of a session, and not the session, so that its other keys are at risk. */
  #warn(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    process.emitWarning(
      'A session was saved that is not the object that CoatcheckStore gave: all its keys are written, and those that were ' +
        'removed from it stay. If the framework is @fastify/session, it has to be 11.1.2 or later.',
      { code: 'COATCHECK_UNKNOWN_SESSION' },
    )
  }

  /** A session is bound when it begins. One that a log-out everywhere would miss is not saved. */
  #checkBound(bound: string | null, subject: string | undefined): void {
    if (subject === undefined || subject === bound) return
    throw new SessionStoreError(
      'The session is not bound to the subject that it names: regenerate the session at login, then set who it is of.',
    )
  }
}
