/**
 * The master keys, and the keys that follow from them by HKDF-SHA-256. A session has keys of its own, by its value-key id of 16
 * random bytes; what is sealed beside sessions has an id of its own, too. The kid selects the master key; none is tried.
 */
import { hkdfSync } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { CannotOpen, type ValueKey } from './cipher.ts'

/** A 256-bit key and its name. */
export type MasterKey = { readonly kid: string; readonly key: Buffer }

export const VALUE_KEY_ID_BYTES = 16
const KEY_BYTES = 32

/** Deriving takes about as long as sealing two values. */
const REMEMBERED = 10_000

const derive = (key: Buffer, salt: Buffer, purpose: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, `coatcheck ${purpose} 1`, bytes))

const NO_SALT = Buffer.alloc(0)

/** The first key encrypts, all decrypt. */
export const createMasterKeys = (keys: readonly [MasterKey, ...MasterKey[]]) => {
  const byKid = new Map(keys.map(({ kid, key }) => [kid, { key, place: derive(key, NO_SALT, 'place', KEY_BYTES) }]))
  const valueKeys = new LRUCache<string, ValueKey>({ max: REMEMBERED })

  /** Throws CannotOpen, if there is no key of this name. */
  const named = (kid: string) => {
    const found = byKid.get(kid)
    if (found === undefined) throw new CannotOpen(`It is encrypted under the key ${kid}, which is not configured.`)
    return found
  }

  return {
    /** The name of the key that encrypts. */
    current: keys[0].kid,
    kids: keys.map(({ kid }) => kid),

    /** Throws CannotOpen. */
    valueKey(kid: string, id: Buffer): ValueKey {
      const name = `${kid} ${id.toString('latin1')}`
      const known = valueKeys.get(name)
      if (known !== undefined) return known
      const derived = derive(named(kid).key, id, 'value', 2 * KEY_BYTES)
      const made = { cipher: derived.subarray(0, KEY_BYTES), nonce: derived.subarray(KEY_BYTES) }
      valueKeys.set(name, made)
      return made
    },

    /** The key that binds records to their places. Throws CannotOpen. */
    placeKey: (kid: string): Buffer => named(kid).place,
  }
}

export type MasterKeys = ReturnType<typeof createMasterKeys>
