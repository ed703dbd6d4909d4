/** Takes the same steps on LMDB and on a Redis, and holds the two to each other: answers, sessions, notices, lives counted. */
import { deepStrictEqual } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import { openLmdbStore } from '../../src/store/lmdb/store.ts'
import { openRedisStore } from '../../src/store/redis/store.ts'
import type { Encryption } from '../../src/store/sealing/encryption.ts'
import { until } from '../helpers/until.ts'
import { passTime } from './pass-time.ts'
import { IDS, type Step, UNIT_MS } from './steps.ts'
import { createTwin } from './twin.ts'

/** How far Redis's clock may run ahead of the steps: times are compared in whole seconds. */
const SETTLE_MS = 200
const TOO_FAR_MS = 900

/** How many lives a store has told of, by what became of them. */
const createTally = () => {
  const counts = new Map<string, number>()
  return {
    add: (what: string, count: number): void => void counts.set(what, (counts.get(what) ?? 0) + count),
    clear: (): void => counts.clear(),
    counts: (): object => Object.fromEntries([...counts].sort()),
    /** How many have begun and not ended. */
    living: (): number => [...counts].reduce((sum, [what, count]) => sum + (what === 'begun' ? count : -count), 0),
  }
}

const LAST = { credential: null, reason: 'deleted', tombstoneSeconds: 86_400 } as const

export type Remote = {
  readonly url: string
  /** Of every server that takes writes. */
  readonly ports: readonly number[]
}

/** With `encryption` both are encrypted. Then Redis tells no texts, which LMDB does. */
export const openTwins = async (
  t: Test,
  { url, ports }: Remote,
  { cameTo = new Set<string>(), encryption }: { cameTo?: Set<string>; encryption?: Encryption } = {},
) => {
  const masters = ports.map((port) => new Redis(port))
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-twins-'))
  let now = Date.now()
  let isFull = false
  const [mineTold, otherTold] = [createTally(), createTally()]
  const freeBytes = () => (isFull ? 0 : Number.MAX_SAFE_INTEGER)
  const encrypted = encryption && { encryption }
  const lmdb = await openLmdbStore({ path, clock: () => now, freeBytes, onLives: mineTold.add, ...encrypted })
  const remote = openRedisStore({ url, onLives: otherTold.add, ...encrypted })
  t.teardown(async () => {
    for (const redis of masters) redis.disconnect()
    await Promise.all([lmdb.close(), remote.close()])
    await rm(path, { recursive: true, force: true })
  })
  const answers = () =>
    remote.check().then(
      () => true,
      () => false,
    )
  await until(answers, 'Redis answers')

  const fill = async (full: boolean): Promise<void> => {
    isFull = full
    await Promise.all(masters.map((redis) => redis.config('SET', 'maxmemory', full ? '1' : '0')))
  }

  /** Takes these steps on new sessions of one partition. Throws at the first difference. Answers how many were taken. */
  return async (steps: readonly Step[]): Promise<number> => {
    await Promise.all(masters.map((redis) => redis.flushall()))
    const partition = partitionOf(idBytes(drawId()))
    // The last one stands in no step: it begins after everything that the steps tell.
    const ids = Array.from({ length: IDS + 1 }, () => drawId(partition))
    const began = now
    const realBegan = Date.now()
    let settledAt = realBegan
    mineTold.clear()
    otherTold.clear()
    /** How many ms what Redis holds was moved into the past, in all. */
    let moved = 0

    /** Moves what Redis holds so that for it, too, it is `now`. */
    const settle = async (): Promise<void> => {
      settledAt = Date.now()
      const by = now - began - (settledAt - realBegan) - moved
      await Promise.all(masters.map((redis) => passTime(redis, by)))
      moved += by
    }
    const ahead = (): number => Date.now() - settledAt

    const hidesTexts = encryption !== undefined
    const left = await createTwin({ store: lmdb, ids, began: () => began, hidesTexts })
    const right = await createTwin({ store: remote, ids, began: () => realBegan - moved, hidesTexts })
    let taken = 0
    try {
      for (const one of steps) {
        // The port does not say which secrets a full store takes.
        if (isFull && one.call.endsWith('Secret')) continue
        if (one.call === 'pass') now += one.units * UNIT_MS
        if (one.call === 'fill') await fill(one.isFull)
        if (one.call === 'pass' || ahead() > SETTLE_MS) await settle()
        const isCall = one.call !== 'pass' && one.call !== 'fill'
        const mine = isCall ? await left.take(one) : await left.look()
        const other = isCall ? await right.take(one) : await right.look()
        // The machine stood still in between: these steps prove nothing, and others are taken in their place.
        if (ahead() > TOO_FAR_MS) fc.pre(false)
        deepStrictEqual(other, mine, `${JSON.stringify(one)}: Redis (actual) and LMDB (expected)`)
        taken += 1
        cameTo.add(`${one.call} ${(mine as { answer?: { state?: string } }).answer?.state}`)
      }
      await fill(false)
      await settle()
      for (const twin of [left, right]) await twin.beginLast()
      await until(() => [left, right].every((twin) => twin.hasToldLast()), 'everything is told')
      const [mine, other] = [await left.end(now - began), await right.end(now - began)]
      if (ahead() > TOO_FAR_MS) fc.pre(false)
      deepStrictEqual(
        otherTold.counts(),
        mineTold.counts(),
        'lives that were told of: Redis (actual) and LMDB (expected)',
      )
      deepStrictEqual(mineTold.living(), (mine as { count: number }).count, 'what has begun and not ended is there')
      deepStrictEqual(other, mine, 'what there is at the end and what was told: Redis (actual) and LMDB (expected)')
      return taken
    } finally {
      // Also after a failure: what is left over would be swept in the next sequence.
      for (const id of ids) await lmdb.end({ namespace: 'twins', id }, LAST)
      await fill(false)
      left.leave()
      right.leave()
    }
  }
}
