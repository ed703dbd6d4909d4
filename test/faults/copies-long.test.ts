/** Durability `replicated` on a Cluster: the conformance suite by its connections, and slots that move meanwhile. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { NotReplicated, type Store } from '../../src/store/port.ts'
import { openRedisStore } from '../../src/store/redis/store.ts'
import { conformance } from '../conformance/index.ts'
import { documentedAcl } from '../helpers/documented-acl.ts'
import { STEADY_CLUSTER, startCluster } from '../helpers/redis-cluster.ts'
import { until } from '../helpers/until.ts'

/** As docs/redis.md says. */
const MORE_RIGHTS = '+wait +pexpiretime'

const openAt = async (url: string): Promise<Store> => {
  const store = openRedisStore({ url, copies: { needed: 1, isFor: () => true } })
  await until(
    () =>
      store.check().then(
        () => true,
        () => false,
      ),
    'the store answers',
  )
  return store
}

t.test('a Cluster whose writes must be on a replica', async (t) => {
  const { user, password, words } = documentedAcl('cluster')
  const cluster = await startCluster(t, { ...STEADY_CLUSTER, acl: [`${words} ${MORE_RIGHTS}`] })
  const url = cluster.urlAs(user, password)
  await conformance(t, { open: () => openAt(url), elapse: (ms) => delay(ms), replicas: 2 })

  await t.test('slots move, and what was answered is there', async (t) => {
    const store = await openAt(url)
    t.teardown(() => store.close())
    const [from, to] = cluster.servers
    const answered: string[] = []
    const unconfirmed: string[] = []
    let isMoving = true
    const write = async (): Promise<void> => {
      const id = randomUUID()
      await store
        .write(
          { namespace: 'shop', id },
          {
            ...{ credential: null, create: 'must-be-missing', writes: true, use: true },
            clocks: { idleTimeoutSeconds: 1000, lifetimeSeconds: 1000 },
            limits: { bytes: 1000, keys: 10 },
          },
        )
        .then(
          () => answered.push(id),
          (error) => {
            if (!(error instanceof NotReplicated)) throw error
            unconfirmed.push(id)
          },
        )
    }
    const writing = Array.from({ length: 8 }, async () => {
      while (isMoving) await write()
    })
    if (!from || !to) throw new Error('There are masters.')
    for (let i = 0; i < 3; i++) {
      await cluster.move(1000, from, to)
      await cluster.move(1000, to, from)
    }
    isMoving = false
    await Promise.all(writing)
    const found = await Promise.all([...answered, ...unconfirmed].map((id) => store.read({ namespace: 'shop', id })))
    t.ok(
      found.every(({ state }) => state === 'live'),
      'all of it is there',
    )
    t.ok(answered.length > 100, `${answered.length} confirmed`)
    t.equal(unconfirmed.length, 0, 'and none was not confirmed for that')
  })
})
