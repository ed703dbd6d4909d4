/** A folder as one end of a copy. Nobody else has it open, so all reads see the same. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { COPY_COLLECTION } from '../copy-mark.ts'
import type { Store } from '../port.ts'
import type { Item, Transfer } from '../transfer.ts'
import { createBatches } from './batches.ts'
import { countEntries } from './environment.ts'
import { expiryKey, lapseKey, NO_VALUE } from './index-entry.ts'
import { listingUntil } from './list-table.ts'
import type { Environment, Table } from './tables.ts'
import { entryOf, listOf, readHandoff, readListed, readOutcome, readSecret, readSession } from './verbatim.ts'

/** How many entries are read in one turn. */
const LOT = 200
/** How long a commit may take. Nobody waits for it but the copy. */
const COMMIT_MS = 60_000

type Read = (key: Buffer, value: Buffer) => Item

async function* lotsOf(table: Table, read: Read): AsyncGenerator<Item[]> {
  let start: Buffer | undefined
  for (;;) {
    const lot: Item[] = []
    for (const entry of table.getRange({ ...(start && { start }), limit: LOT })) {
      const key = Buffer.from(entry.key)
      lot.push(read(key, Buffer.from(entry.value)))
      start = Buffer.concat([key, Buffer.alloc(1)])
    }
    if (lot.length > 0) yield lot
    if (lot.length < LOT) return
    await nextTurn()
  }
}

/** Reads entries of lists, each with the end of its whole list: that of the last of its entries. */
const listReader = (listings: Table): Read => {
  let list: Buffer = Buffer.alloc(0)
  let until = 0
  return (key, value) => {
    const now = listOf(key)
    if (!now.equals(list)) {
      list = now
      until = 0
      const end = Buffer.concat([list, Buffer.alloc(17, 0xff)])
      for (const entry of listings.getRange({ start: list, end })) until = Math.max(until, listingUntil(entry.value))
    }
    return readListed(key, value, until)
  }
}

export const createTransfer = (store: Store, environment: Environment): Transfer => {
  const { root, sessions, expiries, lapses, outcomes, handoffs, listings, secrets } = environment
  const batches = createBatches({ root, deadlineMs: COMMIT_MS })

  const isMark = (key: Buffer): boolean => readSecret(key, NO_VALUE).collection === COPY_COLLECTION
  const secretKeys = (): Buffer[] =>
    [...secrets.getKeys({})].map((key) => Buffer.from(key)).filter((key) => !isMark(key))

  const putOne = (item: Item): void => {
    const { table, key, value, index } = entryOf(item)
    environment[table].putSync(key, value)
    if (index === undefined) return
    if (index.lapse === null) expiries.putSync(expiryKey(index.until, key), NO_VALUE)
    else lapses.putSync(lapseKey(index.until, index.lapse, key), NO_VALUE)
  }

  const change = (put: () => void): Promise<void> => batches.run(() => ({ answer: undefined, put }))

  return {
    store,
    aheadMs: async () => [store.now() - Date.now()],
    servers: async () => 'one folder',

    isEmpty: async () =>
      [sessions, outcomes, handoffs, listings].every((table) => countEntries(table) === 0) && secretKeys().length === 0,

    clear: () =>
      change(() => {
        for (const table of [sessions, expiries, lapses, outcomes, handoffs, listings]) table.clearSync()
        for (const key of secretKeys()) secrets.removeSync(key)
      }),

    async *items() {
      const tables: readonly (readonly [Table, Read])[] = [
        [secrets, readSecret],
        [sessions, readSession],
        [handoffs, readHandoff],
        [outcomes, readOutcome],
        [listings, listReader(listings)],
      ]
      const isOver = (item: Item): boolean =>
        item.kind === 'secret' ? item.collection === COPY_COLLECTION : item.until <= store.now()
      for (const [table, read] of tables) {
        for await (const lot of lotsOf(table, read)) yield lot.filter((item) => !isOver(item))
      }
    },

    put: (items) =>
      change(() => {
        for (const item of items) putOne(item)
      }),

    async close() {
      await batches.settled()
      await store.close()
    },
  }
}
