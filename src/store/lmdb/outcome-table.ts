/** The outcomes kept for an `Idempotency-Key`, each with its entry in the index of lapses. */

import type { Repeat } from '../port.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { lapseKey, NO_VALUE, OUTCOME } from './index-entry.ts'
import { keptUntil, packKept, unpackKept } from './kept-outcome.ts'
import type { StoreClock } from './store-clock.ts'
import type { Environment } from './tables.ts'
import type { Kept } from './write.ts'

const KEPT_MS = 60_000

export const createOutcomeTable = (
  { outcomes, lapses }: Pick<Environment, 'outcomes' | 'lapses'>,
  clock: StoreClock,
  sealing: Sealing | null,
) => ({
  /** A call with the fingerprint that is kept of it. */
  asKept: <Call extends { readonly repeat?: Repeat }>(call: Call): Call =>
    sealing === null || call.repeat === undefined
      ? call
      : { ...call, repeat: { ...call.repeat, fingerprint: sealing.fingerprint(call.repeat.fingerprint) } },

  /** Null if nothing is kept under the key, or no longer. */
  read: (key: Buffer, now: number): Kept | null => {
    const value = outcomes.getBinaryFast(key)
    if (value === undefined) return null
    const deadline = keptUntil(value)
    if (deadline > now) return unpackKept(value, key, sealing)
    clock.foundOver(deadline)
    return null
  },

  /** Packs now; what it returns only puts. An entry of an outcome that lapsed under this key is left to the sweep. */
  replacement: (key: Buffer, kept: Kept, now: number): (() => void) => {
    const lapsesAt = now + KEPT_MS
    const value = packKept(kept, lapsesAt, key, sealing)
    return () => {
      outcomes.putSync(key, value)
      lapses.putSync(lapseKey(lapsesAt, OUTCOME, key), NO_VALUE)
    }
  },
})

export type OutcomeTable = ReturnType<typeof createOutcomeTable>
