/** Which key each session was last seen to have. It may have another by now: then a script answers so, and does nothing. */
import { LRUCache } from 'lru-cache'
import type { Seal } from '../layout/seal.ts'
import type { SessionRef } from '../port.ts'
import type { Sealing, SessionKey } from '../sealing/sealing.ts'

const REMEMBERED = 10_000

const nameOf = ({ namespace, id }: SessionRef): string => `${namespace}:${id}`

export const createKnownKeys = () => {
  const known = new LRUCache<string, SessionKey>({ max: REMEMBERED })
  return {
    of: (ref: SessionRef): SessionKey | undefined => known.get(nameOf(ref)),
    put(ref: SessionRef, key: SessionKey): void {
      known.set(nameOf(ref), key)
    },
    /** Learns what was read: a seal, or null of a session that is plain or not there. */
    learn(ref: SessionRef, seal: Seal | null, sealing: Sealing): void {
      if (seal === null) known.delete(nameOf(ref))
      else known.set(nameOf(ref), sealing.keyOf(seal))
    },
    forget(ref: SessionRef): void {
      known.delete(nameOf(ref))
    },
  }
}

export type KnownKeys = ReturnType<typeof createKnownKeys>
