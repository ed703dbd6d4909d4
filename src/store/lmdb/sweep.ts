/**
 * Removes what is over: sessions, tombstones, kept outcomes. A few hundred at a time, each lot a job like any other, so
 * that whoever writes meanwhile waits for one lot at most.
 */
import type { Change } from './batches.ts'
import { deadlineOf, GONE, LIVE } from './codec.ts'
import type { Environment, Table } from './environment.ts'
import { readExpiry, readLapse, TOMBSTONE } from './index-entry.ts'
import { keptUntil } from './kept-outcome.ts'

const LOT = 256

export type Swept = { readonly sessions: number; readonly isMore: boolean }

export const createSweep = ({ sessions, expiries, lapses, outcomes }: Environment) => {
  const removeExpired = (entry: Buffer): void => {
    const { deadline, session } = readExpiry(entry)
    if (isStill(sessions, session, LIVE, deadline)) sessions.removeSync(session)
    expiries.removeSync(entry)
  }

  const removeLapsed = (entry: Buffer): void => {
    const { deadline, kind, key } = readLapse(entry)
    if (kind === TOMBSTONE) {
      if (isStill(sessions, key, GONE, deadline)) sessions.removeSync(key)
    } else {
      // Another outcome may be kept under the key since.
      const value = outcomes.getBinaryFast(key)
      if (value !== undefined && keptUntil(value) === deadline) outcomes.removeSync(key)
    }
    lapses.removeSync(entry)
  }

  return (now: number): Change<Swept> => {
    const expired = dueEntries(expiries, now)
    const lapsed = dueEntries(lapses, now)
    return {
      answer: { sessions: expired.length, isMore: expired.length === LOT || lapsed.length === LOT },
      put: () => {
        expired.forEach(removeExpired)
        lapsed.forEach(removeLapsed)
      },
    }
  }
}

/** The first entries whose deadline has come. */
const dueEntries = (table: Table, now: number): Buffer[] => {
  const end = Buffer.alloc(6)
  end.writeUIntBE(now + 1, 0, 6)
  return [...table.getKeys({ start: Buffer.alloc(1), end, limit: LOT })].map((key) => Buffer.from(key))
}

/** Whether what is stored is what its entry stands for. */
const isStill = (sessions: Table, key: Buffer, kind: number, deadline: number): boolean => {
  const value = sessions.getBinaryFast(key)
  return value !== undefined && value[0] === kind && deadlineOf(value) === deadline
}
