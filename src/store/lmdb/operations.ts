/**
 * The port's methods on an open environment. Reading is synchronous within LMDB and is done at once; what changes
 * anything is a job in the next batch, which reads what is there, decides, and puts, with nobody in between.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { idBytes, partitionOf } from '../layout/partition.ts'
import { createListeners } from '../listeners.ts'
import type { Notice, SessionRef, Store, Write, WriteOutcome } from '../port.ts'
import { StoreFull, StoreUnavailable } from '../port.ts'
import { type Change, createBatches } from './batches.ts'
import { sessionKey } from './codec.ts'
import { countEntries, type Environment, reusableBytes } from './environment.ts'
import { createHandoffTable, handoffKey } from './handoff-table.ts'
import { health } from './health.ts'
import type { Draw, Present } from './judge.ts'
import { outcomeKey } from './kept-outcome.ts'
import { createListTable, listPrefix } from './list-table.ts'
import { type Decided, decideEnd, decideRevoke, decideTouch } from './lives.ts'
import type { Meta } from './meta.ts'
import { createOutcomeTable } from './outcome-table.ts'
import type { Claim } from './owner.ts'
import { decideRotate } from './rotate.ts'
import { createSecretTable } from './secret-table.ts'
import { createSessionTable } from './session-table.ts'
import { createSpace, type SpaceOptions } from './space.ts'
import { createStoreClock } from './store-clock.ts'
import { createSweep } from './sweep.ts'
import { decideWrite } from './write.ts'

type Parts = Omit<SpaceOptions, 'reusableBytes'> & {
  readonly environment: Environment
  readonly meta: Meta
  /** Released when the store is closed. */
  readonly claim: Claim
  readonly clock: () => number
  readonly deadlineMs: number
}

const draw: Draw = (bytes) => randomBytes(bytes).toString('base64url')

