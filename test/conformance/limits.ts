/**
 * A limit is judged by what the settings would become, in bytes of all keys and texts and in keys. It stands in the way
 * of growing alone: settings that are over a limit lowered since may be emptied, shortened and left as they are.
 */
import type { Concern } from './harness.ts'
import { aWrite, begin, newRef, put, readLive, sorted, texts } from './session.ts'

const WIDE = 1_000_000

export const limits: Concern = async (t, { store }) => {
  await t.test('settings may have as many bytes as the limit says, and no more', async (t) => {
    const sizes: [Record<string, string>, number][] = [
      [{ a: '1' }, 2],
      [{ theme: '"dark"', n: '1.10' }, 16],
      [{ é: '"😀"' }, 8],
      [{ k: `"${'é'.repeat(30_000)}"` }, 60_003],
    ]
    for (const [object, bytes] of sizes) {
      const ref = newRef()
      const over = aWrite({ set: texts(object), limits: { bytes: bytes - 1, keys: 256 } })
      t.strictSame(await store.write(ref, over), { state: 'limit', limit: 'bytes' }, `one byte over ${bytes - 1}`)
      t.strictSame(await store.read(ref), { state: 'missing' }, 'nothing was begun')
      t.match(await store.write(ref, { ...over, limits: { bytes, keys: 256 } }), { state: 'written' }, 'at the limit')
    }
  })

  await t.test('what is there already counts, what goes in the same step does not', async (t) => {
    const ref = newRef()
    const tight = { bytes: 4, keys: 2 }
    await put(store, ref, { a: '1' }, { limits: tight })
    await put(store, ref, { b: '1' }, { limits: tight })
    const before = await store.read(ref)
    t.match(await store.write(ref, aWrite({ set: texts({ a: '12' }), limits: tight })), { limit: 'bytes' })
    t.match(await store.write(ref, aWrite({ set: texts({ c: '1' }), limits: { ...tight, bytes: WIDE } })), {
      limit: 'keys',
    })
    t.strictSame(await store.read(ref), before, 'nothing has changed')
    await put(store, ref, { c: '1' }, { remove: ['a'], limits: tight })
    await put(store, ref, { d: '12' }, { replace: true, limits: tight })
    await put(store, ref, { d: '123' }, { limits: tight })
    t.strictSame(sorted((await readLive(store, ref)).settings), [['d', '123']])
  })

  await t.test('settings may have as many keys as the limit says, and no more', async (t) => {
    const ref = newRef()
    const object = Object.fromEntries(Array.from({ length: 256 }, (_, at) => [`key ${at}`, `${at}`]))
    const all = aWrite({ set: texts(object), limits: { bytes: WIDE, keys: 255 } })
    t.strictSame(await store.write(ref, all), { state: 'limit', limit: 'keys' })
    t.match(await store.write(ref, { ...all, limits: { bytes: WIDE, keys: 256 } }), { state: 'written', added: 256 })
    t.strictSame(await store.write(ref, aWrite({ set: texts({ another: '1' }) })), { state: 'limit', limit: 'keys' })
    t.match(await store.write(ref, aWrite({ set: texts({ another: '1' }), remove: ['key 7'] })), { state: 'written' })
    t.match(await store.write(ref, aWrite({ set: texts({ 'key 8': '"new"' }) })), { state: 'written', added: 0 })
    t.equal((await readLive(store, ref)).settings.size, 256)
  })

  await t.test('no limit stands in the way of a write that does not grow', async (t) => {
    const ref = newRef()
    await begin(store, ref, { a: '"long"', b: '"long"', c: '"long"', d: '1' })
    const lowered = { limits: { bytes: 3, keys: 1 } }
    const steps = {
      'a removal': { remove: ['a'] },
      'a take': { remove: ['d'], take: 'd' },
      'a shorter text': { set: texts({ b: '"sh"' }) },
      'a text as long': { set: texts({ b: '"xy"' }) },
      'no change': { set: texts({ b: '"xy"' }) },
      'a key in the place of a longer one': { set: texts({ e: '1' }), remove: ['c'] },
      'a replacement by less': { set: texts({ e: '1', f: '1' }), replace: true },
      'removing all': { replace: true },
    }
    for (const [name, step] of Object.entries(steps)) {
      t.match(await store.write(ref, aWrite({ ...lowered, ...step })), { state: 'written' }, name)
    }
    t.strictSame(sorted((await readLive(store, ref)).settings), [])
  })

  await t.test('growing is refused while over a lowered limit', async (t) => {
    const ref = newRef()
    await put(store, ref, { a: '"long"', b: '"long"' })
    const before = await store.read(ref)
    const few = { bytes: WIDE, keys: 1 }
    const small = { bytes: 3, keys: 256 }
    t.match(await store.write(ref, aWrite({ set: texts({ c: '1' }), limits: few })), { state: 'limit', limit: 'keys' })
    t.match(await store.write(ref, aWrite({ set: texts({ b: '"longer"' }), limits: small })), { limit: 'bytes' })
    t.match(await store.write(ref, aWrite({ set: texts({ c: '1' }), limits: small })), { limit: 'bytes' })
    t.strictSame(await store.read(ref), before)
    t.match(await store.write(ref, aWrite({ set: texts({ b: '"longer"' }), limits: few })), { state: 'written' })
  })
}
