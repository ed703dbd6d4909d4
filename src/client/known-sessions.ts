/**
 * What the service is known to hold of the sessions that are in use: what a request's own read gave, and then what it saved.
 * It is found again by the session object that is to be saved, which the frameworks make of what they were given:
 * express-session by the store's `createSession`; @fastify/session, from 11.1.2 on, keeps the cookie's members, also one
 * under a symbol, which no JSON shows.
 */
import type { Json, SessionData } from './kept-session.ts'

export type Known = {
  /** The id of the framework's session that it is known of. */
  readonly sid: string
  readonly settings: Json
  /** Whether anybody has ever written them. */
  readonly isWritten: boolean
  readonly subject: string | null
}

/** Under it stands an object that says nothing by itself: whoever logs a session does not log what was read. */
const MARK: unique symbol = Symbol('coatcheck')

const markOf = (value: unknown): object | undefined =>
  typeof value === 'object' && value !== null ? (value as { readonly [MARK]?: object })[MARK] : undefined

/** Looks into what a session holds under `cookie` and under symbols. */
const markIn = (session: object): object | undefined => {
  const names = ['cookie', ...Object.getOwnPropertySymbols(session)]
  return names.map((name) => markOf(Reflect.get(session, name))).find((mark) => mark !== undefined)
}

/** Of so many sessions it is known that they were read at all. */
const MOST_READ = 1000

export const createKnownSessions = () => {
  /** By session objects and by marks. */
  const byObject = new WeakMap<object, Known>()
  /** Ids of sessions that were read of late, the latest last. */
  const read = new Set<string>()

  return {
    /** What is known of the session with this id that this object is; undefined where it was not read by this store. */
    of(session: object, sid: string): Known | undefined {
      const known = byObject.get(session) ?? byObject.get(markIn(session) ?? session)
      // An object that was regenerated may have kept the cookie of the one before.
      return known?.sid === sid ? known : undefined
    },

    remember(session: object, known: Known): void {
      byObject.set(session, known)
    },

    /** Marks what is given to a framework. */
    mark(data: SessionData, known: Known): SessionData {
      const mark = {}
      Object.assign(data.cookie, { [MARK]: mark })
      for (const object of [data, mark]) byObject.set(object, known)
      read.delete(known.sid)
      read.add(known.sid)
      for (const sid of read) if (read.size > MOST_READ) read.delete(sid)
      return data
    },

    /** Whether a session with this id was read of late, whatever has become of the object. */
    wasRead: (sid: string): boolean => read.has(sid),

    /** The framework has made `session` of `data`. */
    follow(data: object, session: object): void {
      const known = byObject.get(data)
      if (known !== undefined) byObject.set(session, known)
    },
  }
}
