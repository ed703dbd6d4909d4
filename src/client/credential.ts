/**
 * The credential of a client: an API key, or a session token that is asked for, kept, renewed at half its time, and asked
 * for again when the service refuses it. Whoever needs it while it is being asked for waits for that same answer.
 */
import { LONGEST_TIMER_MS, unref } from './waiting.ts'

/** What minting a token answers; `token` and `expiresInSeconds` by other names, as RFC 6749 has them. */
export type MintedToken = { readonly access_token: string; readonly expires_in: number }

/**
 * An API key or a session token; or a function that gets one, called when there is none yet and when the last one was
 * refused or is about to end. Without a credential the browser's cookie is sent.
 */
export type Credential = string | MintedToken | (() => string | MintedToken | Promise<string | MintedToken>)

const JWT = /^[\w-]+\.([\w-]+)\.[\w-]+$/

/** From when until when a token lives by its own account, in seconds since 1970; undefined for an API key. */
export const timesOf = (text: string): { readonly iat: number; readonly exp: number } | undefined => {
  const claims = JWT.exec(text)?.[1]
  if (claims === undefined) return undefined
  try {
    const { iat, exp } = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/')))
    return Number.isFinite(exp - iat) ? { iat, exp } : undefined
  } catch {
    return undefined
  }
}

const lifeOf = (text: string): number | undefined => {
  const times = timesOf(text)
  return times && times.exp - times.iat
}

type Held = { readonly text: string; readonly lifeSeconds: number | undefined }

/** Throws TypeError, without the text, where no header can hold it: what `fetch` throws has the text in it. */
const checked = (held: Held): Held => {
  if (/^[\x21-\x7e]+$/.test(held.text)) return held
  throw new TypeError('The credential is no API key and no token: there is a space, a line break or the like in it.')
}

const heldOf = (given: string | MintedToken): Held =>
  checked(
    typeof given === 'string'
      ? { text: given.trim(), lifeSeconds: lifeOf(given.trim()) }
      : { text: given.access_token, lifeSeconds: given.expires_in },
  )

/** A renewal that has failed is tried again after half of the time that is left, and this at least, in ms. */
const LEAST_BETWEEN_MS = 500

export type CredentialSource = {
  /** Undefined: the cookie. */
  current(): Promise<string | undefined>
  /** Another one in place of this one, which was refused or is about to end; undefined if there is no other. */
  instead(of: string | undefined): Promise<string | undefined>
  close(): void
}

/**
 * @param renew asks the service for the next token by means of this one; without it a token is used until it is refused
 */
export const createCredentialSource = (
  given: Credential | undefined,
  renew?: (token: string) => Promise<MintedToken>,
): CredentialSource => {
  const ask = typeof given === 'function' ? given : undefined
  let held: Held | undefined
  let asking: Promise<Held> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  const hold = (next: Held): Held => {
    held = next
    clearTimeout(timer)
    if (renew && next.lifeSeconds !== undefined) renewHalfway(performance.now() + next.lifeSeconds * 1000)
    return next
  }

  /** Renews when half of the time until then is over, and if that fails when half of the rest is. */
  const renewHalfway = (end: number): void => {
    const left = end - performance.now()
    if (closed || left < LEAST_BETWEEN_MS) return
    const wait = Math.min(Math.max(left / 2, LEAST_BETWEEN_MS), LONGEST_TIMER_MS)
    const renewed = (): void => void another().catch(() => renewHalfway(end))
    timer = setTimeout(renewed, wait)
    unref(timer)
  }

  /** By renewal, and if that fails from whoever gave the first one. */
  const another = (): Promise<Held> => {
    asking ??= (async () => {
      try {
        if (renew && held) {
          const renewed = await renew(held.text).catch((error) => {
            if (!ask) throw error
          })
          if (renewed) return hold(heldOf(renewed))
        }
        if (!ask) throw new Error('There is nobody to ask for a credential.')
        return hold(heldOf(await ask()))
      } finally {
        asking = undefined
      }
    })()
    return asking
  }

  if (given !== undefined && typeof given !== 'function') hold(heldOf(given))

  return {
    current: async () => (given === undefined ? undefined : (held ?? (await another())).text),

    async instead(of) {
      if (of === undefined || (!ask && !renew)) return undefined
      if (held && held.text !== of) return held.text
      const { text } = await another()
      return text === of ? undefined : text
    },

    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
