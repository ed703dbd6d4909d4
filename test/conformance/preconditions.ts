/**
 * Conditions on the whole settings, RFC 9110 §13.1, with the one deviation that `*` asks whether the settings were ever
 * written. A list that names nothing (all its tags were weak, say) matches nothing.
 */
import type { Precondition, Version } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, put, readLive, sorted, texts, UNWRITTEN } from './session.ts'

/** A version that no settings have. */
const NEVER: Version = { revision: 1, tag: 'AAAAAAAA' }

type Form = (now: Version, old: Version) => Precondition

/** Each form, and whether it holds where the settings are unwritten or the session is missing. */
const UNWRITTEN_FORMS: [string, Precondition, boolean][] = [
  ['match *', { ifMatch: '*' }, false],
  ['match "0"', { ifMatch: [UNWRITTEN] }, true],
  ['match a list with "0"', { ifMatch: [NEVER, UNWRITTEN] }, true],
  ['match a list without it', { ifMatch: [NEVER] }, false],
  ['match an empty list', { ifMatch: [] }, false],
  ['none-match *', { ifNoneMatch: '*' }, true],
  ['none-match "0"', { ifNoneMatch: [UNWRITTEN] }, false],
  ['none-match another', { ifNoneMatch: [NEVER] }, true],
  ['none-match an empty list', { ifNoneMatch: [] }, true],
  ['two that hold', { ifMatch: [UNWRITTEN], ifNoneMatch: '*' }, true],
  ['two of which the first holds', { ifMatch: [UNWRITTEN], ifNoneMatch: [UNWRITTEN] }, false],
  ['two of which the second holds', { ifMatch: '*', ifNoneMatch: '*' }, false],
]

/** Each form, and whether it holds where the settings have the version `now` and had the version `old`. */
const WRITTEN_FORMS: [string, Form, boolean][] = [
  ['match *', () => ({ ifMatch: '*' }), true],
  ['match the present', (now) => ({ ifMatch: [now] }), true],
  ['match a list with it', (now, old) => ({ ifMatch: [old, UNWRITTEN, now] }), true],
  ['match an old one', (_now, old) => ({ ifMatch: [old] }), false],
  ['match its revision, another tag', (now, old) => ({ ifMatch: [{ ...now, tag: old.tag }] }), false],
  ['match its tag, another revision', (now, old) => ({ ifMatch: [{ ...old, tag: now.tag }] }), false],
  ['match "0"', () => ({ ifMatch: [UNWRITTEN] }), false],
  ['match an empty list', () => ({ ifMatch: [] }), false],
  ['none-match *', () => ({ ifNoneMatch: '*' }), false],
  ['none-match the present', (now) => ({ ifNoneMatch: [now] }), false],
  ['none-match a list with it', (now, old) => ({ ifNoneMatch: [UNWRITTEN, now, old] }), false],
  ['none-match others', (_now, old) => ({ ifNoneMatch: [UNWRITTEN, old] }), true],
  ['none-match an empty list', () => ({ ifNoneMatch: [] }), true],
  ['two that hold', (now, old) => ({ ifMatch: [now], ifNoneMatch: [old] }), true],
  ['two of which the first holds', () => ({ ifMatch: '*', ifNoneMatch: '*' }), false],
  ['two of which the second holds', (_now, old) => ({ ifMatch: [old], ifNoneMatch: [old] }), false],
]

export const preconditions: Concern = async (t, { store, other }) => {
  for (const [name, precondition, holds] of UNWRITTEN_FORMS) {
    await t.test(`${name} ${holds ? 'holds' : 'does not hold'} where nothing was written`, async (t) => {
      for (const missing of [true, false]) {
        const ref = newRef()
        if (!missing) await begin(store, ref)
        const before = await store.read(ref)
        const outcome = await store.write(ref, aWrite({ precondition, set: texts({ a: '1' }) }))
        if (holds) {
          t.match(outcome, { state: 'written', version: { revision: 1 }, began: true })
        } else {
          t.strictSame(outcome, { state: 'conflict', version: UNWRITTEN }, missing ? 'missing' : 'unwritten')
          t.strictSame(await other.read(ref), before, 'nothing has changed')
        }
      }
    })
  }

  for (const [name, form, holds] of WRITTEN_FORMS) {
    await t.test(`${name} ${holds ? 'holds' : 'does not hold'} where something was written`, async (t) => {
      const ref = newRef()
      const { version: old } = await put(store, ref, { a: '1' })
      const { version: now } = await put(store, ref, { a: '2' })
      const before = await store.read(ref)
      const write = aWrite({ precondition: form(now, old), set: texts({ a: '2' }) })
      const unchanged = holds ? { state: 'written', changed: false } : { state: 'conflict' }
      t.match(
        await store.write(ref, write),
        { ...unchanged, version: now },
        'also of a write that would change nothing',
      )

      const outcome = await store.write(ref, { ...write, set: texts({ a: '3', b: '1' }) })
      if (holds) {
        t.match(outcome, { state: 'written', changed: true, version: { revision: 3 } })
      } else {
        t.strictSame(outcome, { state: 'conflict', version: now })
        t.strictSame(await other.read(ref), before, 'nothing has changed')
      }
    })
  }

  await t.test('a version of an ended or another session never matches', async (t) => {
    const [ref, another] = [newRef(), newRef()]
    const { version } = await put(store, another, { a: '1' })
    await put(store, ref, { a: '1' })
    const outcome = await store.write(ref, aWrite({ precondition: { ifMatch: [version] }, set: texts({ a: '2' }) }))
    t.equal(is(outcome, 'conflict').version.tag, (await readLive(store, ref)).record.tag)
    await store.end(ref, DELETED)
    t.equal((await store.write(ref, aWrite({ precondition: { ifMatch: [version] } }))).state, 'gone')
  })

  await t.test('what may not be created is missing before any condition is looked at', async (t) => {
    const write = aWrite({ create: 'never', precondition: { ifMatch: '*' }, expect: new Map([['a', 'present']]) })
    t.strictSame(await store.write(newRef(), write), { state: 'missing' })
  })

  await t.test('the precondition is judged before the expectations, those before the limits', async (t) => {
    const ref = newRef()
    await put(store, ref, { a: '1' })
    const all = aWrite({
      precondition: { ifNoneMatch: '*' },
      expect: new Map([['a', null]]),
      limits: { bytes: 1, keys: 1 },
      set: texts({ b: '1' }),
    })
    t.equal((await store.write(ref, all)).state, 'conflict')
    t.equal((await store.write(ref, { ...all, precondition: { ifMatch: '*' } })).state, 'mismatch')
    t.equal((await store.write(ref, { ...all, precondition: undefined, expect: undefined })).state, 'limit')
    t.strictSame(sorted((await readLive(store, ref)).settings), [['a', '1']])
  })
}
