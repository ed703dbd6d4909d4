/**
 * Repeated calls. A call whose answer was lost is sent again under the same key: it has the effect once and the outcome
 * each time. That an outcome lapses after 60 s is left to the adapters' own tests; no harness waits that long.
 */
import { randomBytes } from 'node:crypto'
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import type { Repeat, Write } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, put, readLive, sorted, texts, tokenOf } from './session.ts'

const hash = (): string => randomBytes(16).toString('hex')
const newRepeat = (): Repeat => ({ key: hash(), fingerprint: hash() })

export const repeats: Concern = async (t, { store, other }) => {
  await t.test('a repeated call answers what the first one did, and does nothing', async (t) => {
    const calls: Record<string, Partial<Write>> = {
      'a write': { set: texts({ n: '2', new: '1' }) },
      'a replacement': { set: texts({ n: '2' }), replace: true },
      'a take': { create: 'never', writes: false, take: 'code', remove: ['code'] },
      'a take that must find it': {
        writes: false,
        take: 'code',
        remove: ['code'],
        expect: new Map([['code', 'present']]),
      },
      'an increment': { expect: new Map([['n', { text: '1' }]]), set: texts({ n: '2' }), result: '2' },
    }
    for (const [name, call] of Object.entries(calls)) {
      const ref = newRef()
      await put(store, ref, { n: '1', code: '"secret"' })
      const write = aWrite({ ...call, repeat: newRepeat() })
      const first = is(await store.write(ref, write), 'written')
      t.match(first, { repeated: false, changed: true, version: { revision: 2 } }, name)
      const after = await readLive(store, ref)
      for (const replica of [other, store]) {
        t.strictSame(await replica.write(ref, write), { ...first, repeated: true }, `${name}, repeated`)
      }
      const last = await readLive(store, ref)
      t.strictSame([last.record, sorted(last.settings)], [after.record, sorted(after.settings)])
    }
  })

  await t.test('a repeated call need not hold any more, and takes nothing back that came since', async (t) => {
    const ref = newRef()
    const { version } = await put(store, ref, { n: '1' })
    const write = aWrite({ precondition: { ifMatch: [version] }, set: texts({ n: '2' }), repeat: newRepeat() })
    const first = is(await store.write(ref, write), 'written')
    await put(other, ref, { n: '3' })
    const again = await other.write(ref, { ...write, readBack: true })
    t.strictSame(again, { ...first, repeated: true }, 'the version that it made then, and no session')
    t.equal((await readLive(store, ref)).settings.get('n'), '3')
  })

  await t.test('a repeated beginning answers what the first one did', async (t) => {
    for (const written of [true, false]) {
      const ref = newRef()
      const set = written ? texts({ a: '1' }) : undefined
      const write = aWrite({ create: 'must-be-missing', writes: written, set, repeat: newRepeat() })
      const first = is(await store.write(ref, write), 'written')
      const { record } = await readLive(store, ref)
      t.strictSame(await other.write(ref, write), { ...first, repeated: true }, written ? 'with settings' : 'without')
      t.strictSame((await readLive(store, ref)).record, record)
      t.strictSame(await other.write(ref, { ...write, repeat: newRepeat() }), { state: 'exists' }, 'another call')
    }
  })

  await t.test('of twenty identical calls at once one has an effect, and all have its outcome', async (t) => {
    const calls: Partial<Write>[] = [
      { writes: false, take: 'code', remove: ['code'] },
      { expect: new Map([['n', { text: '1' }]]), set: texts({ n: '2' }), result: '2' },
      { create: 'must-be-missing', set: texts({ n: '1' }) },
    ]
    for (const call of calls) {
      const ref = newRef()
      if (call.create === undefined) await put(store, ref, { n: '1', code: '"secret"' })
      const write = aWrite({ ...call, repeat: newRepeat() })
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, at) => (at % 2 ? store : other).write(ref, write)),
      )
      const firsts = outcomes.filter((outcome) => outcome.state === 'written' && !outcome.repeated)
      t.equal(firsts.length, 1)
      t.match(firsts[0], { taken: call.take ? '"secret"' : null, result: call.result ?? null })
      for (const outcome of outcomes) t.strictSame({ ...outcome, repeated: false }, firsts[0])
      t.equal((await readLive(store, ref)).record.revision, is(firsts[0]!, 'written').version.revision)
    }
  })

  await t.test('another fingerprint under a key is refused', async (t) => {
    const ref = newRef()
    const repeat = newRepeat()
    await put(store, ref, { a: '1' }, { repeat })
    const before = await store.read(ref)
    const another = aWrite({ set: texts({ a: '2' }), repeat: { ...repeat, fingerprint: hash() } })
    t.strictSame(await other.write(ref, another), { state: 'reused' })
    t.strictSame(await store.read(ref), before, 'nothing has changed')
    t.equal((await put(other, ref, { a: '1' }, { repeat })).repeated, true, 'and what was kept is kept')
  })

  await t.test('only what changed something is kept', async (t) => {
    const ref = newRef()
    await put(store, ref, { a: '1' })
    const refused: [string, Partial<Write>][] = [
      ['written', { set: texts({ a: '1' }) }],
      ['mismatch', { expect: new Map([['a', { text: '2' }]]) }],
      ['conflict', { precondition: { ifNoneMatch: '*' } }],
      ['limit', { set: texts({ b: '1' }), limits: { bytes: 3, keys: 256 } }],
      ['exists', { create: 'must-be-missing' }],
    ]
    for (const [at, [state, call]] of refused.entries()) {
      const repeat = newRepeat()
      const first = await store.write(ref, aWrite({ ...call, repeat }))
      t.equal(first.state, state)
      const then = await put(other, ref, { n: `${at}` }, { repeat: { ...repeat, fingerprint: hash() } })
      t.match(then, { repeated: false, changed: true }, `the key is free after ${state} without a change`)
    }
  })

  await t.test('a create that draws another id finds the outcome of its first try', async (t) => {
    const ref = newRef()
    const again = { ...ref, id: drawId(partitionOf(idBytes(ref.id))) }
    const create = aWrite({ create: 'must-be-missing', set: texts({ a: '1' }), repeat: newRepeat() })
    const first = is(await store.write(ref, create), 'written')
    t.equal(first.id, ref.id)
    t.strictSame(await other.write(again, { ...create, readBack: true }), { ...first, repeated: true }, 'with its id')
    t.strictSame(await store.read(again), { state: 'missing' }, 'and begins nothing under the other')
  })

  await t.test('a key in one namespace says nothing of another', async (t) => {
    const ref = newRef()
    const repeat = newRepeat()
    const first = await put(store, ref, { a: '1' }, { repeat })
    const elsewhere = { ...ref, namespace: 'elsewhere' }
    t.match(await put(other, elsewhere, { b: '1' }, { repeat }), { repeated: false, changed: true })
    t.strictSame(await put(other, ref, { a: '1' }, { repeat }), { ...first, repeated: true })
    t.strictSame(sorted((await readLive(store, elsewhere)).settings), [['b', '1']])
  })

  await t.test('a repeated write is no credential', async (t) => {
    const ref = newRef()
    const { record } = await begin(store, ref)
    const byToken = aWrite({ credential: tokenOf(record), set: texts({ a: '1' }), repeat: newRepeat() })
    const byKey = aWrite({ set: texts({ b: '1' }), repeat: newRepeat() })
    const first = is(await store.write(ref, byToken), 'written')
    const second = is(await store.write(ref, byKey), 'written')
    t.strictSame(await other.write(ref, byToken), { ...first, repeated: true })

    await store.revoke(ref)
    t.strictSame(await other.write(ref, byToken), { state: 'refused', why: 'gen' }, 'a revoked token gets nothing')
    t.strictSame(await other.write(ref, byKey), { ...second, repeated: true })

    await store.end(ref, DELETED)
    const gone = await store.read(ref)
    t.strictSame(await other.write(ref, byToken), gone, 'nor does a token of an ended session')
    t.strictSame(await other.write(ref, byKey), { ...second, repeated: true }, 'an API key gets its outcome')
    const asked = await other.write(ref, { ...byKey, readBack: true })
    t.strictSame(asked, { ...second, repeated: true }, 'and no session')
    t.strictSame(await store.read(ref), gone, 'which brings nothing back')
    t.strictSame(await other.write(ref, { ...byKey, repeat: newRepeat() }), gone, 'another call is too late')
  })
}
