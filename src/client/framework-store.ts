/**
 * What express-session asks of a store beside reading and writing. Its own classes are found by the sessions that it makes,
 * so nothing has to be imported: the app may be bundled, and may have installed it anywhere.
 */
import { EventEmitter } from 'node:events'
import type { SessionData } from './kept-session.ts'

export type Done = (error?: unknown) => void

type CookieData = { readonly expires?: unknown; readonly originalMaxAge?: unknown }

type Request = { sessionID: string; session?: { readonly cookie: object } }

type Forms = {
  readonly Session: new (request: object, data: object) => object
  /** The prototype of cookies; their constructor is not to be had from one. */
  readonly cookie: object
}

export abstract class FrameworkStore extends EventEmitter {
  /** Set by express-session: gives a request a new session. */
  declare generate: (request: object) => void

  #forms: Forms | undefined

  abstract get<Session = SessionData>(sid: string, callback: (error: unknown, session?: Session | null) => void): void

  /** Ends a session, and calls back. */
  protected abstract end(sid: string, callback: Done): void

  /** For express-session: ends the session of a request, and gives it a new one. */
  regenerate(request: object, callback: Done): void {
    this.end((request as Request).sessionID, (error) => {
      this.generate(request)
      callback(error)
    })
  }

  /** For express-session: a session with its methods, undefined where there is none. */
  load<Session = SessionData>(sid: string, callback: (error: unknown, session?: Session) => void): void {
    this.get(sid, (error, data) => {
      if (error || !data) return callback(error ?? undefined)
      let session: Session
      try {
        session = this.createSession<Session>({ sessionID: sid, sessionStore: this }, data)
      } catch (fault) {
        return callback(fault)
      }
      callback(null, session)
    })
  }

  /** For express-session: makes the session of a request out of what `get` gave. */
  createSession<Session>(request: object, data: object): Session {
    this.#forms ??= this.#formsFor(request as Request)
    const { Session, cookie: prototype } = this.#forms
    const { cookie: given } = data as { cookie: CookieData }
    const cookie = Object.assign(Object.create(prototype), { path: '/', httpOnly: true, expires: null, ...given })
    if (typeof given.expires === 'string') cookie.expires = new Date(given.expires)
    // Setting the one has set the other.
    cookie.originalMaxAge = given.originalMaxAge
    const session = new Session(request, { ...data, cookie })
    Object.assign(request, { session })
    return session as Session
  }

  #formsFor(request: Request): Forms {
    if (typeof this.generate !== 'function') {
      throw new Error('CoatcheckStore makes sessions for express-session only: hand it to session({ store }).')
    }
    const { sessionID } = request
    this.generate(request)
    const { session } = request
    Object.assign(request, { sessionID })
    return { Session: session?.constructor, cookie: Object.getPrototypeOf(session?.cookie) } as Forms
  }
}
