/** What a write expects of single keys; replacing the whole, and taking. */
import type { Expectation } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, is, newRef, put, readLive, sorted, texts } from './session.ts'

const HOLDS: [string, Expectation, string | null][] = [
  ['this text', { text: '"dark"' }, '"dark"'],
  ['this text of several equal ones', { text: '1.0' }, '1.0'],
  ['anything', 'present', '"dark"'],
  ['anything, and finds null', 'present', 'null'],
  ['nothing', null, null],
]

const FAILS: [string, Expectation, string | null][] = [
  ['this text, and finds another', { text: '"dark"' }, '"light"'],
  ['this text, and finds another of the same value', { text: '1' }, '1.0'],
  ['this text, and finds a longer one', { text: '1' }, '10'],
  ['this text, and finds nothing', { text: 'null' }, null],
  ['anything, and finds nothing', 'present', null],
  ['nothing, and finds a text', null, '"dark"'],
  ['nothing, and finds null', null, 'null'],
]

export const expectations: Concern = async (t, { store, other }) => {
  for (const [name, expected, present] of HOLDS) {
    await t.test(`a write that expects ${name} is done where it is so`, async (t) => {
      const ref = newRef()
      await begin(store, ref, present === null ? {} : { k: present })
      const outcome = await store.write(ref, aWrite({ expect: new Map([['k', expected]]), set: texts({ k: '"new"' }) }))
      t.match(outcome, { state: 'written', changed: true, added: present === null ? 1 : 0 })
      t.equal((await readLive(other, ref)).settings.get('k'), '"new"')
    })
  }

  for (const [name, expected, present] of FAILS) {
    await t.test(`a write that expects ${name} changes nothing and tells what is there`, async (t) => {
      const ref = newRef()
      const before = await begin(store, ref, present === null ? { a: '1' } : { a: '1', k: present })
      const expect = new Map<string, Expectation>([
        ['a', { text: '1' }],
        ['absent', null],
        ['k', expected],
      ])
      const outcome = is(
        await store.write(ref, aWrite({ expect, set: texts({ a: '2', b: '1' }), remove: ['k'] })),
        'mismatch',
      )
      t.strictSame(
        [...outcome.texts].sort(),
        [
          ['a', '1'],
          ['absent', null],
          ['k', present],
        ],
        'the present text of every key that was expected',
      )
      const after = await readLive(other, ref)
      t.strictSame([after.record, sorted(after.settings)], [before.record, sorted(before.settings)])
    })
  }

  await t.test('expectations of a session that this write would begin find nothing', async (t) => {
    const ref = newRef()
    const outcome = await store.write(ref, aWrite({ expect: new Map([['k', 'present']]), set: texts({ k: '1' }) }))
    t.strictSame([...is(outcome, 'mismatch').texts], [['k', null]])
    t.strictSame(await store.read(ref), { state: 'missing' })
    t.equal(
      (await store.write(ref, aWrite({ expect: new Map([['k', null]]), set: texts({ k: '1' }) }))).state,
      'written',
    )
  })

  await t.test('a replacement leaves what it names and nothing else', async (t) => {
    const ref = newRef()
    await put(store, ref, { a: '1', b: '2', c: '3' })
    const { live, added } = await put(store, ref, { b: '2', d: '4' }, { replace: true, readBack: true })
    t.equal(added, 1)
    t.strictSame(sorted(live!.settings), [
      ['b', '2'],
      ['d', '4'],
    ])
    const emptied = is(await store.write(ref, aWrite({ replace: true, readBack: true })), 'written')
    t.match(emptied, { changed: true, added: 0, version: { revision: 3 } })
    t.strictSame(sorted((await readLive(other, ref)).settings), [])
  })

  await t.test('a replacement with fewer keys is a change, though it sets no new text', async (t) => {
    const ref = newRef()
    await put(store, ref, { a: '1', b: '2' })
    t.match(await put(store, ref, { a: '1' }, { replace: true }), { changed: true, version: { revision: 2 } })
  })

  await t.test('a take answers the text as it was before', async (t) => {
    const ref = newRef()
    await put(store, ref, { code: '"once"', n: '1' })
    const take = aWrite({ create: 'never', writes: false, take: 'code', remove: ['code'] })
    t.match(await store.write(ref, take), { state: 'written', taken: '"once"', changed: true, added: 0 })
    t.match(await store.write(ref, take), { state: 'written', taken: null, changed: false }, 'nothing is left')
    const swap = aWrite({ take: 'n', set: texts({ n: '2' }) })
    t.match(await store.write(ref, swap), { taken: '1' }, 'also where it is set anew')
    t.equal((await put(store, ref, { n: '3' })).taken, null, 'nothing, if nothing is to be taken')
  })

  await t.test('a result is answered as it was given', async (t) => {
    const ref = newRef()
    t.equal((await put(store, ref, { n: '1' }, { result: '{"n": 1.0}' })).result, '{"n": 1.0}')
    t.equal((await put(store, ref, { n: '2' })).result, null)
  })
}
