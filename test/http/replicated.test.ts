/**
 * Durability as a choice: in one namespace a call is answered once a replica of Redis has what it did, in another one at once.
 * Between the master and its replica stands a line that can be slow, or carry nothing.
 */
import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { idBytes } from '../../src/store/layout/partition.ts'
import { listKey } from '../../src/store/redis/keys.ts'
import { openRedisStore } from '../../src/store/redis/store.ts'
import { type FaultProxy, startFaultProxy } from '../faults/proxy.ts'
import { type Answer, type Api, idOf, KEYS, newSession, POLICY, serve } from '../helpers/app.ts'
import { counted, resetCommands } from '../helpers/redis-commands.ts'
import { documentedAcl } from '../helpers/documented-acl.ts'
import { REPLICATION } from '../helpers/redis-group.ts'
import { type RedisServer, startRedis } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'

const KEY = { shop: KEYS.shop, blog: KEYS.blog } as const
/** `blog` is as ever. */
const isFor = (namespace: string): boolean => namespace === 'shop'

type Many = { readonly copies?: number; readonly code: string; readonly access_token: string; readonly ended: number }
const many = ({ json }: Answer): Many => json as unknown as Many

const start = async (
  t: Test,
): Promise<{ master: RedisServer; replica: RedisServer; line: FaultProxy; open: () => Promise<Api> }> => {
  const master = await startRedis({ lines: REPLICATION })
  t.teardown(() => master.stop())
  const line = await startFaultProxy(t, { port: master.port })
  const replica = await startRedis({ lines: [...REPLICATION, `replicaof 127.0.0.1 ${line.port}`] })
  t.teardown(() => replica.stop())
  const follows = async (): Promise<boolean> =>
    String(await replica.call('INFO', 'replication')).includes('master_link_status:up')
  await until(follows, 'the replica follows')
  const policyOf = (namespace: string) => ({
    ...POLICY,
    durability: isFor(namespace) ? ('replicated' as const) : ('acknowledged' as const),
  })
  const open = async (): Promise<Api> => {
    const store = openRedisStore({ url: master.url, copies: { needed: 1, isFor } })
    t.teardown(() => store.close())
    await until(
      () =>
        store.check().then(
          () => true,
          () => false,
        ),
      'the store answers',
    )
    return serve(t, store, { policyOf })
  }
  return { master, replica, line, open }
}

const begun = async ({ call }: Api, key: string = KEY.shop): Promise<string> => {
  const session = newSession()
  await call('PATCH', `${session}/settings`, { body: { n: 1, once: 'x' }, key })
  return session
}

const mint = async ({ call }: Api, session: string): Promise<string> =>
  many(await call('POST', `${session}/tokens`, { body: { keys: { read: ['*'] } } })).access_token

