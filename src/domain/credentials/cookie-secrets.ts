/** The secrets that cookies are signed with, rotated as `key-ring.ts` says, or configured. */
import { randomBytes } from 'node:crypto'
import type { Store } from '../../store/port.ts'
import { createKeyRing, fixedKeyRing, type KeyRing, type RingKind } from './key-ring.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** No browser keeps a cookie for longer, and no secret is kept for longer after it signed its last. */
export const LONGEST_COOKIE_MS = 400 * DAY_MS

export type CookieSecret = {
  readonly kid: string
  /** In ms of the store's time. */
  readonly signsFrom: number
  readonly secret: string
}

export type CookieSecrets = KeyRing<CookieSecret>

const KIND: RingKind<string, CookieSecret> = {
  collection: 'cookie-secrets',
  make: async () => randomBytes(32).toString('base64url'),
  load: async ({ kid, signsFrom, key }) => ({ kid, signsFrom, secret: key }),
  signsForMs: 30 * DAY_MS,
  keptForMs: LONGEST_COOKIE_MS + HOUR_MS,
}

/** Secrets from the configuration, newest first: the first signs, all verify, none is made or rotated here. */
export const fixedCookieSecrets = (secrets: readonly string[]): CookieSecrets =>
  fixedKeyRing(secrets.map((secret, i) => ({ kid: String(i), signsFrom: 0, secret })))

/** Secrets that are kept in the store. Call `refresh` before the first use and then every few seconds. */
export const createCookieSecrets = (store: Store): CookieSecrets => createKeyRing(store, KIND)
