/** The keys of the indexes, which sort by deadline; `store.ts` documents every byte. An entry's value is empty. */

export const NO_VALUE = Buffer.alloc(0)

/** What an entry in `lapses` stands for. */
export const TOMBSTONE = 2
export const OUTCOME = 3
export const LISTING = 4
export const HANDOFF = 5

export type LapseKind = typeof TOMBSTONE | typeof OUTCOME | typeof LISTING | typeof HANDOFF

/** An entry in `expiries`. `deadline` is in ms. */
export const expiryKey = (deadline: number, session: Buffer): Buffer => {
  const entry = Buffer.allocUnsafe(6 + session.length)
  entry.writeUIntBE(deadline, 0, 6)
  entry.set(session, 6)
  return entry
}

/** An entry in `lapses`. `deadline` is in ms; `key` is that of the tombstone, the outcome, the listing or the hand-off. */
export const lapseKey = (deadline: number, kind: LapseKind, key: Buffer): Buffer => {
  const entry = Buffer.allocUnsafe(7 + key.length)
  entry.writeUIntBE(deadline, 0, 6)
  entry[6] = kind
  entry.set(key, 7)
  return entry
}

export const entryDeadline = (entry: Buffer): number => entry.readUIntBE(0, 6)

export const readExpiry = (entry: Buffer) => ({ deadline: entryDeadline(entry), session: entry.subarray(6) })

export const readLapse = (entry: Buffer) => ({
  deadline: entryDeadline(entry),
  kind: entry[6],
  key: entry.subarray(7),
})
