/** How often somebody has failed within a minute that began with the first failure. Whoever has failed least lately is forgotten. */
import { LRUCache } from 'lru-cache'

const MINUTE_MS = 60_000
/** So many are remembered: an attacker with more addresses is not held back by counting. */
const MOST = 10_000

/** `count` has this failure in it; `msLeft` is how long it is kept. */
export type Counted = { readonly count: number; readonly msLeft: number }

/** Counts one more failure of somebody. */
export type CountFailure = (whom: string) => Counted | Promise<Counted>

export const createFailureCounts = (): ((whom: string) => Counted) => {
  const counts = new LRUCache<string, number>({ max: MOST, ttl: MINUTE_MS, noUpdateTTL: true })
  return (whom) => {
    const count = (counts.get(whom) ?? 0) + 1
    counts.set(whom, count)
    return { count, msLeft: counts.getRemainingTTL(whom) }
  }
}
