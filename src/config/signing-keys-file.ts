/**
 * Reads the signing keys of `COATCHECK_SIGNING_KEYS`: a private JWK Set (RFC 7517) with only Ed25519 keys. A fault names the
 * place, never the value.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { JWK } from 'jose'
import { readJson } from '../domain/json/read-json.ts'
import { ConfigError } from './environment.ts'

const VARIABLE = 'COATCHECK_SIGNING_KEYS'

const KEY_TEXT = /^[A-Za-z0-9_-]{43}$/
const KEY_ID = /^[\x21-\x7e]{1,128}$/

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether the public key belongs to the private key. */
const belongTogether = (d: string, x: string): boolean => {
  try {
    const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' })
    return createPublicKey(key).export({ format: 'jwk' }).x === x
  } catch {
    return false
  }
}

/** The faults of one key of the set. */
const faultsOf = (key: unknown): string[] => {
  if (!isObject(key)) return ['must be an object: a JWK']
  const { kty, crv, d, x, kid, alg, use } = key
  const faults: string[] = []
  if (kty !== 'OKP' || crv !== 'Ed25519') return ['must be an Ed25519 key: `"kty": "OKP", "crv": "Ed25519"`']
  const isKey = (text: unknown): text is string => typeof text === 'string' && KEY_TEXT.test(text)
  if (!isKey(d)) faults.push('must have the private key in `d`: 32 bytes in base64url')
  if (!isKey(x)) faults.push('must have the public key in `x`: 32 bytes in base64url')
  if (isKey(d) && isKey(x) && !belongTogether(d, x)) faults.push('must have in `x` the public key of `d`')
  if (typeof kid !== 'string' || !KEY_ID.test(kid)) faults.push('must have a `kid`: 1 to 128 visible ASCII characters')
  if (alg !== undefined && alg !== 'EdDSA' && alg !== 'Ed25519') faults.push('must have `"alg": "EdDSA"`, or none')
  if (use !== undefined && use !== 'sig') faults.push('must have `"use": "sig"`, or none')
  return faults
}

/** Reads the set: the first key signs, all of them verify. Throws `ConfigError` with all faults. */
export const readSigningKeySet = (text: string): JWK[] => {
  let set: unknown
  try {
    set = JSON.parse(readJson(Buffer.from(text)))
  } catch {
    throw new ConfigError([`${VARIABLE} must be JSON, with each member once: a JWK Set as its text.`])
  }
  const keys = isObject(set) ? set.keys : undefined
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new ConfigError([`${VARIABLE} must be a JWK Set: an object with one key at least in the list \`keys\`.`])
  }
  const kids = keys.map((key: unknown) => (isObject(key) ? key.kid : undefined))
  const faults = keys.flatMap((key: unknown, i) => {
    const repeated = kids[i] !== undefined && kids.indexOf(kids[i]) < i ? ['must have a `kid` of its own'] : []
    return [...faultsOf(key), ...repeated].map((fault) => `${VARIABLE}: keys.${i} ${fault}.`)
  })
  if (faults.length > 0) throw new ConfigError(faults)
  return keys.map(({ kty, crv, d, x, kid }: JWK) => ({ kty, crv, d, x, kid }) as JWK)
}
