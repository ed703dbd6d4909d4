/**
 * The embedded store: sessions in a folder on this machine, in LMDB. The default, since it needs nothing installed. Not
 * for two processes, two machines or a network drive (use Redis), nor where a lost disk must lose nothing: there is one
 * copy, and a backup is yours to make.
 *
 * ## Storage
 *
 * Pinned by `test/store/lmdb/layout.test.ts`; a change of it is a new layout version, never a silent one. The folder
 * (0700 if we made it) holds `data.mdb` and `lock.mdb`, which are LMDB's, and while it is open a socket
 * `owner.<pid>.<16 hex digits>` (`owner.ts`), all 0600. The environment holds five databases. Integers are big-endian;
 * instants are ms since 1970; `<session>` is a namespace, a 0 byte and the 16 bytes of the UUID.
 *
 *     sessions    <session>                           a session or a tombstone
 *     expiries    deadline (6), <session>             nothing; one for each live session
 *     lapses      deadline (6), kind (1), key         nothing; kind 2: a tombstone, key <session>; 3: an outcome and its
 *                                                     key
 *     outcomes    namespace, 0, partition (1),        what is kept for an Idempotency-Key (`../partition.ts`)
 *                 key (16)
 *     meta        `layout`                            1, in one byte
 *                 `time`                              the last time that was stored (6)
 *                 `owner`                             the name of the owner's socket
 *
 *     a session:   0  1  kind: 1 live                 a tombstone:  0  1  kind: 2 gone
 *                  1  6  deadline                                   1  6  when it lapses
 *                  7  2  bytes of the record                        7  …  the tombstone of `../record.ts`
 *                  9  …  the record of `../record.ts`
 *                  …  2  how many keys             an outcome:   0  6  when it lapses
 *                  …  5  for each key: bytes of the              6 16  fingerprint
 *                        key (2), of its text (3)               22  6  tag
 *                  …  …  for each key: the key,                 28  5  revision
 *                        its JSON text as it was                33  1  1 changed, 2 began, 4 taken, 8 result
 *                        sent, in UTF-8                         34  3  keys added
 *                                                               37 16  id of the session
 *                                                               53  4  bytes of the text taken
 *                                                               57  …  the text taken, the result
 *
 * ## Durability
 *
 * A change is answered when its commit is on the disk: neither kill -9 nor a loss of power takes back what was answered,
 * as far as the disk keeps what it says. LMDB writes to fresh pages, syncs, and then writes one of its two meta pages,
 * synced as well, so that whatever stops it leaves the state before or the state after. Changes that come while a commit
 * is under way share the next one (`batches.ts`). Measured on ext4, where a sync takes 0.16 ms, with sessions of 1 kB: a
 * lone writer waits 0.6 ms for each write, 16 at once make 12,000 writes a second, 128 at once 30,000. Without any sync
 * it would be 0.15 ms, 50,000 and 90,000, at the price of a database that a loss of power may destroy; LMDB's
 * `overlappingSync` is no faster, since lmdb-js answers after the sync there, too.
 *
 * Pages that a removal frees are used again but not given back: the file stays as large as it has ever been.
 */
import type { RootDatabase } from 'lmdb'
import type { Store } from '../port.ts'
import { createBatches } from './batches.ts'
import { type Environment, openEnvironment } from './environment.ts'
import { prepareFolder } from './folder.ts'
import { createMeta, type Meta } from './meta.ts'
import { createOperations } from './operations.ts'
import { type Claim, claimFolder } from './owner.ts'

export type LmdbStoreOptions = {
  /** The folder; made if it is not there. */
  readonly path: string
  /** The process's time, in ms since 1970. */
  readonly clock?: () => number
  /** So many bytes of the disk stay free: below it nothing is taken that grows. 64 MiB if not given. */
  readonly reserveBytes?: number
  /** How many bytes are free; the file system is asked if not given. */
  readonly freeBytes?: () => number | Promise<number>
}

/** How long a call waits for its commit, in ms. */
const DEADLINE_MS = 2000
const RESERVE_BYTES = 64 * 1024 * 1024

/** Rejects with an Error that tells the operator what to do: the folder is in use, not ours, or its file is damaged. */
export const openLmdbStore = async (options: LmdbStoreOptions): Promise<Store> => {
  const folder = prepareFolder(options.path)
  const claim = await claimFolder(folder)
  let environment: Environment | null = null
  try {
    environment = openEnvironment(folder)
    const meta = createMeta(environment.meta)
    await takeOver(environment.root, meta, claim)
    return createOperations({
      folder,
      claim,
      environment,
      meta,
      deadlineMs: DEADLINE_MS,
      clock: options.clock ?? Date.now,
      reserveBytes: options.reserveBytes ?? RESERVE_BYTES,
      freeBytes: options.freeBytes,
    })
  } catch (error) {
    await environment?.root.close()
    await claim.release()
    throw error
  }
}

/** Makes this process the owner of the folder, and the layout known. */
const takeOver = (root: RootDatabase, meta: Meta, claim: Claim): Promise<void> => {
  const batches = createBatches({ root, deadlineMs: DEADLINE_MS })
  return claim.confirm({
    read: () => {
      root.resetReadTxn()
      return meta.owner()
    },
    replace: (from, to) =>
      batches.run(() => {
        if (meta.owner() !== from) return { answer: false }
        return {
          answer: true,
          put: () => {
            meta.putOwner(to)
            meta.putLayout()
          },
        }
      }),
  })
}
