import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import type { SessionRecord } from '../../../src/store/port.ts'
import { dump } from './raw.ts'
import { aWrite, put, texts } from './session.ts'

const NOW = 1_700_000_000_000
const NOW_HEX = '018bcfe56800'
const LIVE = { namespace: 'app', id: '00112233-4455-6677-8899-aabbccddeeff' }
const GONE = { namespace: 'app', id: 'ffeeddcc-bbaa-9988-7766-554433221100' }
/** The namespace, a 0 byte and the id. */
const LIVE_KEY = '61707000' + '00112233445566778899aabbccddeeff'
const GONE_KEY = '61707000' + 'ffeeddccbbaa99887766554433221100'

const hexOf = (base64url: string): string => Buffer.from(base64url, 'base64url').toString('hex')

t.test('what is stored is what the head of store.ts says, byte by byte', async (t) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path, clock: () => NOW })
  await put(store, LIVE, { theme: '"dark"', é: '1' }, { subject: 'ada' })
  const repeat = { key: '0123456789abcdef0123456789abcdef', fingerprint: 'fedcba9876543210fedcba9876543210' }
  await store.write(LIVE, aWrite({ set: texts({ n: '7' }), take: 'é', remove: ['é'], result: '"r"', repeat }))
  await put(store, GONE, { a: '1' })
  const { record: ended } = (await store.read(GONE)) as { record: SessionRecord }
  await store.end(GONE, { credential: null, reason: 'revoked', tombstoneSeconds: 86_400 })
  const { record } = (await store.read(LIVE)) as { record: SessionRecord }
  await store.close()
  const stored = await dump(path)

  const session = [
    '01', // live
    '018bd01d40e0', // the deadline: an idle timeout of 3600 s, and 60 s of slack
    '0045', // 69 bytes of record
    '0100', // its version, no flags
    hexOf(record.life),
    hexOf(record.gen),
    hexOf(record.tag),
    '0000000002', // revision
    NOW_HEX, // created
    NOW_HEX, // last used
    '018bd0534500', // the absolute end, after 7200 s
    '00000e10', // idle timeout
    '00001c20', // lifetime
    '00000d', // 13 bytes of settings
    '616461', // ada
    '0002', // two keys
    '0005000006', // lengths of theme and "dark"
    '0001000001', // lengths of n and 7
    '7468656d65226461726b22', // theme"dark"
    '6e37', // n7
  ]
  const tombstone = ['02', '018bd50bc400', '0103', NOW_HEX, hexOf(ended.life)]
  t.strictSame(stored.sessions, { [LIVE_KEY]: session.join(''), [GONE_KEY]: tombstone.join('') })
  t.strictSame(stored.expiries, { [`018bd01d40e0${LIVE_KEY}`]: '' })

  // Namespace, 0, the partition of the id, the key.
  const outcomeKey = '61707000' + '76' + '0123456789abcdef0123456789abcdef'
  const outcome = [
    '018bcfe65260', // lapses after 60 s
    'fedcba9876543210fedcba9876543210',
    hexOf(record.tag),
    '0000000002', // revision
    '0d', // changed, taken, result
    '000001', // one key added
    '00112233445566778899aabbccddeeff',
    '00000001', // one byte taken
    '31', // 1
    '227222', // "r"
  ]
  t.strictSame(stored.outcomes, { [outcomeKey]: outcome.join('') })
  t.strictSame(stored.lapses, { [`018bd50bc40002${GONE_KEY}`]: '', [`018bcfe6526003${outcomeKey}`]: '' })

  const { owner, ...meta } = stored.meta
  t.strictSame(meta, { layout: '01', time: NOW_HEX })
  t.match(Buffer.from(owner as string, 'hex').toString(), /^owner\.\d+\.[0-9a-f]{16}$/)
})

