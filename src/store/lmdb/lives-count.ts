/** Counts the lives that one transaction begins and ends, and tells of them when it is committed. */
import type { OnLives, WhyEnded } from '../port.ts'

export type NoteLife = (what: 'begun' | WhyEnded) => void

export const createLivesCount = (onLives: OnLives) => {
  const counts = new Map<'begun' | WhyEnded, number>()
  return {
    /** A put of the transaction under way does this. */
    note: ((what) => {
      counts.set(what, (counts.get(what) ?? 0) + 1)
    }) as NoteLife,
    tell(): void {
      for (const [what, count] of counts) onLives(what, count)
      counts.clear()
    },
    /** Nothing of it was done. */
    forget: (): void => counts.clear(),
  }
}
