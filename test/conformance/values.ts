/**
 * A value is kept as the text that was sent, under the name that was sent. Whatever parses a text on its way (a double,
 * a sorted object, Lua's JSON) or gives a name a meaning (a separator, a prefix, a property of an object) shows here.
 */
import type { Write } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, is, newRef, readLive, sorted } from './session.ts'

const TEXTS = [
  '[]',
  '{}',
  '[[],{},[{}]]',
  '1.10',
  '-0',
  '0.1e-7',
  '1e21',
  '1e400',
  '9007199254740993',
  '12345678901234567890',
  '3.14159265358979323846264338327950288',
  'true',
  'false',
  'null',
  '""',
  '" "',
  '"null"',
  '"😀 é é ß ﷽"',
  '"\u2028\u2029\u007f"',
  String.raw`"\ud83d\ude00"`,
  String.raw`"\ud800"`,
  String.raw`"\u0000\u001f\/\\\"\n"`,
  '{"b":1,"a":2,"b2":3}',
  '{"2":"two","10":"ten","1":"one"}',
  ' { "spaced" :\t[ 1 , 2 ]\n} ',
  `"${'x'.repeat(60_000)}"`,
]

export const KEYS = [
  '__x',
  ':',
  'r',
  't',
  '~',
  's',
  'd',
  ' ',
  '  two  ',
  'a/b',
  '/',
  '..',
  '%2F',
  '\0',
  'a\0b',
  'line\nbreak\r',
  '"',
  "'",
  '\\',
  '{00}',
  '*',
  '0',
  '1',
  '01',
  '-1',
  '1e3',
  'a',
  'A',
  'é',
  'e\u0301',
  '😀'.repeat(32),
  'é'.repeat(64),
  'k'.repeat(128),
  'length',
  'size',
  'hasOwnProperty',
  'toString',
  'nil',
  'null',
]

export const values: Concern = async (t, { store, other }) => {
  await t.test('every text comes back as it was sent', async (t) => {
    const ref = newRef()
    const set = new Map(TEXTS.map((text, at) => [`value ${at}`, text]))
    const limits = { bytes: 200_000, keys: 256 }
    const written = is(await store.write(ref, aWrite({ set, limits, readBack: true })), 'written')
    t.strictSame(sorted(written.live!.settings), sorted(set), 'read back in the step that wrote it')
    t.strictSame(sorted((await readLive(other, ref)).settings), sorted(set), 'read after it')

    await store.write(ref, aWrite({ set: new Map([['another', '1']]), limits }))
    set.set('another', '1')
    t.strictSame(sorted((await readLive(store, ref)).settings), sorted(set), 'and after a write of another key')
  })

  await t.test('keys of any name stand side by side', async (t) => {
    const ref = newRef()
    const kept = new Map(KEYS.map((key, at) => [key, `${at}`]))
    await store.write(ref, aWrite({ set: kept }))
    t.strictSame(sorted((await readLive(other, ref)).settings), sorted(kept))

    for (const key of KEYS.slice(0, -1)) {
      const outcome = is(await store.write(ref, aWrite({ remove: [key], take: key, readBack: true })), 'written')
      t.equal(outcome.taken, kept.get(key), `${JSON.stringify(key)} is taken`)
      kept.delete(key)
      t.strictSame(sorted(outcome.live!.settings), sorted(kept), 'and no other')
    }
  })

  await t.test('a key of any name can be the only one', async (t) => {
    const found = await Promise.all(
      KEYS.map(async (key) => {
        const ref = newRef()
        await store.write(ref, aWrite({ set: new Map([[key, '1']]) }))
        const settings = sorted((await readLive(store, ref)).settings)
        await store.write(ref, aWrite({ remove: [key] }))
        return [settings, sorted((await readLive(store, ref)).settings)]
      }),
    )
    t.strictSame(
      found,
      KEYS.map((key) => [[[key, '1']], []]),
    )
  })

  await t.test('keys come back in the order in which they were first put', async (t) => {
    const ref = newRef()
    const order = async (over: Partial<Write>) => {
      await store.write(ref, aWrite(over))
      return [...(await readLive(other, ref)).settings.keys()].join('')
    }
    const pairs = (keys: string, text: string) => new Map([...keys].map((key) => [key, text]))
    t.equal(await order({ set: pairs('zaqmb', '1') }), 'zaqmb')
    t.equal(await order({ set: pairs('mxa', '2') }), 'zaqmbx', 'a key that is there keeps its place')
    t.equal(await order({ set: pairs('q', '3'), remove: ['a', 'q'] }), 'zqmbx', 'also one that is removed and put')
    t.equal(await order({ set: pairs('a', '1') }), 'zqmbxa', 'one that comes back is a new one')
    t.equal(await order({ set: pairs('cxbz', '4'), replace: true }), 'zbxc', 'a write of the whole keeps places, too')
  })

  await t.test('a text is replaced by a shorter one and by a longer one without a trace', async (t) => {
    const ref = newRef()
    await begin(store, ref)
    for (const text of [`"${'x'.repeat(60_000)}"`, '1', `"${'é'.repeat(20_000)}"`, '""']) {
      await store.write(ref, aWrite({ set: new Map([['k', text]]) }))
      t.ok((await readLive(store, ref)).settings.get('k') === text, `${text.length} characters`)
    }
  })
}
