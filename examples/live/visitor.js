/**
 * Who asks: the visitor's session UUID in a cookie, and what Coatcheck keeps under it. This is what an app of your own needs
 * of Coatcheck on the HTTP side; the rest of this folder is a stand-in for a live-view framework.
 */
import { randomUUID } from 'node:crypto'
import { isCoatcheckError } from 'coatcheck/client'

const COOKIE = 'visitor'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** As long as browsers keep a cookie, so that it survives their restart. */
const COOKIE_SECONDS = 400 * 24 * 60 * 60
/** A first render does not wait longer for the store. */
const RENDER_MS = 1500
/** For so long after a login the answer with the new cookie may be on its way to the browser. */
const LOGIN_SECONDS = 10

/** The id in the visitor's cookie, if there is one. */
export const idIn = (request) => {
  const id = request.cookies[COOKIE]
  return UUID.test(id) ? id : undefined
}

/** Puts an id into the cookie. Whoever knows it is that visitor, so no script can read it. Behind TLS add `secure: true`. */
export const remember = (reply, id) =>
  reply.setCookie(COOKIE, id, { path: '/', httpOnly: true, sameSite: 'lax', maxAge: COOKIE_SECONDS })

/**
 * The visitor with what is kept of it, by one call to the store, and none for somebody new.
 *
 * - `{ id, settings, subject }`: what there is, `{}` for somebody new.
 * - `{ id, settings: {}, away: true }`: the store is away. Nobody is logged out by that: the cookie stays as it is.
 * - `{ wait: true }`: a login in another tab has moved the session, and its cookie is on its way here. Beginning anew now would
 *   write over it.
 */
export const visitorOf = async (client, request, reply) => {
  const known = idIn(request)
  if (known !== undefined) {
    try {
      const { settings, subject } = await client.session(known).view({ timeoutMs: RENDER_MS })
      return { id: known, settings, subject }
    } catch (error) {
      if (isCoatcheckError(error, 'session_not_found')) return { id: known, settings: {}, subject: null }
      if (!isCoatcheckError(error, 'session_gone')) return { id: known, settings: {}, subject: null, away: true }
      if (error.reason === 'rotated' && error.endedSecondsAgo < LOGIN_SECONDS) return { wait: true }
    }
  }
  const id = randomUUID()
  remember(reply, id)
  return { id, settings: {}, subject: null }
}
