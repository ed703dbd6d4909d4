/** The ids of a namespace: whatever lives all the time is found, part by part, and nothing of another namespace. */
import { randomUUID } from 'node:crypto'
import { drawId } from '../../src/store/layout/partition.ts'
import type { SessionRef, Store } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, DELETED } from './session.ts'

const newNamespace = (): string => `ids-${randomUUID().slice(0, 13)}`

/** A part as it was found. `between` is done before the next one is asked for. */
const walk = async (
  store: Store,
  namespace: string,
  limit: number,
  between: () => Promise<unknown> = async () => {},
): Promise<string[]> => {
  const found: string[] = []
  for (let after: string | null = null; ; ) {
    const { ids, next } = await store.sessionIds(namespace, { after, limit })
    if (ids.length > limit) throw new Error(`a part of ${ids.length}, where ${limit} were asked for`)
    found.push(...ids)
    if (next === null) return found
    await between()
    after = next
  }
}

const sortedSet = (ids: readonly string[]): string[] => [...new Set(ids)].sort()

/** Sessions of one partition, more than are kept in one piece. */
const crowd = (namespace: string, count: number): SessionRef[] =>
  Array.from({ length: count }, () => ({ namespace, id: drawId('a7') }))

const beginAll = (store: Store, refs: readonly SessionRef[]) =>
  Promise.all(refs.map((ref) => store.write(ref, aWrite({ set: new Map([['n', '1']]) }))))

const endAll = (store: Store, refs: readonly SessionRef[]) => Promise.all(refs.map((ref) => store.end(ref, DELETED)))

export const ids: Concern = async (t, { store, other }) => {
  await t.test('every session is found, in parts of any size, and none of another namespace', async (t) => {
    const namespace = newNamespace()
    t.strictSame(await store.sessionIds(namespace, { after: null, limit: 10 }).then((part) => part.ids), [])
    t.strictSame(await walk(store, namespace, 10), [])
    const refs = [
      ...crowd(namespace, 150),
      ...Array.from({ length: 60 }, () => ({ namespace, id: randomUUID() })),
      ...['0', 'f'].map((digit) => ({ namespace, id: '00000000-0000-0000-0000-000000000000'.replaceAll('0', digit) })),
    ]
    await beginAll(other, refs)
    await begin(store, { namespace, id: randomUUID() }).then(async ({ record }) => t.equal(record.revision, 0))
    for (const near of [`${namespace}-2`, namespace.slice(0, -1), `a${namespace}`.slice(0, 32)])
      await beginAll(other, [{ namespace: near, id: randomUUID() }])
    const expected = sortedSet(refs.map(({ id }) => id))
    for (const limit of [1, 7, 100, 1000]) {
      const found = sortedSet(await walk(store, namespace, limit))
      t.equal(found.length, expected.length + 1, `${limit} at most`)
      t.strictSame(
        expected.filter((id) => !found.includes(id)),
        [],
      )
    }
  })

  await t.test('what lives all the time is found, however many begin meanwhile', async (t) => {
    const namespace = newNamespace()
    const stay = crowd(namespace, 40)
    await beginAll(store, stay)
    // From a set of 40 to one of more than 500: it is kept in another form, and grows several times.
    const coming = Array.from({ length: 12 }, () => crowd(namespace, 40))
    const found = await walk(store, namespace, 6, async () => beginAll(other, coming.pop() ?? []))
    const missed = stay.filter(({ id }) => !found.includes(id))
    t.strictSame(missed, [])
    t.strictSame(coming, [], 'all of them came meanwhile')
  })

  await t.test('what lives all the time is found, however many end meanwhile', async (t) => {
    const namespace = newNamespace()
    const stay = crowd(namespace, 40)
    const leave = crowd(namespace, 600)
    await beginAll(store, [...stay, ...leave])
    const found = await walk(store, namespace, 20, async () => endAll(other, leave.splice(0, 60)))
    const missed = stay.filter(({ id }) => !found.includes(id))
    t.strictSame(missed, [])
    t.strictSame(leave, [], 'all of them ended meanwhile')
  })

  await t.test('what is over does not keep the walk from its end', async (t) => {
    const namespace = newNamespace()
    const over = Array.from({ length: 50 }, () => ({ namespace, id: randomUUID() }))
    const [last] = over.splice(0, 1)
    if (last === undefined) throw new Error('There is none.')
    await beginAll(store, [...over, last])
    await endAll(store, over)
    const found = await walk(other, namespace, 3)
    t.ok(found.includes(last.id))
    const states = await other.readMany(sortedSet(found).map((id) => ({ namespace, id })))
    t.equal(states.filter(({ state }) => state === 'live').length, 1)
  })

  await t.test('a cursor that nobody gave is an error of nobody', async (t) => {
    const namespace = newNamespace()
    await beginAll(store, crowd(namespace, 3))
    for (const after of ['x', 'AAAAAAAAAAAA', '____________', '_'.repeat(44), '-'.repeat(64)]) {
      const { ids } = await store.sessionIds(namespace, { after, limit: 2 })
      t.ok(ids.length <= 2, after)
    }
  })
}
