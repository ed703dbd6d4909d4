/** Numbers at random that a seed gives again. */

export type Draw = {
  /** From 0 up to, and without, `below`. */
  below(below: number): number
  of<Thing>(things: readonly Thing[]): Thing
  /** Another row of numbers, which does not depend on how many of this one are taken. */
  fork(name: string): Draw
}

/** mulberry32 */
export const createDraw = (seed: number): Draw => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    of: (things) => things[below(things.length)] as (typeof things)[number],
    fork: (name) => createDraw([...name].reduce((sum, one) => Math.imul(sum, 31) + one.charCodeAt(0), seed)),
  }
}
