/**
 * The keys that session tokens are signed with: Ed25519, shared by the replicas through the store. A key is published an
 * hour before it signs, so that whoever verifies has it by then; it signs for 30 days; it stays published until the last
 * token that it signed has ended. What is retired by hand is gone at once, on every replica within seconds.
 *
 * In the store each key stands under its number in the row, put there only if the number is free: replicas that start
 * together, or rotate together, agree on whose key it is by reading back. A replica signs only with what it has read. A
 * retired key leaves a mark in its place, so that a replica which still knows the key does not put it back, as it does
 * with one that a fail-over has lost.
 */

import type { webcrypto } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { Store } from '../store/port.ts'
import { StoreUnavailable } from '../store/port.ts'

const HOUR_MS = 3_600_000

const PUBLISHED_BEFORE_MS = HOUR_MS
const SIGNS_FOR_MS = 30 * 24 * HOUR_MS
/** The longest that a token may live; a key stays published for so long after it signed its last. */
export const LONGEST_TOKEN_MS = 24 * HOUR_MS

export const SIGNING_ALGORITHM = 'EdDSA'

/** What signs at once is dated back, for replicas whose estimate of the store's time is behind: they take it, too. */
const DATED_BACK_MS = 60_000

const COLLECTION = 'signing-keys'

type Stored = { readonly kid: string; readonly signsFrom: number; readonly jwk: JWK } | { readonly retired: string }

export type SigningKey = {
  readonly kid: string
  /** In ms of the store's time. */
  readonly signsFrom: number
  readonly privateKey: webcrypto.CryptoKey
  readonly publicKey: webcrypto.CryptoKey
  /** Without a private member. */
  readonly publicJwk: JWK
}

const publicPart = ({ kty, crv, x }: JWK, kid: string): JWK => ({
  kty: kty as string,
  ...(crv === undefined ? {} : { crv }),
  ...(x === undefined ? {} : { x }),
  kid,
  alg: SIGNING_ALGORITHM,
  use: 'sig',
})

const load = async (kid: string, signsFrom: number, jwk: JWK): Promise<SigningKey> => {
  const publicJwk = publicPart(jwk, kid)
  return {
    kid,
    signsFrom,
    publicJwk,
    privateKey: (await importJWK(jwk, SIGNING_ALGORITHM)) as webcrypto.CryptoKey,
    publicKey: (await importJWK(publicJwk, SIGNING_ALGORITHM)) as webcrypto.CryptoKey,
  }
}

export type SigningKeys = {
  /** The key to sign with now; asks the store if it has none yet. Throws StoreUnavailable. */
  current(): Promise<SigningKey>
  /** A published key, or undefined. Asks the store anew, at most every few seconds, for one it does not know. */
  find(kid: string): Promise<SigningKey | undefined>
  /** All that are published, for the JWKS document. */
  published(): readonly SigningKey[]
  /** Reads what the other replicas did, and makes the next key if it is time. */
  refresh(): Promise<void>
  /** Calls back whenever the set of keys is another one. */
  onChange(listener: () => void): void
  /** Removes a key at once: what it signed is void. Answers whether there was such a key. */
  retire(kid: string): Promise<boolean>
}

const ASK_AGAIN_MS = 1000

/** Keys from a private JWKS: the first signs, all verify, none is made or rotated here. */
export const fixedSigningKeys = async (jwks: readonly JWK[]): Promise<SigningKeys> => {
  const keys = await Promise.all(jwks.map((jwk) => load(jwk.kid as string, 0, jwk)))
  return {
    current: async () => keys[0] as SigningKey,
    find: async (kid) => keys.find((key) => key.kid === kid),
    published: () => keys,
    refresh: async () => {},
    onChange: () => {},
    retire: async () => false,
  }
}

