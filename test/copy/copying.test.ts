/** A store is copied from LMDB to Redis, and on to a Cluster, with everything in it. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type CopyOptions, CopyRefused, copyStore, reopenStore } from '../../src/process/copy-steps.ts'
import { markSource, readMarks } from '../../src/store/copy-mark.ts'
import { openTransfer } from '../../src/store/open.ts'
import { StoreUnavailable } from '../../src/store/port.ts'
import type { Item, Transfer } from '../../src/store/transfer.ts'
import { documentedAcl } from '../helpers/documented-acl.ts'
import { STEADY_CLUSTER, startCluster } from '../helpers/redis-cluster.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'
import { folder } from '../scripts/project.ts'
import { itemsIn, putEverything, putMany, seenIn } from './everything.ts'

const place = folder(t)
const lmdb = (name: string): string => `lmdb:${join(place, name)}`
const redis = await startRedis()
t.teardown(() => redis.stop())

const open = async (t: Test, url: string): Promise<Transfer> => {
  const transfer = await openTransfer({ url })
  t.teardown(() => transfer.close())
  await until(
    () =>
      transfer.store.check().then(
        ({ away }) => away.length === 0,
        () => false,
      ),
    'the store is there',
  )
  return transfer
}
const db = (number: number): string => `${redis.url}/${number}`
/** Nobody serves, so nobody has to see the mark. */
const copy = (from: Transfer, to: Transfer, more: Partial<CopyOptions> = {}) =>
  copyStore({ from, to, waitMs: 0, ...more })
const refused = (t: Test, copying: Promise<unknown>, why: RegExp): Promise<unknown> =>
  t.rejects(copying, { message: why }).then(() => copying.catch((error) => t.ok(error instanceof CopyRefused)))

/** Puts that fail after so many, as of a process that was killed. */
const breakingAfter = (to: Transfer, puts: number): Transfer => {
  let left = puts
  return { ...to, put: async (lot) => (left-- > 0 ? to.put(lot) : Promise.reject(new Error('killed'))) }
}

t.test('everything goes along, from LMDB to Redis to a Cluster and back', async (t) => {
  const embedded = await open(t, lmdb('everything'))
  const everything = await putEverything(embedded.store)
  const seen = await seenIn(embedded.store, everything)
  const items = await itemsIn(embedded)
  const kinds = new Set(items.map((text) => /"kind","(\w+)"/.exec(text)?.[1]))
  t.equal(kinds.size, 7, 'there is something of each kind')

  const { rules, password } = documentedAcl('redis')
  await redis.call('ACL', 'SETUSER', 'copier', ...rules, '+scan', '+pexpiretime')
  const one = await open(t, `redis://copier:${password}@127.0.0.1:${redis.port}`)
  const first = await copy(embedded, one)
  t.strictSame(first.source, first.target)
  t.ok(first.source.session > 8 && first.source.tombstone === 3 && first.source.secret === 3)
  t.strictSame(await itemsIn(one), items)
  t.strictSame(await seenIn(one.store, everything), seen)

  const acl = documentedAcl('cluster')
  const words = `${acl.words} +scan +pexpiretime +cluster|nodes`
  const cluster = await startCluster(t, { ...STEADY_CLUSTER, acl: [words] })
  const many = await open(t, cluster.urlAs(acl.user, acl.password))
  await t.test('slots that are on the move stop the copy', async (t) => {
    const [from, to] = [await cluster.masterOf(0), await cluster.masterOf(16_383)]
    const move = await cluster.begin(0, from, to)
    await t.rejects(copy(one, many), { message: /Slots of the Cluster are on the move/ })
    t.equal((await readMarks(one.store)).source, undefined, 'and nothing is closed for it')
    await move.finish()
    await cluster.settled()
    const moving = copy(one, {
      ...many,
      put: async (lot) => {
        await many.put(lot)
        await cluster.move(0, to, from)
      },
    })
    await t.rejects(moving, { message: /slots were moved while|on the move/ })
  })
  await copy(one, many)
  t.strictSame(await itemsIn(many), items)
  t.strictSame(await seenIn(many.store, everything), seen)

  const back = await open(t, lmdb('back'))
  await copy(many, back)
  t.strictSame(await itemsIn(back), items)
  t.strictSame(await seenIn(back.store, everything), seen)
  t.equal((await readMarks(many.store)).source?.is, 'moved')
  t.strictSame(await readMarks(back.store), { source: undefined, target: undefined })
})

t.test('broken off at any moment and run again, the target is equal, deletions included', async (t) => {
  const rounds = Number(process.env.COPY_ROUNDS ?? 3)
  for (let round = 0; round < rounds; round++) {
    await redis.call('FLUSHALL')
    const from = round % 2 === 0 ? await open(t, lmdb(`broken-${round}`)) : await open(t, db(1))
    const to = round % 2 === 0 ? await open(t, db(2)) : await open(t, lmdb(`broken-to-${round}`))
    const { sessions } = await putEverything(from.store)
    await putMany(from, 700)
    const puts = Math.floor(Math.random() * 7)
    await t.rejects(copy(from, breakingAfter(to, puts)), { message: 'killed' })
    await reopenStore(from.store)
    for (const ref of sessions.slice(0, 5)) {
      await from.store.end(ref, { credential: null, reason: 'deleted', tombstoneSeconds: 900 })
    }
    await from.store.removeSecret('signing-keys', '1')
    if (round > 1) await t.rejects(copy(from, breakingAfter(to, puts)), { message: 'killed' })
    const { source, target } = await copy(from, to)
    t.strictSame(source, target, `broken off after ${puts} puts`)
    t.strictSame(await itemsIn(to), await itemsIn(from))
    await from.close()
    await to.close()
  }
})

