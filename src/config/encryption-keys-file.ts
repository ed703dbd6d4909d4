/**
 * Reads the keys of encryption at rest: a private JWK Set (RFC 7517) of symmetric keys with 256 bits. A fault names the place,
 * never the value.
 */
import { readJson } from '../domain/json/read-json.ts'
import { type EncryptionSettings, isLmdb, type MasterKey } from '../store/open.ts'
import { type Config, ConfigError } from './environment.ts'

const VARIABLE = 'COATCHECK_ENCRYPTION_KEYS'

const KEY_BYTES = 32
const KEY_TEXT = /^[A-Za-z0-9_-]{43}$/
/** It is stored with each session, and told where a key is missing. */
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isKeyText = (text: unknown): text is string =>
  typeof text === 'string' && KEY_TEXT.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text

const faultsOf = (key: unknown): string[] => {
  if (!isObject(key)) return ['must be an object: a JWK']
  const { kty, k, kid, alg, use } = key
  if (kty !== 'oct') return ['must be a symmetric key: `"kty": "oct"`']
  const faults: string[] = []
  if (!isKeyText(k)) faults.push('must have the key in `k`: 32 bytes in base64url')
  if (isKeyText(k) && /^(.)\1*$/.test(k)) faults.push('must have a random key in `k`')
  if (typeof kid !== 'string' || !KEY_ID.test(kid))
    faults.push('must have a `kid`: 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`')
  if (alg !== undefined && alg !== 'A256GCM') faults.push('must have `"alg": "A256GCM"`, or none')
  if (use !== undefined && use !== 'enc') faults.push('must have `"use": "enc"`, or none')
  return faults
}

/** Reads the set: the first key encrypts, all of them decrypt. Throws `ConfigError` with all faults. */
export const readEncryptionKeySet = (text: string): [MasterKey, ...MasterKey[]] => {
  let set: unknown
  try {
    set = JSON.parse(readJson(Buffer.from(text)))
  } catch {
    throw new ConfigError([`${VARIABLE} must be JSON, with each member once: a JWK Set as its text.`])
  }
  const keys: readonly unknown[] = isObject(set) && Array.isArray(set.keys) ? set.keys : []
  if (keys.length === 0) {
    throw new ConfigError([`${VARIABLE} must be a JWK Set: an object with one key at least in the list \`keys\`.`])
  }
  const members = keys.map((key) => (isObject(key) ? key : {}))
  const isRepeated = (name: 'kid' | 'k', at: number): boolean =>
    members[at]?.[name] !== undefined && members.findIndex((one) => one[name] === members[at]?.[name]) < at
  const faults = keys.flatMap((key, at) =>
    [
      ...faultsOf(key),
      ...(isRepeated('kid', at) ? ['must have a `kid` of its own'] : []),
      ...(isRepeated('k', at) ? ['must have another key in `k` than those before it'] : []),
    ].map((fault) => `${VARIABLE}: keys.${at} ${fault}.`),
  )
  if (faults.length > 0) throw new ConfigError(faults)
  const read = members.map(({ kid, k }) => ({ kid: String(kid), key: Buffer.from(String(k), 'base64url') }))
  if (read.some(({ key }) => key.length !== KEY_BYTES)) throw new Error('A key of a checked set is of another length.')
  return read as [MasterKey, ...MasterKey[]]
}

/** How the store is to be encrypted; undefined if it is not. Throws `ConfigError`. */
export const readEncryption = ({ ENCRYPTION_KEYS, ENCRYPTION, STORE }: Config): EncryptionSettings | undefined => {
  if (ENCRYPTION_KEYS === undefined) {
    if (ENCRYPTION === 'required')
      throw new ConfigError([`COATCHECK_ENCRYPTION is required, and ${VARIABLE} is missing.`])
    return undefined
  }
  if (ENCRYPTION === 'prepared' && isLmdb(STORE)) {
    throw new ConfigError([
      'COATCHECK_ENCRYPTION=prepared is for replicas on Redis: one process on LMDB is switched on at once. Take `on`.',
    ])
  }
  return { keys: readEncryptionKeySet(ENCRYPTION_KEYS), mode: ENCRYPTION }
}