/** Keys that are kept in the store. Call `refresh` before the first use and then every few seconds. */
export const createSigningKeys = (store: Store): SigningKeys => {
  const listeners = new Set<() => void>()
  let known = new Map<string, SigningKey>()
  /** What the store's places hold, as texts: a key is imported once. */
  let places: ReadonlyMap<string, string> = new Map()
  /** Keys that this replica has signed with, which it will not see lost. */
  const used = new Map<string, string>()
  let askedAt = Number.NEGATIVE_INFINITY
  /** Readings by number: one that is overtaken by a later one is dropped. */
  let begun = 0
  let adopted = 0

  const read = async (): Promise<void> => {
    begun += 1
    const reading = begun
    const found = await store.secrets(COLLECTION)
    const next = new Map<string, SigningKey>()
    const retired: string[] = []
    for (const text of found.values()) {
      const stored = JSON.parse(text) as Stored
      if ('retired' in stored) retired.push(stored.retired)
      else next.set(stored.kid, known.get(stored.kid) ?? (await load(stored.kid, stored.signsFrom, stored.jwk)))
    }
    if (reading < adopted) return
    adopted = reading
    for (const kid of retired) {
      used.delete(kid)
      next.delete(kid)
    }
    const isSame = next.size === known.size && [...next.keys()].every((kid) => known.has(kid))
    known = next
    places = found
    if (!isSame) for (const listener of listeners) listener()
  }

  const inOrder = (): SigningKey[] => [...known.values()].sort((a, b) => b.signsFrom - a.signsFrom)

  const signing = (): SigningKey | undefined => {
    const now = store.now()
    return inOrder().find(({ signsFrom }) => signsFrom <= now)
  }

  const firstFree = (): string => String(Math.max(0, ...[...places.keys()].map(Number)) + 1)

  /** Puts a key where there is room for it. Another replica may have been first: then its key is the one. */
  const put = async (kid: string, signsFrom: number, jwk: JWK): Promise<void> => {
    const stored: Stored = { kid, signsFrom, jwk }
    await store.addSecret(COLLECTION, firstFree(), JSON.stringify(stored))
    await read()
  }

  const make = async (signsFrom: number): Promise<void> => {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
    await put(randomBytes(9).toString('base64url'), signsFrom, await exportJWK(privateKey))
  }

  const restoreLost = async (): Promise<void> => {
    for (const [kid, text] of used) {
      if (known.has(kid)) continue
      const { signsFrom, jwk } = JSON.parse(text) as Exclude<Stored, { retired: string }>
      await put(kid, signsFrom, jwk)
    }
  }

  /** Removes keys whose successor has signed for longer than any token lives. */
  const removeOver = async (now: number): Promise<void> => {
    const signing = inOrder().filter(({ signsFrom }) => signsFrom <= now)
    for (const [i, key] of signing.entries()) {
      const successor = signing[i - 1]
      if (!successor || now - successor.signsFrom < LONGEST_TOKEN_MS + HOUR_MS) continue
      used.delete(key.kid)
      for (const [place, text] of places) {
        if ((JSON.parse(text) as { kid?: string }).kid === key.kid) await store.removeSecret(COLLECTION, place)
      }
    }
  }

  const rotate = async (now: number): Promise<void> => {
    const [newest] = inOrder()
    if (!newest) await make(now - DATED_BACK_MS)
    else if (newest.signsFrom + SIGNS_FOR_MS - PUBLISHED_BEFORE_MS <= now) await make(now + PUBLISHED_BEFORE_MS)
  }

  const refresh = async (): Promise<void> => {
    await read()
    await restoreLost()
    const now = store.now()
    await rotate(now)
    if (!signing()) await make(now - DATED_BACK_MS)
    await removeOver(now)
  }

  return {
    async current() {
      if (!signing()) await refresh()
      const key = signing()
      if (!key) throw new StoreUnavailable('There is no signing key yet.')
      if (!used.has(key.kid)) {
        const text = [...places.values()].find((one) => (JSON.parse(one) as { kid?: string }).kid === key.kid)
        if (text !== undefined) used.set(key.kid, text)
      }
      return key
    },
    async find(kid) {
      const found = known.get(kid)
      if (found || performance.now() - askedAt < ASK_AGAIN_MS) return found
      askedAt = performance.now()
      await read()
      return known.get(kid)
    },
    published: inOrder,
    refresh,
    onChange: (listener) => {
      listeners.add(listener)
    },
    async retire(kid) {
      await read()
      for (const [place, text] of places) {
        if ((JSON.parse(text) as { kid?: string }).kid !== kid) continue
        await store.replaceSecret(COLLECTION, place, JSON.stringify({ retired: kid } satisfies Stored))
        used.delete(kid)
        await refresh()
        return true
      }
      return false
    },
  }
}
