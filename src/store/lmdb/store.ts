/**
 * The embedded store: sessions in a folder on this machine, in LMDB. It is the default, since it needs nothing installed.
 * Use Redis for several processes, several machines or a network drive. There is one copy of the data: a lost disk loses
 * it, unless you make backups.
 *
 * ## Storage
 *
 * Pinned by `test/store/lmdb/layout.test.ts`; a change of it is a new layout version, never a silent one. The folder
 * (0700 if we made it) holds `data.mdb` and `lock.mdb`, which are LMDB's, and while it is open a socket
 * `owner.<pid>.<16 hex digits>` (`owner.ts`), all 0600; while a backup is made also a folder of it (`backup.ts`). The environment holds eight databases. Integers are big-endian;
 * instants are ms since 1970; `<session>` is a namespace, a 0 byte and the 16 bytes of the UUID.
 *
 *     sessions    <session>                           a session or a tombstone
 *     expiries    deadline (6), <session>             nothing; one for each live session
 *     lapses      deadline (6), kind (1), key         nothing; kind 2: a tombstone, key <session>; 3: an outcome and its
 *                                                     key; 4: a listing; 5: a hand-off
 *     outcomes    namespace, 0, partition (1),        what is kept for an Idempotency-Key (`../layout/partition.ts`)
 *                 key (16)
 *     handoffs    namespace, 0, partition (1),        when it lapses (6), and what `../layout/handoff.ts` packs
 *                 SHA-256 of the code (32)
 *     listings    see `list-table.ts`                 which ids are a subject's
 *     secrets     see `secret-table.ts`               signing keys and the like
 *     meta        `layout`                            1, in one byte
 *                 `time`                              the last time that was stored (6)
 *                 `owner`                             the name of the owner's socket
 *                 `compact`                           there if the file has to be made anew when it is opened
 *
 *     a session:   0  1  kind: 1 live                 a tombstone:  0  1  kind: 2 gone
 *                  1  6  deadline                                   1  6  when it lapses
 *                  7  2  bytes of the record                        7  …  the tombstone of `../layout/record.ts`
 *                  9  …  the record of `../layout/record.ts`
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
 * A change is answered when its commit is on the disk: neither kill -9 nor a loss of power takes it back, if the disk syncs
 * as it says. LMDB writes to free pages, syncs, then writes one of its two meta pages and syncs again. So an interruption
 * leaves either the state before or the state after. Changes that come during a commit share the next one (`batches.ts`).
 *
 * The cost, measured on ext4 where a sync takes 0.16 ms, with two cores and sessions of 1 kB: a single writer waits 0.7 ms
 * for each write, 16 writers make 7,600 writes a second, 128 make 17,000. Bare transactions of the same puts take 0.6 ms,
 * and make 12,000 and 30,000 a second. Without any sync it is 0.15 ms, 50,000 and 90,000, but then a loss of power may
 * destroy the file. LMDB's `overlappingSync` would save nothing: with it, too, lmdb-js 3.5 answers after the sync (0.41 ms
 * against 0.38), and after kill -9 it needs the machine's boot id to know that the page cache survived.
 *
 * Pages that a removal frees are used again, but the file never gets smaller.
 */
import { type OnLives, type Store, StoreFull, StoreUnavailable } from '../port.ts'
import type { Encryption } from '../sealing/encryption.ts'
import type { Transfer } from '../transfer.ts'
import { removeUnfinished } from './backup.ts'
import { compactIfDue } from './compaction.ts'
import { cannotOpen, openEnvironment } from './environment.ts'
import { prepareFolder } from './folder.ts'
import { createMeta } from './meta.ts'
import { openSealing } from './open-sealing.ts'
import { createOperations } from './operations.ts'
import { claimFolder } from './owner.ts'
import { createOwnerRecord } from './owner-record.ts'
import { RESERVE_BYTES } from './space.ts'
import type { Environment } from './tables.ts'
import { createTransfer } from './transfer.ts'

export type LmdbStoreOptions = {
  /** The folder; made if it is not there. */
  readonly path: string
  /** The process's time, in ms since 1970. */
  readonly clock?: () => number
  /** With fewer bytes free on the disk, writes that grow are refused. 64 MiB if not given. */
  readonly reserveBytes?: number
  /** How many bytes are free, asked before each write; if not given, the file system is asked once a second. */
  readonly freeBytes?: () => number | Promise<number>
  /** A call whose commit takes longer than so many ms is refused. 2000 if not given. */
  readonly deadlineMs?: number
  readonly onLives?: OnLives
  /** Encrypts what is stored. */
  readonly encryption?: Encryption
}

const DEADLINE_MS = 2000
/** How long a measurement of the disk holds. */
const FRESH_MS = 1000

const open = async (options: LmdbStoreOptions): Promise<{ store: Store; environment: Environment }> => {
  const folder = prepareFolder(options.path)
  const claim = await claimFolder(folder)
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS
  let environment: Environment | null = null
  try {
    environment = await openEnvironment(folder)
    environment = await compactIfDue(folder, environment)
    const meta = createMeta(environment.meta)
    await claim.confirm(createOwnerRecord(environment.root, meta, deadlineMs))
    await removeUnfinished(folder)
    const store = createOperations({
      folder,
      claim,
      environment,
      meta,
      deadlineMs,
      onLives: options.onLives ?? (() => {}),
      sealing: openSealing(environment, options.encryption ?? null),
      clock: options.clock ?? Date.now,
      reserveBytes: options.reserveBytes ?? RESERVE_BYTES,
      freeBytes: options.freeBytes,
      freshMs: options.freeBytes === undefined ? FRESH_MS : 0,
    })
    return { store, environment }
  } catch (error) {
    await environment?.root.close()
    await claim.release()
    throw error instanceof StoreUnavailable || error instanceof StoreFull ? cannotOpen(folder, error.cause) : error
  }
}

/** Rejects with an Error that tells the operator what to do: the folder is in use, not ours, or its file is damaged. */
export const openLmdbStore = async (options: LmdbStoreOptions): Promise<Store> => (await open(options)).store

/** The same as one end of a copy. */
export const openLmdbTransfer = async (options: LmdbStoreOptions): Promise<Transfer> => {
  const { store, environment } = await open(options)
  return createTransfer(store, environment)
}
