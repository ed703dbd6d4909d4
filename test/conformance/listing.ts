/** The lists of subjects' sessions: all that is listed is found, part by part, until it need not be kept. */

import { randomUUID } from 'node:crypto'
import type { Listed, Store, SubjectRef } from '../../src/store/port.ts'
import { LATE } from '../helpers/until.ts'
import type { Concern, TimedConcern } from './harness.ts'

const newSubject = (): SubjectRef => ({ namespace: 'conformance', subject: `ü\0 ${randomUUID()}` })

const KEPT = { keepSeconds: 60, lifetimeSeconds: 3600 }

const allOf = async (store: Store, ref: SubjectRef, limit: number): Promise<Listed[]> => {
  const found: Listed[] = []
  for (let after: string | null = null; ; ) {
    const { entries, next } = await store.listed(ref, { after, limit })
    if (entries.length > limit) throw new Error(`a part of ${entries.length}, where ${limit} were asked for`)
    found.push(...entries)
    if (next === null) return found
    after = next
  }
}

const idsOf = (entries: readonly Listed[]): string[] => entries.map(({ id }) => id).sort()

export const listing: Concern = async (t, { store, other }) => {
  await t.test('what is listed is found, in parts of any size', async (t) => {
    const ref = newSubject()
    t.strictSame(await store.listed(ref, { after: null, limit: 10 }), { entries: [], next: null })
    const ids = Array.from({ length: 25 }, () => randomUUID()).sort()
    await Promise.all(ids.map((id, at) => (at % 2 ? store : other).list(ref, { id, ...KEPT })))
    for (const limit of [1, 2, 24, 25, 26, 100]) t.strictSame(idsOf(await allOf(other, ref, limit)), ids)
    for (const { keepUntil } of await allOf(store, ref, 100)) {
      t.ok(Math.abs(keepUntil - store.now() - 60_000) < 5000, 'with the time until which it stays')
    }
    t.strictSame(await store.listed(newSubject(), { after: null, limit: 10 }), { entries: [], next: null })
  })

  await t.test('subjects and namespaces have lists of their own', async (t) => {
    const ref = newSubject()
    const id = randomUUID()
    await store.list(ref, { id, ...KEPT })
    const others = [
      { ...ref, namespace: 'another' },
      { ...ref, subject: `${ref.subject}x` },
      { ...ref, subject: 'ü' },
    ]
    for (const one of others) t.strictSame((await other.listed(one, { after: null, limit: 10 })).entries, [])
  })

  await t.test('listed twice it is there once, and stays for the longer', async (t) => {
    const ref = newSubject()
    const id = randomUUID()
    await store.list(ref, { id, ...KEPT })
    const [first] = await allOf(store, ref, 10)
    await other.list(ref, { id, keepSeconds: LATE, lifetimeSeconds: LATE })
    t.strictSame(await allOf(store, ref, 10), [first])
  })

  await t.test('what was listed all the time is found, whatever comes and goes meanwhile', async (t) => {
    const ref = newSubject()
    const ids = Array.from({ length: 20 }, () => randomUUID()).sort()
    for (const id of ids) await store.list(ref, { id, ...KEPT })
    const found = new Set<string>()
    for (let after: string | null = null; ; ) {
      const { entries, next } = await store.listed(ref, { after, limit: 3 })
      for (const { id } of entries) found.add(id)
      await other.list(ref, { id: randomUUID(), keepSeconds: LATE, lifetimeSeconds: 60 })
      await other.list(ref, { id: ids[0] as string, keepSeconds: 120, lifetimeSeconds: 60 })
      if (next === null) break
      after = next
    }
    t.strictSame(
      ids.filter((id) => !found.has(id)),
      [],
    )
  })

  await t.test('a sample is a part of the list, and all of it is in some sample', async (t) => {
    const ref = newSubject()
    t.strictSame(await store.sampleListed(ref, 3), [])
    const ids = Array.from({ length: 6 }, () => randomUUID())
    for (const id of ids) await store.list(ref, { id, ...KEPT })
    t.strictSame(idsOf(await store.sampleListed(ref, 10)), [...ids].sort())
    const seen = new Set<string>()
    while (seen.size < ids.length) {
      const sample = await other.sampleListed(ref, 2)
      t.equal(new Set(idsOf(sample)).size, 2)
      for (const { id } of sample) seen.add(id)
    }
    t.strictSame([...seen].sort(), [...ids].sort())
  })

  await t.test('what has to stay is not removed', async (t) => {
    const ref = newSubject()
    const id = randomUUID()
    await store.list(ref, { id, ...KEPT })
    await store.unlist(ref, [id, randomUUID()])
    t.strictSame(idsOf(await allOf(other, ref, 10)), [id])
    await store.unlist(ref, [])
  })
}

export const listingTimed: TimedConcern = {
  'what need not stay is removed when asked, and is found until then': async (t, { store, other }, time) => {
    const ref = newSubject()
    const [short, long] = [randomUUID(), randomUUID()]
    await store.list(ref, { id: short, keepSeconds: LATE, lifetimeSeconds: 3600 })
    await store.list(ref, { id: long, keepSeconds: 60, lifetimeSeconds: 3600 })
    await time.pass(1500)
    t.strictSame(idsOf(await allOf(other, ref, 10)), [short, long].sort())
    await other.unlist(ref, [short, long])
    t.strictSame(idsOf(await allOf(store, ref, 10)), [long])
  },

  'while others are removed no entry is passed over': async (t, { store }, time) => {
    const ref = newSubject()
    const entriesFor = (keepSeconds: number) =>
      Array.from({ length: 30 }, () => ({ id: randomUUID(), keepSeconds, lifetimeSeconds: 3600 }))
    const [short, long] = [entriesFor(1), entriesFor(60)]
    for (const entry of [...short, ...long]) await store.list(ref, entry)
    await time.pass(1500)
    const found = new Set<string>()
    for (let after: string | null = null; ; ) {
      // In the middle of the walk, and of its every step.
      const part = store.listed(ref, { after, limit: 4 })
      const removed = store.unlist(
        ref,
        short.splice(0, 3).map(({ id }) => id),
      )
      const { entries, next } = await part
      await removed
      for (const { id } of entries) found.add(id)
      if (next === null) break
      after = next
    }
    t.strictSame(
      long.filter(({ id }) => !found.has(id)),
      [],
    )
  },
}
