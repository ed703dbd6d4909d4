/** A Redis that is being encrypted while replicas serve, what a thief of its files finds then, and what does not open. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { drawId, idBytes, partitionOf } from '../../../src/store/layout/partition.ts'
import { sealOf } from '../../../src/store/layout/record.ts'
import type { Store } from '../../../src/store/port.ts'
import { keysOf } from '../../../src/store/redis/keys.ts'
import type { Encryption } from '../../../src/store/sealing/encryption.ts'
import { createMasterKeys, type MasterKey } from '../../../src/store/sealing/master-keys.ts'
import { causeOf } from '../../helpers/cause.ts'
import { type RedisServer, startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'
import { aWrite, put, texts } from '../lmdb/session.ts'
import { isPlanted, NOT_HIDDEN, ONE, PLANTED, plant, reencryptAll, TWO } from '../planted.ts'
import { openWhenReady } from './conforms.ts'

const OLD: MasterKey = { kid: 'old', key: Buffer.alloc(32, 7) }
const NEW: MasterKey = { kid: 'new', key: Buffer.alloc(32, 8) }

const under = (keys: [MasterKey, ...MasterKey[]], more: Partial<Encryption> = {}): Encryption => ({
  keys: createMasterKeys(keys),
  required: false,
  ...more,
})

const PREPARED = under([OLD], { encrypts: false })

const using = async <T>(
  { url }: RedisServer,
  encryption: Encryption | undefined,
  use: (store: Store) => Promise<T>,
): Promise<T> => {
  const store = await openWhenReady(url, undefined, encryption)
  return use(store).finally(() => store.close())
}

const sealIn = async (server: RedisServer, ref: typeof ONE) =>
  sealOf((await server.callBuffer('HGET', keysOf(ref).session, 'r')) as Buffer)

const clocks = { idleTimeoutSeconds: 600, lifetimeSeconds: 6000 }
const ROTATION = { life: null, clocks, newIdle: false, newLifetime: false, tombstoneSeconds: 60 }
/** In the partition of ONE. */
const THIRD = { ...ONE, id: drawId(partitionOf(idBytes(ONE.id))) }

/** All that Redis has on its disk. */
const filesOf = async (server: RedisServer): Promise<Buffer> => {
  const names = (await readdir(server.dir, { recursive: true })).filter((name) => /\.(rdb|aof)$/.test(name))
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(server.dir, name)))))
}

const rewrite = async (server: RedisServer): Promise<void> => {
  const isDone = async () =>
    !/(aof_rewrite|bgsave)_in_progress:1/.test(String(await server.call('INFO', 'persistence')))
  await until(isDone, 'nothing is being written')
  await server.call('BGREWRITEAOF')
  await until(isDone, 'the append-only file is rewritten')
  await server.call('SAVE')
}

t.test('a Redis is encrypted while replicas serve, and then its files hold nothing', async (t) => {
  // Uncompressed: a search in a compressed dump would miss what is there.
  const args = ['--appendonly', 'yes', '--rdbcompression', 'no', '--aof-use-rdb-preamble', 'no']
  const server = await startRedis({ args })
  t.teardown(() => server.stop())
  await using(server, undefined, plant)
  t.ok((await filesOf(server)).includes('planted'), 'the search finds what is plain')

  // Step 1: every replica can open what is encrypted. Step 2: one after the other encrypts.
  await using(server, PREPARED, async (prepared) => {
    await isPlanted(t, prepared)
    await using(server, under([OLD]), async (encrypting) => {
      await isPlanted(t, encrypting)
      await encrypting.write(ONE, aWrite({ set: texts({ by: '"on"' }) }))
      t.equal((await sealIn(server, ONE))?.kid, 'old', 'what is written is encrypted')
      await prepared.write(ONE, aWrite({ set: texts({ by: '"prepared"' }) }))
      t.equal((await sealIn(server, ONE))?.kid, 'old', 'and stays so')
      await prepared.write(TWO, aWrite({ set: texts({ by: '"prepared"' }), remove: ['by'] }))
      t.equal(await sealIn(server, TWO), null)
      t.same((await prepared.reencrypt(null)).state, 'plain', 'one that does not encrypt says so')
    })
  })

  await using(server, under([OLD]), async (store) => {
    const before = await store.read(ONE)
    await put(store, TWO, { by: '1' })
    t.ok((await reencryptAll(store)) >= 3, 'sessions, lists and secrets')
    t.strictSame(await store.read(ONE), before, 'neither version nor clock has changed')
    t.equal(await reencryptAll(store), 0, 'nothing is left to do')
  })

  await using(server, under([OLD], { required: true }), async (store) => {
    t.match(await store.read(ONE), { state: 'live', record: { subject: 'planted-subject' } })
    // What was kept before lapses within minutes; here it is taken away.
    for (const kind of ['o', 'h']) {
      for (const key of (await server.callBuffer('KEYS', `cc:*:${kind}:*`)) as Buffer[]) await server.call('DEL', key)
    }
    await rewrite(server)
    const files = await filesOf(server)
    t.ok(files.includes(NOT_HIDDEN))
    for (const text of PLANTED) t.notOk(files.includes(text))
    await isPlanted(t, store, 'what lapses')
  })
})

