/** Draws random bytes from a pool: asking the system for a few at a time costs more than the rest of a small write. */
import { randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(4096)
let used = pool.length

/** A buffer of so many random bytes, 64 at most, which are given out only once. */
export const draw = (bytes: number): Buffer => {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const drawn = Buffer.from(pool.subarray(used, used + bytes))
  pool.fill(0, used, used + bytes)
  used += bytes
  return drawn
}