export const createOperations = ({ environment, meta, claim, deadlineMs, ...parts }: Parts): Store => {
  const { root, expiries } = environment
  const clock = createStoreClock(parts.clock, meta.time())
  const space = createSpace({ ...parts, reusableBytes: () => reusableBytes(environment) })
  const sessions = createSessionTable(environment, clock)
  const outcomes = createOutcomeTable(environment, clock)
  const secrets = createSecretTable(environment)
  const handoffs = createHandoffTable(environment, clock)
  const lists = createListTable(environment)
  const sweepLot = createSweep(environment)
  let closing: Promise<void> | null = null

  const storeTime = (): (() => void) => {
    const time = clock.toStore()
    if (time === null) return () => {}
    meta.putTime(time)
    return () => clock.wasStored(time)
  }

  const listeners = createListeners()
  const tell = (notice: Notice): void => listeners.tell(partitionOf(idBytes(notice.ref.id)), notice)
  const batches = createBatches({ root, deadlineMs, finish: storeTime, onFailure: space.doubt, tell })

  const assertOpen = (): void => {
    if (closing !== null) throw new StoreUnavailable('The store is closed.')
  }

  const change = async <T>(decide: (now: number) => Change<T>): Promise<T> => {
    assertOpen()
    return batches.run(() => decide(clock.now()))
  }

  /** The end of a session by a clock, told by whoever puts something in its place. */
  const expiry = (ref: SessionRef, key: Buffer, present: Present, now: number): Notice[] => {
    const reason = present.state === 'missing' ? sessions.expired(key, now) : null
    return reason === null ? [] : [{ kind: 'ended', ref, reason }]
  }

  const changeSession = <Outcome>(
    ref: SessionRef,
    decide: (present: Present, now: number) => Decided<Outcome>,
  ): Promise<Outcome> => {
    const key = sessionKey(ref)
    return change((now) => {
      const present = sessions.read(key, now)
      const { outcome, next, tells } = decide(present, now)
      if (next === null) return { answer: outcome }
      const told: Notice[] = [...expiry(ref, key, present, now), ...(tells ? [{ ...tells, ref }] : [])]
      return { answer: outcome, put: sessions.replacement(key, next), told }
    })
  }

  /** Nobody waits for it: if it fails, the next batch stores the time. */
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

  const write = async (ref: SessionRef, write: Write): Promise<WriteOutcome> => {
    const key = sessionKey(ref)
    const repeat = write.repeat && outcomeKey(ref, write.repeat.key)
    const isLow = mayGrow(write) && (await space.isLowFor(bytesOf(write)))
    return change((now) => {
      const kept = repeat ? outcomes.read(repeat, now) : null
      const present = sessions.read(key, now)
      const { outcome, next, keep, grows, changed } = decideWrite(ref.id, present, write, kept, now, draw)
      if (isLow && grows) throw new StoreFull()
      const putSession = next && sessions.replacement(key, next)
      const putOutcome = repeat && keep && outcomes.replacement(repeat, keep, now)
      return {
        answer: outcome,
        told: [
          ...(next ? expiry(ref, key, present, now) : []),
          ...(changed ? [{ kind: 'changed', ref, ...changed } as const] : []),
        ],
        put: () => {
          putSession?.()
          putOutcome?.()
        },
      }
    })
  }

  const rotate: Store['rotate'] = async (ref, rotation) => {
    const key = sessionKey(ref)
    const target = rotation.newId === null ? null : sessionKey({ ...ref, id: rotation.newId })
    const partition = partitionOf(idBytes(ref.id))
    const code = rotation.handoff === undefined ? null : handoffKey({ ...ref, partition, hash: rotation.handoff })
    const repeat = rotation.repeat && outcomeKey(ref, rotation.repeat.key)
    const isLow = await space.isLowFor(0)
    return change((now) => {
      const state = {
        id: ref.id,
        present: sessions.read(key, now),
        target: target && sessions.read(target, now),
        hasHandoff: code !== null && handoffs.read(code, now) !== null,
        kept: repeat ? outcomes.read(repeat, now) : null,
      }
      const { outcome, old, moved, keep, spends, tells } = decideRotate(state, rotation, now, draw)
      if (isLow && old !== null) throw new StoreFull()
      const puts = [
        old && sessions.replacement(key, old),
        target && moved && sessions.replacement(target, moved),
        repeat && keep && outcomes.replacement(repeat, keep, now),
      ]
      const movedTo = { ...ref, id: rotation.newId ?? ref.id }
      return {
        answer: outcome,
        told: [
          ...(old ? expiry(ref, key, state.present, now) : []),
          ...(tells.ended ? [{ kind: 'ended', ref, reason: 'rotated' } as const] : []),
          ...(tells.changed ? [{ kind: 'changed', ref: movedTo, ...tells.changed } as const] : []),
        ],
        put: () => {
          for (const put of puts) put?.()
          if (code && spends) handoffs.remove(code)
        },
      }
    })
  }

  /** Puts something new, where there is room. */
  const add = async (bytes: number, put: (now: number) => void): Promise<void> => {
    if (await space.isLowFor(bytes)) throw new StoreFull()
    return change((now) => ({ answer: undefined, put: () => put(now) }))
  }

  const sweep = async (): Promise<number> => {
    for (let swept = 0; ; ) {
      const lot = await change(sweepLot)
      swept += lot.sessions
      if (!lot.isMore) return swept
    }
  }

  const letGo = async (): Promise<void> => {
    await batches.settled()
    await root.close()
    await claim.release()
  }

  /** A disk that does not answer keeps nobody waiting; the folder then stays ours until the process ends. */
  const close = (): Promise<void> => Promise.race([letGo(), delay(2 * deadlineMs, undefined, { ref: false })])

  return {
    now: clock.now,
    read: async (ref) => read(sessionKey(ref)),
    readMany: async (refs) => refs.map((ref) => read(sessionKey(ref))),
    write,

    touch: async (ref, credential) => {
      const key = sessionKey(ref)
      const { outcome, next } = decideTouch(read(key), credential, clock.now())
      if (next === null) return outcome
      return changeSession(ref, (present, now) => decideTouch(present, credential, now))
    },

    end: async (ref, end) => changeSession(ref, (present, now) => decideEnd(present, end, now)),
    rotate,

    addHandoff: (ref, handoff, seconds) =>
      add(handoff.payload?.length ?? 0, (now) => handoffs.put(handoffKey(ref), handoff, now + seconds * 1000)),
    readHandoff: async (ref) => {
      assertOpen()
      return handoffs.read(handoffKey(ref), clock.now())
    },

    list: (ref, { id, keepSeconds, lifetimeSeconds }) =>
      add(0, (now) => lists.put(listPrefix(ref), id, now + keepSeconds * 1000, now + lifetimeSeconds * 1000)),
    listed: async (ref, { after, limit }) => {
      assertOpen()
      return lists.page(listPrefix(ref), after, limit)
    },
    sampleListed: async (ref, count) => {
      assertOpen()
      return lists.sample(listPrefix(ref), count)
    },
    unlist: (ref, ids) => change((now) => ({ answer: undefined, put: () => lists.remove(listPrefix(ref), ids, now) })),

    sessionIds: async (namespace, { after, limit }) => {
      assertOpen()
      return sessions.ids(namespace, after, limit, clock.now())
    },

    revoke: async (ref) => changeSession(ref, (present) => decideRevoke(present, draw)),

    secrets: async (collection) => {
      assertOpen()
      return secrets.all(collection)
    },
    addSecret: (collection, place, text) =>
      change(() =>
        secrets.has(collection, place)
          ? { answer: undefined }
          : { answer: undefined, put: () => secrets.put(collection, place, text) },
      ),
    replaceSecret: (collection, place, text) =>
      change(() => ({ answer: undefined, put: () => secrets.put(collection, place, text) })),
    removeSecret: (collection, place) =>
      change(() => ({ answer: undefined, put: () => secrets.remove(collection, place) })),

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

/** Whether a write may put something new; one that may not is never refused for want of room. */
const mayGrow = (write: Write): boolean => write.create !== 'never' || (write.set?.size ?? 0) > 0

/** About how many bytes a write brings. */
const bytesOf = ({ set }: Write): number => {
  let bytes = 0
  for (const [key, text] of set ?? []) bytes += key.length + text.length
  return bytes
}
