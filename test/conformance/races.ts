/**
 * Many writers at once, on both replicas where there may be two: no writer loses another's keys, and what only one may
 * have only one gets.
 */
import type { SessionRef, Store } from '../../src/store/port.ts'
import type { Concern, Stores } from './harness.ts'
import { aWrite, begin, is, newRef, put, readLive, sorted, texts } from './session.ts'

const WRITERS = 100

/** Runs `write` a hundred times at once, on both stores in turn. */
const allAtOnce = <T>({ store, other }: Stores, write: (store: Store, at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: WRITERS }, (_, at) => write(at % 2 ? store : other, at)))

/** Sets one member of the object under `key`, as the domain does: compare the text, and on a mismatch start from its. */
const setMember = async (store: Store, ref: SessionRef, key: string, member: string, value: number): Promise<void> => {
  const first = await readLive(store, ref)
  for (let text = first.settings.get(key) ?? null; ; ) {
    const next = JSON.stringify({ ...JSON.parse(text ?? '{}'), [member]: value })
    const expect = new Map([[key, text === null ? null : { text }]])
    const outcome = await store.write(ref, aWrite({ expect, set: new Map([[key, next]]) }))
    if (outcome.state === 'written') return
    text = is(outcome, 'mismatch').texts.get(key) ?? null
  }
}

export const races: Concern = async (t, stores) => {
  const { store } = stores

  await t.test('a hundred writers of different keys lose none', async (t) => {
    const ref = newRef()
    const written = await allAtOnce(stores, (store, at) => put(store, ref, { [`key ${at}`]: `${at}` }))
    const { record, settings } = await readLive(store, ref)
    const all = new Map(Array.from({ length: WRITERS }, (_, at) => [`key ${at}`, `${at}`]))
    t.strictSame(sorted(settings), sorted(all))
    t.equal(record.revision, WRITERS)
    const revisions = new Set(written.map(({ version }) => version.revision))
    t.equal(revisions.size, WRITERS, 'each made a revision of its own')
    t.equal(new Set(written.map(({ version }) => version.tag)).size, WRITERS, 'with a tag of its own')
    t.equal(written.filter(({ began }) => began).length, 1, 'one began them')
  })

  await t.test('of a hundred writers of one revision one wins', async (t) => {
    const ref = newRef()
    const { version } = await put(store, ref, { n: '0' })
    const outcomes = await allAtOnce(stores, (store, at) =>
      store.write(ref, aWrite({ precondition: { ifMatch: [version] }, set: texts({ n: `"${at}"` }), replace: true })),
    )
    const winner = outcomes.findIndex(({ state }) => state === 'written')
    const { record, settings } = await readLive(store, ref)
    t.strictSame(sorted(settings), [['n', `"${winner}"`]])
    t.equal(record.revision, 2)
    const others = outcomes.filter((_, at) => at !== winner)
    const now = { revision: record.revision, tag: record.tag }
    t.strictSame(
      others,
      others.map(() => ({ state: 'conflict', version: now })),
      'all others are told the new version',
    )
  })

  await t.test('a hundred writers of different members of one value lose none', async (t) => {
    const ref = newRef()
    await begin(store, ref)
    await allAtOnce(stores, (store, at) => setMember(store, ref, 'filters', `member ${at}`, at))
    const { record, settings } = await readLive(store, ref)
    const members = Object.fromEntries(Array.from({ length: WRITERS }, (_, at) => [`member ${at}`, at]))
    t.same(JSON.parse(settings.get('filters') ?? 'null'), members)
    t.equal(record.revision, WRITERS, 'and each wrote once')
  })

  await t.test('a hundred who count each count once', async (t) => {
    const ref = newRef()
    await put(store, ref, { n: '0' })
    await allAtOnce(stores, async (store) => {
      for (let text = '0'; ; ) {
        const write = aWrite({ expect: new Map([['n', { text }]]), set: texts({ n: `${Number(text) + 1}` }) })
        const outcome = await store.write(ref, write)
        if (outcome.state === 'written') return
        text = is(outcome, 'mismatch').texts.get('n') ?? '0'
      }
    })
    t.equal((await readLive(store, ref)).settings.get('n'), `${WRITERS}`)
  })

  await t.test('a value is taken once, however many ask', async (t) => {
    for (const expect of [undefined, new Map([['code', 'present' as const]])]) {
      const ref = newRef()
      await put(store, ref, { code: '"secret"', rest: '1' })
      const take = aWrite({ create: 'never', writes: false, take: 'code', remove: ['code'], expect })
      const outcomes = await allAtOnce(stores, (store) => store.write(ref, take))
      const got = outcomes.filter((outcome) => outcome.state === 'written' && outcome.taken === '"secret"')
      t.equal(got.length, 1)
      for (const outcome of outcomes.filter((one) => one !== got[0])) {
        if (expect) t.strictSame([...is(outcome, 'mismatch').texts], [['code', null]])
        else t.match(is(outcome, 'written'), { taken: null, changed: false })
      }
      t.strictSame(sorted((await readLive(store, ref)).settings), [['rest', '1']])
    }
  })

  await t.test('a text that many replace is always one of theirs, and whole', async (t) => {
    const ref = newRef()
    await allAtOnce(stores, (store, at) => put(store, ref, { a: `${at}`, b: `${at}` }, { replace: true }))
    const { settings } = await readLive(store, ref)
    t.equal(settings.get('a'), settings.get('b'))
  })
}
