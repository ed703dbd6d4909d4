/**
 * Copies all that a store holds into another one, so that every token and cookie goes on. In this order:
 *
 *     1. look at both: all parts serve, their times agree, and the target is empty or was begun by this very copy
 *     2. mark the target, so that no service opens it; mark the source, so that no replica writes there any more
 *     3. wait until every replica has seen the mark, and what was sent before is done or too late
 *     4. clear the target, then read the source lot by lot and put each as it is
 *     5. see that both have the same servers as before, and compare all that both hold
 *     6. leave the source marked as moved, and take the mark from the target
 *
 * It may be broken off at any moment. The next run finds the mark in the source and begins again at 4. That clears what the one
 * before has put, so that the target is equal at the end, whatever happened in the source between the two.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type CopyMarks,
  isClosed,
  markNewTarget,
  markSource,
  markTarget,
  readMarks,
  unmarkTarget,
} from '../store/copy-mark.ts'
import { PARTITIONS } from '../store/layout/partition.ts'
import { type Notice, type Store, StoreUnavailable } from '../store/port.ts'
import type { Transfer } from '../store/transfer.ts'
import { compare, type Sides } from './copy-comparison.ts'

export type Phase = 'waiting' | 'clearing' | 'copying' | 'comparing'

export type CopyOptions = {
  readonly from: Transfer
  readonly to: Transfer
  /** How long to wait after the source was closed, if other processes may have it open; 15 s: the mark and lateness. */
  readonly waitMs: number
  /** Told again and again; `items` is how many were copied or compared so far. */
  readonly onProgress?: (phase: Phase, items: number) => void
}

/** The copy cannot be done, or not so. The message tells the operator what to do. */
export class CopyRefused extends Error {}

/** All was copied, and the two sides are not the same. */
export class CopyDiffers extends CopyRefused {
  readonly sides: Sides
  constructor(sides: Sides) {
    super(DIFFERS)
    this.sides = sides
  }
}

/** The mark is read again within 5 s, and a script that was sent before does nothing after 10 s. */
export const WAIT_MS = 15_000
const MOST_APART_MS = 1000
const CONNECTED_MS = 5000
const RETRY_MS = 50
/** How often the copy looks whether another run has begun: each so many lots. */
const LOOK_EACH = 50

const NOT_EMPTY =
  'The target is not empty, and nothing was changed. Name an empty store: one on which no service has run yet.'
const ANOTHER_COPY =
  'The target was begun by another copy, and nothing was changed. Run that one to its end, or empty the target first.'
const HALF_FILLED =
  'The source is the target of a copy that is not finished: run that one to its end first. Nothing was changed.'
const SAME_STORE = 'Both name the same store.'
const ANOTHER_RUN = 'Another run of this copy has begun, and this one stops.'
const STILL_WRITTEN =
  'Something still writes to a store that is being copied: a service of an older version, or one that cannot read the mark. ' +
  'End it, and run the same command again.'
const OTHER_SERVERS =
  'A server was restarted, a replica was promoted or slots were moved while the stores were copied. Run the same command again.'
const DIFFERS =
  'The two stores do not hold the same, and the target stays marked as not finished. Run the same command again; if that does ' +
  'not help, nothing else may write to either store meanwhile.'

/** The connections to the nodes of a Cluster are made one by one. */
const requireWhole = async (store: Store): Promise<void> => {
  const until = performance.now() + CONNECTED_MS
  for (;;) {
    const { away } = await store.check()
    if (away.length === 0) return
    if (performance.now() > until) throw new StoreUnavailable(`A part of the store is away (${away.join('; ')}).`)
    await delay(RETRY_MS)
  }
}

const requireSameTime = async (from: Transfer, to: Transfer): Promise<void> => {
  const ahead = [...(await from.aheadMs()), ...(await to.aheadMs())]
  const apart = Math.round(Math.max(...ahead) - Math.min(...ahead))
  if (apart <= MOST_APART_MS) return
  throw new CopyRefused(
    `The times of the stores differ by ${apart} ms, and sessions would end too early or too late. Set their clocks (NTP): ` +
      `they may differ by ${MOST_APART_MS} ms. Nothing was changed.`,
  )
}

/** Throws CopyRefused unless the target may be filled. Nothing was changed yet. */
const requireFit = async (source: CopyMarks, target: CopyMarks, to: Transfer): Promise<void> => {
  if (source.target !== undefined) throw new CopyRefused(HALF_FILLED)
  if (target.target !== undefined && target.target.copy !== source.source?.copy) throw new CopyRefused(ANOTHER_COPY)
  if (target.target === undefined && (target.source !== undefined || !(await to.isEmpty())))
    throw new CopyRefused(NOT_EMPTY)
}

