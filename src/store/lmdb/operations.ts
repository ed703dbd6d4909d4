/**
 * The port's methods on an open environment. Reading is synchronous in LMDB and is done at once. Each change is a job in the
 * next batch.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { idBytes, partitionOf } from '../layout/partition.ts'
import { createListeners } from '../listeners.ts'
import type { Notice, OnLives, Store } from '../port.ts'
import { StoreFull, StoreUnavailable } from '../port.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { createBackup } from './backup.ts'
import { type Change, createBatches } from './batches.ts'
import { sessionKey } from './codec.ts'
import { createEndOfTurn } from './end-of-turn.ts'
import { countEntries, reusableBytes } from './environment.ts'
import { createHandoffTable, handoffKey } from './handoff-table.ts'
import { health } from './health.ts'
import type { Present } from './judge.ts'
import { outcomeKey } from './kept-outcome.ts'
import { createListTable, createPrefixes } from './list-table.ts'
import { decideTouch } from './lives.ts'
import { createLivesCount } from './lives-count.ts'
import type { Meta } from './meta.ts'
import { createOutcomeTable } from './outcome-table.ts'
import type { Claim } from './owner.ts'
import { createReadMany } from './read-many.ts'
import { createReencrypt } from './reencrypt.ts'
import { createSessionCodec } from './sealed-codec.ts'
import { createSecretChanges, createSecretTable } from './secret-table.ts'
import { createSessionChanges } from './session-changes.ts'
import { createSessionTable } from './session-table.ts'
import { createSpace, type SpaceOptions } from './space.ts'
import { createStoreClock } from './store-clock.ts'
import { createSubjectLists } from './subject-lists.ts'
import { createSweep } from './sweep.ts'
import type { Environment } from './tables.ts'

type Parts = Omit<SpaceOptions, 'reusableBytes'> & {
  readonly environment: Environment
  readonly meta: Meta
  /** Released when the store is closed. */
  readonly claim: Claim
  readonly clock: () => number
  readonly deadlineMs: number
  readonly onLives: OnLives
  /** Null to store plain texts. */
  readonly sealing: Sealing | null
}

export const createOperations = ({
  environment,
  meta,
  claim,
  deadlineMs,
  onLives,
  sealing,
  ...parts
}: Parts): Store => {
  const { root, expiries } = environment
  const clock = createStoreClock(parts.clock, meta.time())
  const space = createSpace({ ...parts, reusableBytes: () => reusableBytes(environment) })
  const lives = createLivesCount(onLives)
  const codec = createSessionCodec(sealing)
  const sessions = createSessionTable(environment, clock, lives.note, codec)
  const outcomes = createOutcomeTable(environment, clock, sealing)
  const secrets = createSecretTable(environment, sealing)
  const handoffs = createHandoffTable(environment, clock, sealing)
  const lists = createListTable(environment)
  const prefixes = createPrefixes(sealing)
  const sweepLot = createSweep(environment, lives.note)
  const endOfTurn = createEndOfTurn()
  const backup = createBackup({ environment, folder: parts.folder, space })
  let closing: Promise<void> | null = null

  const storeTime = (): (() => void) => {
    const time = clock.toStore()
    if (time === null) return () => {}
    meta.putTime(time)
    return () => clock.wasStored(time)
  }

  const listeners = createListeners()
  const tell = (notice: Notice): void => listeners.tell(partitionOf(idBytes(notice.ref.id)), notice)
  const finish = (): (() => void) => {
    const timeIsStored = storeTime()
    return () => {
      timeIsStored()
      lives.tell()
    }
  }
  const onFailure = (): void => {
    space.doubt()
    lives.forget()
  }
  const batches = createBatches({ root, deadlineMs, finish, onFailure, tell })

  const assertOpen = (): void => {
    if (closing !== null) throw new StoreUnavailable('The store is closed.')
  }

  const change = async <T>(decide: (now: number) => Change<T>): Promise<T> => {
    assertOpen()
    return batches.run(() => decide(clock.now()))
  }

  const changes = createSessionChanges({ change, sessions, outcomes, handoffs, space })

  /** Does not wait: if it fails, the next batch stores the time. */
  const storeTimeSoon = (): void => {
    if (clock.owesTime() && !batches.isBusy()) change(() => ({ answer: null })).catch(() => {})
  }

  const read = (key: Buffer): Present => {
    assertOpen()
    try {
      const present = sessions.read(key, clock.now())
      storeTimeSoon()
      return present
    } catch (cause) {
      throw new StoreUnavailable('The store could not read what it holds.', { cause })
    }
  }

  const changeInRoom = async <T>(decide: (now: number) => Change<T>, bytes = 0): Promise<T> => {
    if (await space.isLowFor(bytes)) throw new StoreFull()
    return change(decide)
  }

  /** Puts something new if there is room. */
  const add = (bytes: number, put: (now: number) => void): Promise<void> =>
    changeInRoom((now) => ({ answer: undefined, put: () => put(now) }), bytes)

  const sweep = async (stopping?: AbortSignal): Promise<number> => {
    for (let swept = 0; ; ) {
      const lot = await change(sweepLot)
      swept += lot.sessions
      if (!lot.isMore || stopping?.aborted) return swept
    }
  }

  const letGo = async (): Promise<void> => {
    await batches.settled()
    await backup.settled()
    await root.close()
    await claim.release()
  }

  /** Does not wait for a disk that does not answer; the folder then stays ours until the process ends. */
  const close = (): Promise<void> => Promise.race([letGo(), delay(2 * deadlineMs, undefined, { ref: false })])

  return {
    now: clock.now,
    async read(ref) {
      await endOfTurn()
      return read(sessionKey(ref))
    },
    readMany: createReadMany(read),
    write: changes.write,

    touch: async (ref, credential) => {
      const key = sessionKey(ref)
      const { outcome, next } = decideTouch(read(key), credential, clock.now())
      if (next === null) return outcome
      return changes.touch(ref, credential)
    },

    end: changes.end,
    rotate: changes.rotate,

    addHandoff: (ref, handoff, seconds) =>
      add(handoff.payload?.length ?? 0, (now) => handoffs.put(handoffKey(ref), handoff, now + seconds * 1000)),
    readHandoff: async (ref) => {
      assertOpen()
      return handoffs.read(handoffKey(ref), clock.now())
    },

    ...createSubjectLists({ lists, prefixes, changeInRoom, change, assertOpen }),

    isKept: async (ref, { key }) => {
      assertOpen()
      return outcomes.read(outcomeKey(ref, key), clock.now()) !== null
    },

    sessionIds: async (namespace, { after, limit }) => {
      assertOpen()
      return sessions.ids(namespace, after, limit, clock.now())
    },

    confirm: async () => {},
    revoke: changes.revoke,

    secrets: async (collection) => {
      assertOpen()
      return secrets.all(collection)
    },
    ...createSecretChanges(change, secrets),

    count: async () => {
      assertOpen()
      return countEntries(expiries)
    },

    sweep,

    subscribe: async (partition, listener) => {
      assertOpen()
      listeners.add(partition, listener)
      return () => {
        listeners.remove(partition, listener)
      }
    },

    reencrypt: createReencrypt({ environment, meta, change, codec, secrets, sealing }),

    backup: async () => {
      assertOpen()
      return backup.make()
    },

    check: async () => {
      assertOpen()
      // Whether a commit succeeds is asked only after one has failed: a probe must not write each time.
      if (batches.isFailing()) await change((now) => ({ answer: null, put: () => meta.putTime(now) }))
      return health({ folder: parts.folder, space, clock })
    },

    close: () => {
      closing ??= close()
      return closing
    },
  }
}
