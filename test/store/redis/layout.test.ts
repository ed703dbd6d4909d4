/** Pins the stored layout, byte by byte: what this test sees is what a later version will find. */

import { Redis } from 'ioredis'
import t from 'tap'
import { idBytes, partitionOf } from '../../../src/store/layout/partition.ts'
import type { SessionRef, Write } from '../../../src/store/port.ts'
import { openRedisStore } from '../../../src/store/redis/store.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'

const ID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'
const PARTITION = '47'
const ref: SessionRef = { namespace: 'shop', id: ID }

const write: Write = {
  credential: null,
  create: 'if-missing',
  clocks: { idleTimeoutSeconds: 100, lifetimeSeconds: 1000 },
  subject: 'user-42',
  writes: true,
  use: true,
  limits: { bytes: 1000, keys: 10 },
}

t.test('partitions are FNV-1a over the 16 bytes, folded to one byte', async (t) => {
  t.equal(partitionOf(idBytes(ID)), PARTITION)
  t.equal(partitionOf(idBytes('00000000-0000-0000-0000-000000000000')), '1c')
  t.equal(partitionOf(idBytes('ffffffff-ffff-ffff-ffff-ffffffffffff')), 'bd')
})

t.test('a session in Redis', async (t) => {
  const server = await startRedis()
  const store = openRedisStore({ url: server.url })
  const redis = new Redis(server.port)
  t.teardown(async () => {
    redis.disconnect()
    await store.close()
    await server.stop()
  })
  const answers = () =>
    store.check().then(
      () => true,
      () => false,
    )
  await until(answers, 'the store answers')

  const session = Buffer.concat([Buffer.from(`cc:{${PARTITION}}:s:shop:`), idBytes(ID)])
  const member = Buffer.concat([Buffer.from('shop:'), idBytes(ID)])
  const repeat = { key: '0123456789abcdef0123456789abcdef', fingerprint: 'fedcba9876543210fedcba9876543210' }
  const outcome = Buffer.concat([Buffer.from(`cc:{${PARTITION}}:o:shop:`), Buffer.from(repeat.key, 'hex')])

  await t.test('live: a field r and a field for each key', async (t) => {
    const set = new Map([
      ['theme', '"dark"'],
      ['cart', '[1,  2]'],
    ])
    const written = await store.write(ref, { ...write, set, repeat, result: '7' })
    const found = await store.read(ref)
    if (written.state !== 'written' || found.state !== 'live') throw new Error('it was not written')
    const { record } = found

    const hash = await redis.hgetallBuffer(session)
    t.same(Object.keys(hash).sort(), [':cart', ':theme', 'r'])
    t.equal(String(hash[':theme']), '"dark"')
    t.equal(String(hash[':cart']), '[1,  2]')

    const packed = hash.r as Buffer
    t.equal(packed.length, 66 + 7)
    t.equal(packed[0], 1, 'layout version')
    t.equal(packed[1], 0, 'flags')
    t.equal(packed.toString('base64url', 2, 14), record.life)
    t.equal(packed.toString('base64url', 14, 26), record.gen)
    t.equal(packed.toString('base64url', 26, 32), written.version.tag)
    t.equal(packed.readUIntBE(32, 5), 1, 'revision')
    t.equal(packed.readUIntBE(37, 6), record.createdAt)
    t.equal(packed.readUIntBE(43, 6), record.createdAt, 'last use')
    t.equal(packed.readUIntBE(49, 6), record.createdAt + 1_000_000, 'absolute end')
    t.equal(packed.readUInt32BE(55), 100, 'idle timeout')
    t.equal(packed.readUInt32BE(59), 1000, 'lifetime')
    t.equal(packed.readUIntBE(63, 3), 'theme"dark"cart[1,  2]'.length, 'size')
    t.equal(String(packed.subarray(66)), 'user-42')

    const deadline = record.createdAt + 100_000 + 10_000
    t.equal(record.expiresAt, deadline)
    t.equal(await redis.pexpiretime(session), deadline)
    t.equal(await redis.zscore(`cc:{${PARTITION}}:x`, member), String(2 * deadline))

    const kept = (await redis.getBuffer(outcome)) as Buffer
    t.equal(kept.toString('hex', 0, 16), repeat.fingerprint)
    t.equal(kept.toString('base64url', 16, 22), written.version.tag)
    t.equal(kept.readUIntBE(22, 5), 1)
    t.equal(kept[27], 3, 'changed and began')
    t.equal(kept.readUIntBE(28, 3), 2, 'keys added')
    t.equal(kept.toString('hex', 31, 47), idBytes(ID).toString('hex'))
    t.equal(kept.readUInt32BE(47), 0, 'no text taken')
    t.equal(String(kept.subarray(51)), '7')
    const ttl = await redis.pttl(outcome)
    t.ok(ttl > 50_000 && ttl <= 60_000, 'kept for 60 s')
  })

  await t.test('version 2 has when it was bound, and keeps what a later release has put there', async (t) => {
    const other = { namespace: 'shop', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
    const key = Buffer.concat([Buffer.from('cc:{bd}:s:shop:'), idBytes(other.id)])
    const record = async () => (await redis.hgetBuffer(key, 'r')) as Buffer
    await store.write(other, { ...write, keepsBoundAt: true })
    const packed = await record()
    t.same([...packed.subarray(0, 2)], [2, 0], 'version and flags')
    t.equal(packed.readUIntBE(66, 6), packed.readUIntBE(37, 6), 'bound when it began')
    t.equal(String(packed.subarray(72)), 'user-42')

    // Flag 4: deadlines of keys, which this release does not heed.
    const deadlines = Buffer.concat([Buffer.from('000004', 'hex'), Buffer.from('late')])
    const later = Buffer.concat([packed.subarray(0, 72), deadlines, packed.subarray(72)])
    later[1] = 4
    await redis.hset(key, 'r', later)
    await store.write(other, { ...write, set: new Map([['a', '1']]) })
    await store.revoke(other)
    const after = await record()
    t.same([...after.subarray(0, 2)], [2, 4])
    t.equal(after.toString('hex', 66), later.toString('hex', 66))
    t.match(await store.read(other), { record: { subject: 'user-42', revision: 2 } })

    // Flag 2: encrypted, which nobody opens without keys; yet every credential of it can be made void.
    later[1] = 2
    await redis.hset(key, 'r', later)
    await t.rejects(store.read(other))
    await t.rejects(store.write(other, write))
    await t.rejects(store.touch(other, null))
    t.same(await record(), later)
    t.match(await store.revoke(other), { state: 'revoked' })
    const revoked = await record()
    t.same([...revoked.subarray(0, 2)], [2, 2])
    t.equal(revoked.toString('hex', 66), later.toString('hex', 66))
    await redis.del(key)
  })

  await t.test('what counts for a limit stands beside the list', async (t) => {
    const admission = { id: ID, replaced: null, most: 2, keepSeconds: 60, lifetimeSeconds: 3600, counted: [] }
    await store.admit({ namespace: 'shop', subject: 'ada' }, admission)
    const [id, keepUntil] = (await redis.zrangeBuffer('cc:{6d}:a:shop:ada', '0', '-1', 'WITHSCORES')) as [
      Buffer,
      Buffer,
    ]
    t.same(id, idBytes(ID))
    t.equal((await redis.pexpiretime('cc:{6d}:a:shop:ada')) - Number(String(keepUntil)), 3_540_000)
  })

  await t.test('the score is odd where the deadline is the absolute end', async (t) => {
    const other = { namespace: 'shop', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
    await store.write(other, { ...write, clocks: { idleTimeoutSeconds: 1000, lifetimeSeconds: 100 } })
    const found = await store.read(other)
    if (found.state !== 'live') throw new Error('it was not written')
    const score = await redis.zscore('cc:{bd}:x', Buffer.concat([Buffer.from('shop:'), idBytes(other.id)]))
    t.equal(score, String(2 * found.record.endsAt + 1))
  })

  await t.test('a hand-off and a list', async (t) => {
    const hash = 'ab'.repeat(32)
    const newId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    const handoff = { sessionId: ID, life: 'AAECAwQFBgcICQoL', payload: '{}', bind: { subject: 'ada', newId } }
    await store.addHandoff({ namespace: 'shop', partition: PARTITION, hash }, handoff, 60)
    const code = Buffer.concat([Buffer.from(`cc:{${PARTITION}}:h:shop:`), Buffer.from(hash, 'hex')])
    const packed = [
      '0103',
      idBytes(ID).toString('hex'),
      '000102030405060708090a0b',
      'ff'.repeat(16),
      '0003616461',
      '7b7d',
    ]
    t.equal((await redis.getBuffer(code))?.toString('hex'), packed.join(''))
    const left = await redis.pttl(code)
    t.ok(left > 50_000 && left <= 60_000)

    await store.list({ namespace: 'shop', subject: 'ada' }, { id: ID, keepSeconds: 60, lifetimeSeconds: 3600 })
    const list = 'cc:{6d}:u:shop:ada'
    const [id, keepUntil] = (await redis.zrangeBuffer(list, '0', '-1', 'WITHSCORES')) as [Buffer, Buffer]
    t.same(id, idBytes(ID))
    const end = await redis.pexpiretime(list)
    t.equal(end - Number(String(keepUntil)), 3_540_000)
    await store.list({ namespace: 'shop', subject: 'ada' }, { id: newId, keepSeconds: 60, lifetimeSeconds: 60 })
    t.equal(await redis.pexpiretime(list), end, 'as long as the last of its sessions')
  })

  await t.test('gone: a field t alone', async (t) => {
    const before = await store.read(ref)
    await store.end(ref, { credential: null, reason: 'rotated', tombstoneSeconds: 500 })
    const gone = await store.read(ref)
    if (before.state !== 'live' || gone.state !== 'gone') throw new Error('it was not ended')
    const hash = await redis.hgetallBuffer(session)
    t.same(Object.keys(hash), ['t'])
    const packed = hash.t as Buffer
    t.same([...packed.subarray(0, 2)], [1, 2], 'version, and rotated')
    t.equal(packed.readUIntBE(2, 6), gone.endedAt)
    t.equal(packed.toString('base64url', 8, 20), before.record.life)
    t.equal(packed.length, 20)
    t.equal(await redis.pexpiretime(session), gone.endedAt + 500_000)
    t.equal(await redis.zscore(`cc:{${PARTITION}}:x`, member), null)
  })
})