/** Marks the target and then the source. Answers when the source was closed, in ms of its time. */
const close = async (from: Store, to: Store, source: CopyMarks, mark: { copy: string; run: string }) => {
  await markNewTarget(to, mark)
  if ((await readMarks(to)).target?.copy !== mark.copy) throw new CopyRefused(ANOTHER_COPY)
  await markTarget(to, mark)
  if ((await readMarks(from)).target?.run === mark.run) {
    await unmarkTarget(to)
    throw new CopyRefused(SAME_STORE)
  }
  if (source.source !== undefined && isClosed(source)) return source.source.at
  const at = from.now()
  await markSource(from, { copy: mark.copy, is: 'closed', at })
  return at
}

/** Sees each change that is told: none may be, once the source is closed. Ends by a clock are told by a sweep. */
const watch = async (stores: readonly Store[]) => {
  let isWritten = false
  const listener = {
    notice(notice: Notice) {
      isWritten ||= notice.kind !== 'ended' || !['idle', 'lifetime'].includes(notice.reason)
    },
    lapsed() {},
  }
  const all = stores.flatMap((store) => PARTITIONS.map((name) => store.subscribe(name, listener)))
  const stops = await Promise.all(all)
  return {
    look: () => {
      if (isWritten) throw new CopyRefused(STILL_WRITTEN)
    },
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}

/** Reads the next lot while the present one is put. */
async function* ahead<T>(lots: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = lots[Symbol.asyncIterator]()
  let next = iterator.next()
  for (;;) {
    const { value, done } = await next
    if (done) return
    next = iterator.next()
    // Whoever stops here does not ask for it any more.
    next.catch(() => {})
    yield value
  }
}

/** Rejects with CopyRefused, StoreUnavailable or StoreFull, or with an Error for the operator. */
export const copyStore = async ({ from, to, waitMs, onProgress = () => {} }: CopyOptions): Promise<Sides> => {
  await requireWhole(from.store)
  await requireWhole(to.store)
  await requireSameTime(from, to)
  const servers = async (): Promise<string> => `${await from.servers()}\n${await to.servers()}`
  const before = await servers()
  const [source, target] = [await readMarks(from.store), await readMarks(to.store)]
  await requireFit(source, target, to)

  const mark = { copy: source.source?.copy ?? randomUUID(), run: randomUUID() }
  const closedAt = await close(from.store, to.store, source, mark)
  onProgress('waiting', 0)
  await delay(Math.max(0, closedAt + waitMs - from.store.now()))
  const watching = await watch([from.store, to.store])
  const requireOwn = async (): Promise<void> => {
    watching.look()
    if ((await readMarks(to.store)).target?.run !== mark.run) throw new CopyRefused(ANOTHER_RUN)
  }

  try {
    if (target.target === undefined) {
      // A service may have been started on it in between, before it could see the mark.
      if (!(await to.isEmpty())) {
        await unmarkTarget(to.store)
        throw new CopyRefused(NOT_EMPTY)
      }
    } else {
      onProgress('clearing', 0)
      await to.clear()
    }
    let [items, lots] = [0, 0]
    for await (const lot of ahead(from.items())) {
      if (lots++ % LOOK_EACH === 0) await requireOwn()
      await to.put(lot)
      items += lot.length
      onProgress('copying', items)
    }
    const sides = await compare(from, to, (count) => onProgress('comparing', count))
    await requireOwn()
    if (!sides.isEqual) throw new CopyDiffers(sides)
    if ((await servers()) !== before) throw new CopyRefused(OTHER_SERVERS)
    await markSource(from.store, { copy: mark.copy, is: 'moved', at: closedAt })
    await unmarkTarget(to.store)
    return sides
  } finally {
    watching.stop()
  }
}

/** Opens a source again. Answers whether its copy was finished. Throws CopyRefused if it is none. */
export const reopenStore = async (store: Store): Promise<{ wasMoved: boolean }> => {
  const marks = await readMarks(store)
  if (marks.target !== undefined) throw new CopyRefused('It is a target that is not filled yet, and stays closed.')
  const { source } = marks
  if (source === undefined || !isClosed(marks)) throw new CopyRefused('It is not closed by a copy.')
  await markSource(store, { ...source, is: 'open' })
  return { wasMoved: source.is === 'moved' }
}
