/**
 * The sessions in LMDB, with the two indexes of their ends. Each put of a session or a tombstone also puts its index entry
 * and removes the one before, in the same transaction.
 */
import { idText } from '../layout/partition.ts'
import { deadlineOf, isSameLife, LIVE, type StoredGone, type StoredLive, whyExpired } from './codec.ts'
import { expiryKey, lapseKey, NO_VALUE, TOMBSTONE } from './index-entry.ts'
import type { Present } from './judge.ts'
import type { NoteLife } from './lives-count.ts'
import type { SessionCodec } from './sealed-codec.ts'
import type { StoreClock } from './store-clock.ts'
import type { Environment, Table } from './tables.ts'

const MISSING: Present = { state: 'missing' }

const ID_BYTES = 16

/** What a put does to lives: which one it ends, if any, and whether it begins one. */
const changeOfLives = (old: Buffer | undefined, session: StoredLive | StoredGone, value: Buffer) => {
  const before = old !== undefined && old[0] === LIVE ? old : null
  if (session.state === 'live') {
    if (before !== null && isSameLife(before, value)) return { ends: null, begins: false }
    // Only what is over is replaced by another life.
    return { ends: before && whyExpired(before), begins: true }
  }
  if (before === null) return { ends: null, begins: false }
  return { ends: session.life === null ? whyExpired(before) : session.reason, begins: false }
}

/** How many sessions and tombstones one part of a namespace's ids may go through. */
const MOST_LOOKED_AT = 2000

export const createSessionTable = (
  { sessions, expiries, lapses }: Pick<Environment, 'sessions' | 'expiries' | 'lapses'>,
  clock: StoreClock,
  noteLife: NoteLife,
  codec: SessionCodec,
) => {
  const entryOf = (key: Buffer, value: Buffer): { table: Table; entry: Buffer } =>
    value[0] === LIVE
      ? { table: expiries, entry: expiryKey(deadlineOf(value), key) }
      : { table: lapses, entry: lapseKey(deadlineOf(value), TOMBSTONE, key) }

  const isLive = (key: Buffer, now: number): boolean => {
    const value = sessions.getBinaryFast(key)
    return value !== undefined && value[0] === LIVE && deadlineOf(value) > now
  }

  return {
    /** What is stored, as of `now`. */
    read: (key: Buffer, now: number): Present => {
      // LMDB reads into the same buffer each time; unpacking copies out of it.
      const value = sessions.getBinaryFast(key)
      if (value === undefined) return MISSING
      const deadline = deadlineOf(value)
      if (deadline > now) return codec.unpack(key, value)
      clock.foundOver(deadline)
      return MISSING
    },

    /** Which clock has ended the session that is still stored; null if there is no such session. */
    expired: (key: Buffer, now: number): 'idle' | 'lifetime' | null => {
      const value = sessions.getBinaryFast(key)
      return value !== undefined && value[0] === LIVE && deadlineOf(value) <= now ? whyExpired(value) : null
    },

    /** Ids of a namespace that live, in their order, after the one that `cursor` names. */
    ids: (namespace: string, cursor: string | null, limit: number, now: number) => {
      const prefix = Buffer.from(`${namespace}\0`)
      const last = cursor === null ? Buffer.alloc(0) : Buffer.from(cursor, 'base64url').subarray(0, ID_BYTES)
      const start = Buffer.concat([prefix, last, Buffer.alloc(cursor === null ? 0 : 1)])
      const end = Buffer.concat([prefix, Buffer.alloc(ID_BYTES + 1, 0xff)])
      const ids: string[] = []
      let looked = 0
      for (const key of sessions.getKeys({ start, end, limit: MOST_LOOKED_AT })) {
        looked++
        const id = key.subarray(key.length - ID_BYTES)
        if (isLive(key, now)) ids.push(idText(id))
        if (ids.length === limit || looked === MOST_LOOKED_AT) return { ids, next: id.toString('base64url') }
      }
      return { ids, next: null }
    },

    /** Packs at once. The function that it returns only puts. A session that moves has the key that it had at `from`. */
    replacement: (key: Buffer, session: StoredLive | StoredGone, from: Buffer = key): (() => void) => {
      const keyed = codec.keyOf(sessions.getBinaryFast(from))
      const old = sessions.getBinaryFast(key)
      const before = old === undefined ? null : entryOf(key, old)
      const value = codec.pack(key, session, keyed)
      const after = entryOf(key, value)
      const { ends, begins } = changeOfLives(old, session, value)
      return () => {
        sessions.putSync(key, value)
        if (ends !== null) noteLife(ends)
        if (begins) noteLife('begun')
        if (before?.table === after.table && before.entry.equals(after.entry)) return
        before?.table.removeSync(before.entry)
        after.table.putSync(after.entry, NO_VALUE)
      }
    },
  }
}

export type SessionTable = ReturnType<typeof createSessionTable>
