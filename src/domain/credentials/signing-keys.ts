/**
 * The keys that session tokens are signed with: Ed25519, rotated as `key-ring.ts` says, their public parts published for
 * whoever verifies tokens by himself.
 */
import type { webcrypto } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { CoatcheckError } from '../../errors.ts'
import type { Store } from '../../store/port.ts'
import { createKeyRing, fixedKeyRing, type KeyRing, type RingKind, type Stored } from './key-ring.ts'

const HOUR_MS = 3_600_000

/** The longest that a token may live; a key stays published for so long after it signed its last. */
export const LONGEST_TOKEN_MS = 24 * HOUR_MS

export const SIGNING_ALGORITHM = 'EdDSA'

export type SigningKey = {
  readonly kid: string
  /** In ms of the store's time. */
  readonly signsFrom: number
  readonly privateKey: webcrypto.CryptoKey
  readonly publicKey: webcrypto.CryptoKey
  /** Without a private member. */
  readonly publicJwk: JWK
}

export type SigningKeys = KeyRing<SigningKey>

const publicPart = ({ kty, crv, x }: JWK, kid: string): JWK => ({
  kty: kty as string,
  ...(crv === undefined ? {} : { crv }),
  ...(x === undefined ? {} : { x }),
  kid,
  alg: SIGNING_ALGORITHM,
  use: 'sig',
})

const load = async ({ kid, signsFrom, key }: Stored<JWK>): Promise<SigningKey> => {
  const publicJwk = publicPart(key, kid)
  return {
    kid,
    signsFrom,
    publicJwk,
    privateKey: (await importJWK(key, SIGNING_ALGORITHM)) as webcrypto.CryptoKey,
    publicKey: (await importJWK(publicJwk, SIGNING_ALGORITHM)) as webcrypto.CryptoKey,
  }
}

const make = async (): Promise<JWK> => {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
  return exportJWK(privateKey)
}

const KIND: RingKind<JWK, SigningKey> = {
  collection: 'signing-keys',
  make,
  load,
  signsForMs: 30 * 24 * HOUR_MS,
  keptForMs: LONGEST_TOKEN_MS + HOUR_MS,
}

/** Keys from a private JWKS: the first signs, all verify, none is made or rotated here. */
export const fixedSigningKeys = async (jwks: readonly JWK[]): Promise<SigningKeys> =>
  fixedKeyRing(await Promise.all(jwks.map((key) => load({ kid: key.kid as string, signsFrom: 0, key }))))

/** Keys that are kept in the store. Call `refresh` before the first use and then every few seconds. */
export const createSigningKeys = (store: Store): SigningKeys => createKeyRing(store, KIND)

/** Removes a key at once: what it signed is void. Throws signing_keys_fixed, signing_key_not_found. */
export const retireSigningKey = async (signingKeys: SigningKeys, kid: string): Promise<void> => {
  if (signingKeys.isFixed) throw new CoatcheckError('signing_keys_fixed')
  if (!(await signingKeys.retire(kid))) throw new CoatcheckError('signing_key_not_found')
}
