/**
 * The conformance suite on Redis: one server, and a Cluster of one node, which refuses what crosses slots. The store has the
 * rights that docs/redis.md tells and no others, and needs each of them.
 */
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { createMasterKeys } from '../../../src/store/sealing/master-keys.ts'
import { allAtOnce } from '../../helpers/app.ts'
import { type DocumentedAcl, makeDocumentedUser } from '../../helpers/documented-acl.ts'
import { freePort, type RedisServer, startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'
import { conforms, openWhenReady } from './conforms.ts'

/** What `check` asks for, and can do without. */
const MAY_BE_REFUSED = new Set(['config|get'])

/** What is needed only while slots move from one node to another. */
const RARE = new Set(['asking'])

type Refusal = Readonly<Record<string, unknown>>

const refusals = async (admin: Redis, user: string): Promise<unknown[]> => {
  const log = (await admin.call('ACL', 'LOG', '1000')) as unknown[][]
  return log
    .map((entry): Refusal => Object.fromEntries(entry.flatMap((name, i) => (i % 2 ? [] : [[name, entry[i + 1]]]))))
    .filter(({ username, object }) => username === user && !MAY_BE_REFUSED.has(String(object)))
    .map(({ object }) => object)
}

const suite = async (
  t: Test,
  {
    server,
    admin,
    acl,
    urlFor,
  }: { server: RedisServer; admin: Redis; acl: DocumentedAcl; urlFor(who: string): string },
): Promise<void> => {
  const { user, password, rights } = await makeDocumentedUser(admin, acl)
  const url = urlFor(`${user}:${password}@127.0.0.1:${server.port}`)
  await admin.config('RESETSTAT')
  await conforms(t, url)
  const store = await openWhenReady(url)
  await store.addSecret('signing-keys', '1', 'a secret')
  t.strictSame([...(await store.secrets('signing-keys'))], [['1', 'a secret']])
  await store.close()

  t.strictSame(await refusals(admin, user), [], 'the documented rights are enough')
  const used = new Set(
    [...(await admin.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=[1-9]/gm)].map(([, name]) => name),
  )
  t.strictSame(
    rights.filter((right) => !used.has(right) && !RARE.has(right)),
    [],
    'and none of them is more than that',
  )
}

const onRedis = async (t: Test): Promise<void> => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const admin = new Redis(server.port)
  t.teardown(() => admin.disconnect())
  await suite(t, { server, admin, acl: 'redis', urlFor: (who) => `redis://${who}/1` })
}

const onCluster = async (t: Test): Promise<void> => {
  // Where the nodes of a Cluster talk, which would be 10,000 above its port, and may be taken.
  const bus = ['--cluster-port', String(await freePort())]
  const server = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', ...bus] })
  t.teardown(() => server.stop())
  const admin = new Redis(server.port)
  t.teardown(() => admin.disconnect())
  await admin.cluster('ADDSLOTSRANGE', 0, 16383)
  await until(async () => String(await admin.cluster('INFO')).includes('cluster_state:ok'), 'the Cluster is up')
  await suite(t, { server, admin, acl: 'cluster', urlFor: (who) => `redis+cluster://${who}` })
}

const KEYS = createMasterKeys([{ kid: 'one', key: Buffer.alloc(32, 7) }])

const encrypted = async (t: Test): Promise<void> => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  await conforms(t, server.url, undefined, { keys: KEYS, required: true })
}

await allAtOnce(t, [
  ['Redis', onRedis],
  ['Redis, encrypted', encrypted],
  ['a Cluster', onCluster],
])
