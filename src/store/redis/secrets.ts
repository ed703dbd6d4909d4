/** The secrets that the replicas share, a hash for each collection. */
import type { Store } from '../port.ts'
import { secretsKey } from './keys.ts'
import type { Link } from './link.ts'

type Secrets = Pick<Store, 'secrets' | 'addSecret' | 'replaceSecret' | 'removeSecret'>

export const createSecrets = (link: Link): Secrets => ({
  async secrets(collection) {
    const flat = await link.hash(secretsKey(collection))
    return new Map(flat.flatMap((place, i) => (i % 2 === 0 ? [[String(place), String(flat[i + 1])] as const] : [])))
  },

  async addSecret(collection, place, text) {
    await link.send('hsetnx', [secretsKey(collection), place, text])
  },

  async replaceSecret(collection, place, text) {
    await link.send('hset', [secretsKey(collection), place, text])
  },

  async removeSecret(collection, place) {
    await link.send('hdel', [secretsKey(collection), place])
  },
})
