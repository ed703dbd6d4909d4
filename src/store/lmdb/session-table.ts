/**
 * The sessions in LMDB, and the two indexes of their ends that go with them: wherever a session or a tombstone is put,
 * its entry is put and the one before is removed, in the same transaction.
 */
import { deadlineOf, LIVE, pack, type StoredGone, type StoredLive, unpack, whyExpired } from './codec.ts'
import type { Environment, Table } from './environment.ts'
import { expiryKey, lapseKey, NO_VALUE, TOMBSTONE } from './index-entry.ts'
import type { Present } from './judge.ts'
import type { StoreClock } from './store-clock.ts'

const MISSING: Present = { state: 'missing' }

export const createSessionTable = (
  { sessions, expiries, lapses }: Pick<Environment, 'sessions' | 'expiries' | 'lapses'>,
  clock: StoreClock,
) => {
  const entryOf = (key: Buffer, value: Buffer): { table: Table; entry: Buffer } =>
    value[0] === LIVE
      ? { table: expiries, entry: expiryKey(deadlineOf(value), key) }
      : { table: lapses, entry: lapseKey(deadlineOf(value), TOMBSTONE, key) }

  return {
    /** What is there at `now`. */
    read: (key: Buffer, now: number): Present => {
      // LMDB reads into the same buffer each time; what is unpacked is copied out of it.
      const value = sessions.getBinaryFast(key)
      if (value === undefined) return MISSING
      const deadline = deadlineOf(value)
      if (deadline > now) return unpack(value)
      clock.foundOver(deadline)
      return MISSING
    },

    /** By which clock a session has ended that is still stored; null if there is none. */
    expired: (key: Buffer, now: number): 'idle' | 'lifetime' | null => {
      const value = sessions.getBinaryFast(key)
      return value !== undefined && value[0] === LIVE && deadlineOf(value) <= now ? whyExpired(value) : null
    },

    /** Packs now; what it returns only puts. */
    replacement: (key: Buffer, session: StoredLive | StoredGone): (() => void) => {
      const old = sessions.getBinaryFast(key)
      const before = old === undefined ? null : entryOf(key, old)
      const value = pack(session)
      const after = entryOf(key, value)
      return () => {
        sessions.putSync(key, value)
        if (before?.table === after.table && before.entry.equals(after.entry)) return
        before?.table.removeSync(before.entry)
        after.table.putSync(after.entry, NO_VALUE)
      }
    },
  }
}
