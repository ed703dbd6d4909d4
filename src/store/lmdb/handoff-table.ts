/** Hand-offs by namespace, partition and the hash of their code, each with its entry in the index of lapses. */
import { type HandoffTexts, packHandoff, unpackHandoff } from '../layout/handoff.ts'
import type { Handoff, HandoffRef } from '../port.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { HANDOFF, lapseKey, NO_VALUE } from './index-entry.ts'
import type { StoreClock } from './store-clock.ts'
import type { Environment } from './tables.ts'

const DEADLINE_BYTES = 6

export const handoffKey = ({ namespace, partition, hash }: HandoffRef): Buffer =>
  Buffer.concat([Buffer.from(`${namespace}\0`), Buffer.from(partition + hash, 'hex')])

export const handoffUntil = (value: Buffer): number => value.readUIntBE(0, DEADLINE_BYTES)

/** The texts of the hand-off under a key, and under no other. */
const textsUnder = (key: Buffer, sealing: Sealing | null): HandoffTexts | null =>
  sealing === null
    ? null
    : {
        seal: (kind, text) => sealing.sealAlone(kind, key.toString('hex'), text),
        open: (kind, stored) => sealing.openAlone(kind, key.toString('hex'), stored),
      }

export const createHandoffTable = (
  { handoffs, lapses }: Pick<Environment, 'handoffs' | 'lapses'>,
  clock: StoreClock,
  sealing: Sealing | null,
) => ({
  /** Null if there is none, or no longer. */
  read: (key: Buffer, now: number): Handoff | null => {
    const value = handoffs.getBinaryFast(key)
    if (value === undefined) return null
    const deadline = handoffUntil(value)
    // lmdb-js reads into a buffer that is longer than the value.
    if (deadline > now)
      return unpackHandoff(Buffer.from(value.subarray(DEADLINE_BYTES, value.length)), textsUnder(key, sealing))
    clock.foundOver(deadline)
    return null
  },

  put: (key: Buffer, handoff: Handoff, expiresAt: number): void => {
    const deadline = Buffer.alloc(DEADLINE_BYTES)
    deadline.writeUIntBE(expiresAt, 0, DEADLINE_BYTES)
    handoffs.putSync(key, Buffer.concat([deadline, packHandoff(handoff, textsUnder(key, sealing))]))
    lapses.putSync(lapseKey(expiresAt, HANDOFF, key), NO_VALUE)
  },

  /** The entry in the index is left to the sweep. */
  remove: (key: Buffer): void => {
    handoffs.removeSync(key)
  },
})

export type HandoffTable = ReturnType<typeof createHandoffTable>