t.test('what a replica has to have is waited for', async (t) => {
  const { master, replica, line, open } = await start(t)
  const api = await open()
  const { call } = api

  await t.test('and nothing else is', async (t) => {
    await resetCommands(master)
    const other = await begun(api, KEY.blog)
    await call('DELETE', other, { key: KEY.blog })
    const session = await begun(api)
    const before = (await counted(master)).wait
    await call('GET', session)
    await call('POST', `${session}/touch`)
    t.equal(before, 1, 'one write of the one namespace')
    t.equal((await counted(master)).wait, before, 'no read, no use')
  })

  await t.test('for as long as the replica is behind', async (t) => {
    const [session, other, moving] = [await begun(api), await begun(api, KEY.blog), await begun(api)]
    await line.set({ kind: 'latency', ms: 100 })
    const ends: string[] = []
    const asked = performance.now()
    const end = async (path: string, key: string): Promise<number> => {
      const { status } = await call('DELETE', path, { key })
      ends.push(path)
      return status
    }
    t.strictSame(await Promise.all([end(session, KEY.shop), end(other, KEY.blog)]), [204, 204])
    t.strictSame(ends, [other, session], 'the other namespace waits for nobody')
    t.ok(performance.now() - asked >= 180, 'there and back')
    const rotated = await call('POST', `${moving}/rotate`, { body: { subject: 'sam' } })
    t.strictSame([rotated.status, many(rotated).copies], [201, 1])
    t.notOk('copies' in (await call('POST', `${newSession()}/rotate`, { body: {}, key: KEY.blog })).json)

    await resetCommands(master)
    const all = await Promise.all(Array.from({ length: 50 }, () => begun(api)))
    t.equal(all.length, 50)
    t.ok(((await counted(master)).wait ?? 0) < 6, 'many at once wait together')
    await line.set({ kind: 'pass' })
  })

  await t.test('and where it does not come, the answer says so and the call can be sent again', async (t) => {
    const another = await open()
    const [deleted, moving, revoked, void_, counting, taken, handing] = await Promise.all(
      Array.from({ length: 7 }, () => begun(api)),
    )
    const other = await begun(api, KEY.blog)
    const bound = await Promise.all(
      [1, 2].map(() => call('POST', '/v1/sessions', { body: { subject: 'kim', settings: { a: 1 } } })),
    )
    // As if their log-ins were long ago: then whoever lists them drops what is over.
    const list = listKey({ namespace: 'shop', subject: 'kim' })
    for (const { json } of bound) await master.call('ZADD', list, 'XX', 1, idBytes(json.id))
    const token = await mint(api, void_ as string)
    const { code } = many(await call('POST', `${handing}/handoffs`, { body: { subject: 'joe', payload: 1 } }))
    const repeated = { headers: { 'idempotency-key': randomUUID() } }
    const calls: Readonly<Record<string, Parameters<Api['call']>>> = {
      'a log-out': ['DELETE', deleted as string],
      'a revocation': ['DELETE', `${revoked}/tokens`],
      'a token made void': [
        'POST',
        '/v1/revoke',
        { text: `token=${token}`, type: 'application/x-www-form-urlencoded' },
      ],
      'a log-out everywhere': ['DELETE', '/v1/subjects/kim/sessions'],
      'a count': ['POST', `${counting}/settings/n/increment`, repeated],
      'a one-time value': ['POST', `${taken}/settings/once/take`, repeated],
    }
    const rotate: Parameters<Api['call']> = ['POST', `${moving}/rotate`, { body: { subject: 'sam' }, ...repeated }]
    const redeem: Parameters<Api['call']> = [
      'POST',
      '/v1/handoffs/redeem',
      { body: { code, sessionId: idOf(handing as string) }, ...repeated },
    ]

    await line.set({ kind: 'blackHole', swallows: 'both' })
    const asked = performance.now()
    // The other replica of the service has written nothing yet: what it finds done already counts for it all the same.
    for (const by of [api, another]) {
      const answers = await Promise.all(
        Object.entries(calls).map(async ([name, one]) => [name, await by.call(...one)] as const),
      )
      for (const [name, { status, json, headers }] of answers) {
        t.strictSame([status, json.code], [503, 'not_replicated'], name)
        t.match(headers['retry-after'], /^\d+$/)
      }
      // Who lists the sessions meanwhile heals the list. Those that were ended must be found again.
      t.equal((await by.call('GET', '/v1/subjects/kim/sessions')).text, '{"sessions":[]}')
    }
    t.ok(performance.now() - asked < 4000, 'each is answered in time')
    t.equal((await call('GET', deleted as string)).json.reason, 'deleted', 'it is done here')
    t.equal((await call('GET', `/v1/sessions/${bound[0]?.json.id}`)).json.reason, 'revoked')
    const [moved, redeemed, foreign] = await Promise.all([
      call(...rotate),
      call(...redeem),
      call('DELETE', other, { key: KEY.blog }),
    ])
    t.strictSame([moved.status, many(moved).copies], [201, 0], 'the new id is not lost')
    t.strictSame([redeemed.status, many(redeemed).copies], [200, 0], 'here neither')
    t.equal((await call('GET', `/v1/sessions/${moved.json.id}/settings`)).status, 200)
    t.equal(foreign.status, 204, 'the other namespace goes on')

    // From Redis 7.2 on WAIT counts only what its connection has written. So what is there already is written again.
    const written = async (): Promise<number> => (await counted(master)).pexpireat ?? 0
    const before = await written()
    await another.call('DELETE', deleted as string)
    t.equal(await written(), before + 1)

    await line.set({ kind: 'pass' })
    const later = async (name: string, answer: unknown): Promise<void> => {
      const asks = async (): Promise<boolean> => {
        const { status, text } = await another.call(...(calls[name] as Parameters<Api['call']>))
        if (status === 503) return false
        t.strictSame([status, text], answer, name)
        return true
      }
      await until(asks, `${name} is confirmed`)
    }
    await later('a log-out', [204, ''])
    await later('a revocation', [204, ''])
    await later('a token made void', [200, ''])
    await later('a log-out everywhere', [200, '{"ended":0}'])
    await later('a count', [200, '{"value":2}'])
    await later('a one-time value', [200, '{"value":"x"}'])
    for (const [first, again] of [
      [moved.json.id, await another.call(...rotate)],
      [(redeemed.json as unknown as { session: { id: string } }).session.id, await another.call(...redeem)],
    ] as const) {
      const { session = again.json } = again.json as unknown as { session?: { id: string } }
      t.strictSame([session.id, many(again).copies], [first, 1], 'the same rotation, and now it is there')
    }
    await resetCommands(replica)
    await another.call('DELETE', deleted as string)
    t.equal((await counted(replica)).pexpireat, 1, 'a replica gets what is written again')
  })
})

t.test('it takes two rights more, and says which', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { user, password, rules } = documentedAcl('redis')
  await redis.call('ACL', 'SETUSER', user, ...rules)
  const url = `redis://${user}:${password}@127.0.0.1:${redis.port}`
  const store = openRedisStore({ url, copies: { needed: 1, isFor } })
  t.teardown(() => store.close())
  const said = (): Promise<string> =>
    store.check().then(
      () => 'well',
      ({ message }: Error) => message,
    )
  await until(async () => /NOPERM: its user may not run wait, pexpiretime/.test(await said()), 'the rights are named')
  await redis.call('ACL', 'SETUSER', user, '+wait', '+pexpiretime')
  await until(async () => (await said()) === 'well', 'it serves')
})