t.test('when a session was bound is kept in version 2; what counts for a limit stands beside the list', async (t) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path, clock: () => NOW })
  await store.write(LIVE, aWrite({ subject: 'ada', keepsBoundAt: true, writes: false }))
  const subject = { namespace: 'app', subject: 'ada' }
  const admission = { replaced: null, most: 2, keepSeconds: 60, lifetimeSeconds: 86_400 }
  await store.admit(subject, { ...admission, id: LIVE.id, counted: [GONE.id] })
  await store.close()
  const { sessions, listings, lapses } = await dump(path)

  const value = sessions[LIVE_KEY] as string
  t.equal(value.slice(2 * 7, 2 * 11), '004b0200', '75 bytes of record: version 2, no flags')
  t.equal(value.slice(2 * 75, 2 * 84), `${NOW_HEX}616461`, 'when it was bound, ada')
  const admitted = (id: string) => `6170700100036164${'61'}${id.replaceAll('-', '')}`
  t.strictSame(listings, {
    [admitted(LIVE.id)]: '018bcfe65260' + '018bd50bc400',
    [admitted(GONE.id)]: `${NOW_HEX}018bd50bc400`,
  })
  t.ok(`018bd50bc40004${admitted(LIVE.id)}` in lapses)
})

t.test('a tombstone of an id that had no life names none', async (t) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path, clock: () => NOW })
  await store.end(GONE, { credential: null, reason: 'deleted', tombstoneSeconds: 86_400 })
  await store.close()
  t.strictSame((await dump(path)).sessions, { [GONE_KEY]: `02018bd50bc4000101${NOW_HEX}` })
})

t.test('a session that was begun without a write has no tag', async (t) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path, clock: () => NOW })
  await store.write(LIVE, aWrite({ writes: false }))
  const { record } = (await store.read(LIVE)) as { record: SessionRecord }
  await store.close()
  const value = (await dump(path)).sessions[LIVE_KEY] as string
  t.equal(value.slice(22 + 48, 22 + 48 + 22), '0'.repeat(22), 'neither a tag nor a revision')
  t.equal(value.slice(22, 22 + 48), hexOf(record.life) + hexOf(record.gen))
})

t.test('a hand-off and a listing, each with the entry by which it lapses', async (t) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path, clock: () => NOW })
  const hash = 'ab'.repeat(32)
  const bind = { subject: 'ada', newId: GONE.id }
  const handoff = { sessionId: LIVE.id, life: 'AAECAwQFBgcICQoL', payload: '{}', bind }
  await store.addHandoff({ namespace: 'app', partition: '76', hash }, handoff, 60)
  const ref = { namespace: 'app', subject: 'ada' }
  await store.list(ref, { id: LIVE.id, keepSeconds: 60, lifetimeSeconds: 86_400 })
  await store.close()
  const { handoffs, listings, lapses } = await dump(path)

  const handoffKey = `6170700076${hash}`
  const packed = [
    '018bcfe65260', // lapses after 60 s
    '0103', // version; there is a payload, and it binds
    '00112233445566778899aabbccddeeff',
    '000102030405060708090a0b', // the life
    'ffeeddccbbaa99887766554433221100',
    '0003616461', // ada
    '7b7d', // {}
  ]
  const listingKey = '617070000003616461' + '00112233445566778899aabbccddeeff'
  t.strictSame(handoffs, { [handoffKey]: packed.join('') })
  t.strictSame(listings, { [listingKey]: '018bcfe65260' + '018bd50bc400' })
  t.strictSame(lapses, { [`018bcfe6526005${handoffKey}`]: '', [`018bd50bc40004${listingKey}`]: '' })
})

t.test('a sweep removes hand-offs and listings that are over, and no others', async (t) => {
  const path = join(t.testdir(), 'data')
  let now = NOW
  const store = await openLmdbStore({ path, clock: () => now })
  const ref = { namespace: 'app', subject: 'ada' }
  const handoff = { sessionId: LIVE.id, life: 'AAECAwQFBgcICQoL', payload: null, bind: null }
  const code = (byte: string) => ({ namespace: 'app', partition: '76', hash: byte.repeat(32) })
  await store.addHandoff(code('aa'), handoff, 60)
  await store.addHandoff(code('bb'), handoff, 61)
  await store.list(ref, { id: LIVE.id, keepSeconds: 1, lifetimeSeconds: 60 })
  await store.list(ref, { id: GONE.id, keepSeconds: 1, lifetimeSeconds: 60 })
  await store.list(ref, { id: GONE.id, keepSeconds: 1, lifetimeSeconds: 61 })
  now += 60_500
  await store.sweep()
  await store.close()
  const { handoffs, listings, lapses } = await dump(path)
  t.strictSame(
    Object.keys(handoffs).map((key) => key.slice(10, 12)),
    ['bb'],
  )
  t.strictSame(
    Object.keys(listings).map((key) => key.slice(-32)),
    [GONE.id.replaceAll('-', '')],
  )
  t.equal(Object.keys(lapses).length, 2)
})
