/**
 * Removes sessions, tombstones, kept outcomes, hand-offs and listings that are over. It goes in lots of a few hundred, each
 * a job of its own, so that a write waits for one lot at most.
 */
import type { Notice } from '../port.ts'
import type { Change } from './batches.ts'
import { deadlineOf, GONE, LIVE, refOf, whyExpired } from './codec.ts'
import { handoffUntil } from './handoff-table.ts'
import { HANDOFF, LISTING, OUTCOME, readExpiry, readLapse, TOMBSTONE } from './index-entry.ts'
import { keptUntil } from './kept-outcome.ts'
import { listingUntil } from './list-table.ts'
import type { NoteLife } from './lives-count.ts'
import type { Environment, Table } from './tables.ts'

const LOT = 256

export type Swept = { readonly sessions: number; readonly isMore: boolean }

/** Removes an entry of a table unless it was put anew with a later end. */
const removeUnlessRenewed = (table: Table, key: Buffer, deadline: number, untilOf: (value: Buffer) => number): void => {
  const value = table.getBinaryFast(key)
  if (value !== undefined && untilOf(value) === deadline) table.removeSync(key)
}

export const createSweep = (
  { sessions, expiries, lapses, outcomes, handoffs, listings }: Environment,
  noteLife: NoteLife,
) => {
  const removeExpired = (entry: Buffer, told: Notice[]): void => {
    const { deadline, session } = readExpiry(entry)
    if (isStill(sessions, session, LIVE, deadline)) {
      const reason = whyExpired(sessions.getBinaryFast(session) as Buffer)
      told.push({ kind: 'ended', ref: refOf(session), reason })
      noteLife(reason)
      sessions.removeSync(session)
    }
    expiries.removeSync(entry)
  }

  const removeLapsed = (entry: Buffer): void => {
    const { deadline, kind, key } = readLapse(entry)
    if (kind === TOMBSTONE && isStill(sessions, key, GONE, deadline)) sessions.removeSync(key)
    if (kind === OUTCOME) removeUnlessRenewed(outcomes, key, deadline, keptUntil)
    if (kind === HANDOFF) removeUnlessRenewed(handoffs, key, deadline, handoffUntil)
    if (kind === LISTING) removeUnlessRenewed(listings, key, deadline, listingUntil)
    lapses.removeSync(entry)
  }

  return (now: number): Change<Swept> => {
    const expired = dueEntries(expiries, now)
    const lapsed = dueEntries(lapses, now)
    const told: Notice[] = []
    return {
      told,
      answer: { sessions: expired.length, isMore: expired.length === LOT || lapsed.length === LOT },
      put: () => {
        for (const entry of expired) removeExpired(entry, told)
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

/** Whether the session or tombstone under a key is still the one that the entry was made for. */
const isStill = (sessions: Table, key: Buffer, kind: number, deadline: number): boolean => {
  const value = sessions.getBinaryFast(key)
  return value !== undefined && value[0] === kind && deadlineOf(value) === deadline
}