t.test('what is encrypted', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const store = await openWhenReady(server.url, undefined, under([OLD]))
  t.teardown(() => store.close())

  await t.test('a session keeps its key when it is moved, and is bound by its seal alone', async (t) => {
    await put(store, ONE, { a: '1' })
    const before = await sealIn(server, ONE)
    const rotation = { ...ROTATION, newId: THIRD.id, subject: 'ada', boundTo: null }
    t.match(await store.rotate(ONE, rotation), { state: 'rotated', live: { record: { subject: 'ada' } } })
    const after = await sealIn(server, THIRD)
    t.ok(before)
    t.same(after?.valueKeyId, before?.valueKeyId)
    t.notSame(after?.placeMac, before?.placeMac)
    t.match(await store.rotate(THIRD, { ...ROTATION, newId: null, boundTo: 'bob' }), { state: 'other' })
    t.match(await store.rotate(THIRD, { ...ROTATION, newId: null, boundTo: 'ada' }), { state: 'rotated' })
  })

  await t.test('limits count the text, not its padding', async (t) => {
    const ref = { ...ONE, id: drawId() }
    const limits = { bytes: 20, keys: 10 }
    t.match(await put(store, ref, { a: '1234567890', b: '12345678' }, { limits }), { state: 'written' })
    t.match(await put(store, ref, { b: '123456789' }, { limits }), { state: 'limit', limit: 'bytes' })
    t.match(await put(store, ref, { b: '87654321' }, { limits }), { state: 'written' })
    t.match(await put(store, ref, { b: '123456789' }, { limits: { ...limits, bytes: 21 } }), { state: 'written' })
    t.match(await put(store, ref, { c: '1' }, { limits }), { state: 'limit' })
    t.match(await put(store, ref, { b: '12345678' }, { limits }), { state: 'written' }, 'what is over it may shrink')
  })

  await t.test('a writer that knows another key encrypts anew', async (t) => {
    const ref = { ...ONE, id: drawId() }
    const other = await openWhenReady(server.url, undefined, under([OLD]))
    t.teardown(() => other.close())
    await put(store, ref, { a: '1' })
    await store.end(ref, { credential: null, reason: 'deleted', tombstoneSeconds: 60 })
    await server.call('DEL', keysOf(ref).session)
    await put(other, ref, { b: '2' })
    t.match(await store.write(ref, aWrite({ set: texts({ c: '3' }) })), { state: 'written' })
    const found = await other.read(ref)
    if (found.state !== 'live') throw new Error('it is not there')
    t.strictSame(Object.fromEntries(found.settings), { b: '2', c: '3' })
  })

  await t.test('does not open in another place', async (t) => {
    const [from, to] = [
      { ...ONE, id: drawId() },
      { ...ONE, id: drawId() },
    ]
    await put(store, from, { role: '"guest"', theme: '"admin"' })
    await put(store, to, { role: '"admin"', theme: '"dark"' })
    const [one, two] = [keysOf(from).session, keysOf(to).session]
    const field = async (key: Buffer, name: string): Promise<Buffer> =>
      (await server.callBuffer('HGET', key, name)) as Buffer

    const [role, theme] = [await field(one, ':role'), await field(one, ':theme')]
    await server.call('HSET', one, ':role', theme, ':theme', role)
    t.match(await causeOf(store.read(from)), /does not open/, 'values that are swapped between keys')
    await server.call('HSET', one, ':role', await field(two, ':role'), ':theme', theme)
    t.match(await causeOf(store.read(from)), /does not open/, 'a value of another session')
    await server.call('HSET', one, ':role', role)
    t.match(await store.read(from), { state: 'live' }, 'as it was before')

    const record = await field(one, 'r')
    await server.call('HSET', one, 'r', await field(two, 'r'))
    t.match(await causeOf(store.read(from)), /made for another session/)
    t.match(await causeOf(put(store, from, { a: '1' })), /made for another session/)
    await server.call('HSET', one, 'r', record)
    t.match(await store.read(from), { state: 'live' })
  })

  await t.test('needs its keys', async (t) => {
    const { url } = server
    t.match(await causeOf(openWhenReady(url, undefined, under([NEW]), 1)), /encrypted under old, none of which/)
    t.match(await causeOf(openWhenReady(url, undefined, under([{ ...OLD, key: NEW.key }]), 1)), /does not open/)
    t.match(await causeOf(openWhenReady(url, undefined, undefined, 1)), /encrypted \(old\), and no encryption keys/)
    const required = await openWhenReady(url, undefined, under([OLD], { required: true }))
    t.teardown(() => required.close())
    const plain = { ...ONE, id: drawId() }
    const other = await startRedis()
    t.teardown(() => other.stop())
    await using(other, undefined, (store) => put(store, plain, { a: '1' }))
    const hash = (await other.callBuffer('HGETALL', keysOf(plain).session)) as Buffer[]
    await server.call('HSET', keysOf(plain).session, ...hash)
    t.match(await store.read(plain), { state: 'live' })
    t.match(await causeOf(required.read(plain)), /plain text, where encryption is required/)
    t.match(await causeOf(put(required, plain, { a: '2' })), /plain text, where encryption is required/)
  })

  await t.test('goes over to another master key, and its index key is put back if it is lost', async (t) => {
    await using(server, under([NEW, OLD]), async (both) => {
      t.ok((await reencryptAll(both)) > 0)
      t.equal((await sealIn(server, THIRD))?.kid, 'new')
    })
    await using(server, under([NEW]), async (fresh) => {
      t.match(await fresh.read(THIRD), { state: 'live', record: { subject: 'ada' } })
      await reencryptAll(fresh)
      await server.call('DEL', 'cc:{keys}:index-keys')
      t.match(
        await causeOf(openWhenReady(server.url, undefined, under([NEW]), 1)),
        /encrypted sessions and no index key/,
      )
      await fresh.secrets('signing-keys')
    })
    await using(server, under([NEW]), async (fresh) => t.match(await fresh.read(THIRD), { state: 'live' }))
  })
})