t.test('a wrong target is refused, and the source stays open', async (t) => {
  await redis.call('FLUSHALL')
  const [from, to] = [await open(t, db(3)), await open(t, db(4))]
  await putMany(from, 10)
  const key = 'cc:{00}:x'
  const isOpen = async (): Promise<boolean> => (await readMarks(from.store)).source === undefined

  await to.store.addSecret('signing-keys', '1', '{}')
  await refused(t, copy(from, to), /^The target is not empty/)
  t.ok(await isOpen(), 'a store on which a service has run')
  t.equal((await to.store.secrets('signing-keys')).size, 1)
  await to.store.removeSecret('signing-keys', '1')

  await refused(t, copy(from, from), /^The target is not empty/)
  const nothing = await open(t, db(5))
  await refused(t, copy(nothing, await open(t, db(5))), /^Both name the same store/)
  t.strictSame(await readMarks(nothing.store), { source: undefined, target: undefined })

  const other = await open(t, lmdb('other'))
  await t.rejects(copy(other, breakingAfter(to, 0)), { message: 'killed' }).catch(() => {})
  await putMany(other, 10)
  await t.rejects(copy(other, breakingAfter(to, 0)), { message: 'killed' })
  await refused(t, copy(from, to), /^The target was begun by another copy/)
  t.ok(await isOpen())
  await refused(t, copy(to, nothing), /^The source is the target of a copy that is not finished/)
  await refused(t, reopenStore(to.store), /stays closed/)
  await refused(t, reopenStore(from.store), /not closed by a copy/)

  const ahead = { ...from, aheadMs: async () => [1200] }
  await refused(t, copy(ahead, nothing), /^The times of the stores differ by 1[12]\d\d ms/)
  await t.rejects(copy({ ...from, servers: () => Promise.reject(new StoreUnavailable()) }, nothing), StoreUnavailable)
  t.ok(await isOpen())
  await redis.call('SELECT', 3)
  await redis.call('SET', key.replace(':x', ':z'), 'of a later version')
  await redis.call('SELECT', 0)
  await t.rejects(copy(from, nothing), { message: /keys of Coatcheck that this version does not know/ })
})

t.test('what goes wrong meanwhile stops the copy, and the target stays marked', async (t) => {
  await redis.call('FLUSHALL')
  const [from, to] = [await open(t, db(6)), await open(t, db(7))]
  await putMany(from, 300)
  const during = (what: () => Promise<unknown>): Transfer => {
    let isDone = false
    const put = async (lot: readonly Item[]): Promise<void> => {
      await to.put(lot)
      if (!isDone) await what()
      isDone = true
    }
    return { ...to, put }
  }
  const stays = async (): Promise<void> => {
    const [source, target] = [await readMarks(from.store), await readMarks(to.store)]
    t.strictSame([source.source?.is, target.target?.copy], ['closed', source.source?.copy])
  }
  const write = async (): Promise<void> => {
    const clocks = { idleTimeoutSeconds: 600, lifetimeSeconds: 600 }
    const rest = { credential: null, create: 'if-missing', use: true, limits: { bytes: 100, keys: 9 } } as const
    await from.store.write({ namespace: 'shop', id: randomUUID() }, { ...rest, clocks, writes: true })
  }
  await refused(t, copy(from, during(write)), /^Something still writes/)
  await stays()
  const losing = during(async () => {
    await redis.call('SELECT', 7)
    const [, keys] = (await redis.callBuffer('SCAN', 0, 'MATCH', 'cc:{*}:s:*', 'COUNT', 10_000)) as [Buffer, Buffer[]]
    await redis.callBuffer('DEL', keys[0] as Buffer)
    await redis.call('SELECT', 0)
  })
  await refused(t, copy(from, losing), /^The two stores do not hold the same/)
  await stays()
  let runs = 0
  const restarted = { ...to, servers: async () => `${runs++}` }
  await refused(t, copy(from, restarted), /^A server was restarted/)
  await stays()
  const second = during(() => copy(from, to))
  await refused(t, copy(from, second), /^Another run of this copy has begun/)
})

t.test('it waits until every replica must have seen the mark, and once only', async (t) => {
  await redis.call('FLUSHALL')
  const [from, to] = [await open(t, db(8)), await open(t, db(9))]
  await putMany(from, 5)
  const began = performance.now()
  await copy(from, to, { waitMs: 700 })
  t.ok(performance.now() - began > 650)
  await redis.call('SELECT', 9)
  await redis.call('FLUSHDB')
  await redis.call('SELECT', 0)
  const source = (await readMarks(from.store)).source
  if (source) await markSource(from.store, { ...source, is: 'closed' })
  const again = performance.now()
  await copy(from, to, { waitMs: 700 })
  t.ok(performance.now() - again < 650)
})
