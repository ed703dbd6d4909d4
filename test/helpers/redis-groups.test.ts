/** That the groups of Redis which tests are given do what groups of Redis do: fail over, move slots, and ask for passwords. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Cluster, Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { allAtOnce } from './app.ts'
import { certifiedFolder } from './proxy.ts'
import { startCluster } from './redis-cluster.ts'
import { startSentinels } from './redis-sentinel.ts'
import { type RedisServer, tlsIn } from './redis-server.ts'
import { until } from './until.ts'

const WAYS = {
  killed: { harm: (server: RedisServer) => server.kill(), mend: (server: RedisServer) => server.start() },
  frozen: { harm: (server: RedisServer) => server.freeze(), mend: (server: RedisServer) => server.thaw() },
}

/** That what two replicas, or one, have is still there after each kind of fail-over, and that the old master follows then. */
const failsOver = async (
  t: Test,
  group: Pick<Awaited<ReturnType<typeof startSentinels>>, 'promoted' | 'settled'>,
  { master, replicas, key }: { master(): Promise<RedisServer>; replicas: number; key: string },
) => {
  for (const [way, { harm, mend }] of Object.entries(WAYS)) {
    const old = await master()
    await old.call('SET', key, way)
    t.equal(await old.call('WAIT', replicas, 1000), replicas, 'the replicas have it')
    const harmedAt = performance.now()
    await harm(old)
    const { server, at } = await group.promoted(old)
    t.not(server, old, `another server is the master after the first was ${way}`)
    t.ok(at > harmedAt)
    t.equal(await master(), server)
    t.equal(await server.call('GET', key), way)
    await mend(old)
    await group.settled()
    t.equal(((await old.call('ROLE')) as string[])[0], 'slave', 'the former master follows')
  }
}

const sentinelsPromote = async (t: Test): Promise<void> => {
  const group = await startSentinels(t)
  t.equal(await group.master(), group.servers[0])
  t.strictSame(await group.replicas(), group.servers.slice(1))
  await failsOver(t, group, { master: group.master, replicas: 2, key: 'a' })

  // A Sentinel that says nothing keeps nobody waiting.
  group.sentinels[0]?.freeze()
  const old = await group.master()
  await old.kill()
  t.not((await group.promoted(old)).server, old)
}

const clusterPromotes = async (t: Test): Promise<void> => {
  const cluster = await startCluster(t)
  const slot = Number(await cluster.servers[0]?.call('CLUSTER', 'KEYSLOT', 'a'))
  const master = () => cluster.masterOf(slot)
  const first = await master()
  const slots = await cluster.slotsOf(first)
  t.strictSame(await cluster.slotsOf(await cluster.replicaOf(first)), [])
  await failsOver(t, cluster, { master, replicas: 1, key: 'a' })
  t.strictSame(await cluster.slotsOf(await master()), slots)
}

const slotMoves = async (t: Test): Promise<void> => {
  const { servers, masterOf, move, begin, promoted, settled, slotsOf } = await startCluster(t)
  const client = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })))
  t.teardown(() => client.disconnect())
  const keys = Array.from({ length: 300 }, (_, at) => Buffer.from(`{slot}\xff${at}`, 'latin1'))
  const slot = await client.cluster('KEYSLOT', 'slot')
  const counts = keys.map(() => 0)
  let isOver = false
  const write = async (from: number): Promise<void> => {
    for (let at = from; !isOver; at = (at + 7) % keys.length) {
      await client.incr(keys[at] as Buffer)
      counts[at] = (counts[at] as number) + 1
    }
  }
  const writing = Promise.all(Array.from({ length: 7 }, (_, at) => write(at)))
  await until(() => counts.every((count) => count > 0), 'every key is there')

  const from = await masterOf(slot)
  const [to, third] = servers.slice(0, 3).filter((one) => one !== from) as [RedisServer, RedisServer]
  await move([slot - 20, slot + 20], from, to)
  t.equal(await masterOf(slot), to)
  await move(slot, to, third)
  t.equal(await masterOf(slot), third)

  const half = await begin(slot, third, from)
  t.equal(await half.keys(100), 100)
  const [there, here] = await Promise.all([third, from].map((one) => one.call('CLUSTER', 'COUNTKEYSINSLOT', slot)))
  t.strictSame([there, here], [200, 100], 'some keys are here, and some are there')
  t.equal(await masterOf(slot), third, 'and the slot is where it was')
  const moved = String(await from.callBuffer('CLUSTER', 'GETKEYSINSLOT', slot, 1))
  await t.rejects(third.call('GET', moved), /^ASK /)
  const before = [...counts]
  await until(() => counts.every((count, at) => count > (before[at] as number)), 'each key is written to meanwhile')
  await half.finish()
  t.equal(await masterOf(slot), from)

  isOver = true
  await writing
  const values = await Promise.all(keys.map((key) => client.get(key)))
  t.strictSame(values.map(Number), counts)
  await settled()
  t.equal((await slotsOf(to)).flat().includes(slot - 20), true, 'the slots beside it stay where they were moved to')

  await from.kill()
  const { server } = await promoted(from)
  t.equal(await server.call('CLUSTER', 'COUNTKEYSINSLOT', slot), keys.length, 'the replica has the keys that came')
}

const ACL = ['coatcheck on >a-long-password ~cc:* &* +@all']

const speakTls = async (t: Test): Promise<void> => {
  const files = tlsIn(await certifiedFolder(t), true)
  const options = { tls: files, password: 'a password', acl: ACL }
  const group = await startSentinels(t, { ...options, sentinelPassword: 'another' })
  t.match(group.url, /^rediss\+sentinel:\/\/:a%20password@(127\.0\.0\.1:\d+,?){3}\/main\?sentinelPassword=another$/)
  t.match(group.urlAs('coatcheck', 'a-long-password'), /^rediss\+sentinel:\/\/coatcheck:a-long-password@127/)
  const cluster = await startCluster(t, options)
  t.match(cluster.url, /^rediss\+cluster:\/\/:a%20password@(127\.0\.0\.1:\d+,?){6}$/)
  for (const server of [...group.servers, ...cluster.servers]) {
    const plain = new Redis({ port: server.port, retryStrategy: () => null, lazyConnect: true })
    plain.on('error', () => {})
    await t.rejects(plain.ping(), 'nobody is served without TLS')
    t.match(
      await server.call('ACL', 'LIST'),
      ['user coatcheck on', 'user default on', 'user staff'].map((user) => RegExp(user)),
    )
    t.match(await server.call('CONFIG', 'GET', 'tls-auth-clients'), ['tls-auth-clients', 'yes'])
  }

  const [from, to] = cluster.servers as [RedisServer, RedisServer]
  await from.call('SET', '{06S}', 'it moves')
  t.equal(await from.call('CLUSTER', 'KEYSLOT', '{06S}'), 0)
  await cluster.move(0, from, to)
  t.equal(await to.call('GET', '{06S}'), 'it moves')

  for (const one of [group, cluster]) {
    const master = one.servers[0] as RedisServer
    await master.kill()
    t.not((await one.promoted(master)).server, master)
  }
}

/** Leads to a server on a port of its own, until it is cut. */
const startProxies = (t: Test) => {
  const all = new Map<number, { readonly port: number; cut(): void }>()
  const announce = async (_: number, port: number): Promise<number> => {
    const open = new Set<Socket>()
    let isCut = false
    const proxy = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const one of [near, far]) {
        open.add(one)
        one.on('error', () => {}).on('close', () => [near, far].map((each) => each.destroy()))
      }
      if (isCut) near.destroy()
      else near.pipe(far).pipe(near)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const cut = (): void => {
      isCut = true
      for (const one of open) one.destroy()
    }
    t.teardown(() => {
      cut()
      proxy.close()
    })
    const announced = (proxy.address() as AddressInfo).port
    all.set(port, { port: announced, cut })
    return announced
  }
  return { announce, all }
}

const areProxied = async (t: Test): Promise<void> => {
  const { announce, all } = startProxies(t)
  const group = await startSentinels(t, { announce })
  const cluster = await startCluster(t, { announce })
  for (const one of [...group.servers, ...group.sentinels, ...cluster.servers])
    t.equal(all.get(one.port)?.port, one.announced)

  const ofSentinel = await Promise.all(
    [['REPLICAS', 'main'], ['SENTINELS', 'main'], ['MASTERS']].map((what) =>
      group.sentinels[0]?.call('SENTINEL', ...what),
    ),
  )
  const ofCluster = (await cluster.servers[0]?.call('CLUSTER', 'SLOTS')) as [number, number, ...[string, number][]][]
  const named = [
    ...(ofSentinel as string[][][]).flat().map((fields) => Number(fields[fields.indexOf('port') + 1])),
    ...ofCluster.flatMap(([, , ...nodes]) => nodes.map(([, port]) => port)),
  ]
  const wanted = [...group.servers, ...group.sentinels.slice(1), ...cluster.servers].map(({ announced }) => announced)
  t.strictSame(named.sort(), wanted.sort(), 'and by no other ones')

  const master = group.servers[0] as RedisServer
  all.get(master.port)?.cut()
  t.not((await group.promoted(master)).server, master, 'who is not reached through the proxy is down')
  t.equal(await master.call('PING'), 'PONG', 'though it runs')
}

await allAtOnce(t, [
  ['Sentinels promote a replica when the master was killed or is frozen', sentinelsPromote],
  ['a Cluster promotes a replica when its master was killed or is frozen', clusterPromotes],
  ['a slot moves under load, and nothing is lost', slotMoves],
  ['Sentinels and a Cluster speak TLS and ask for passwords, where they are told to', speakTls],
  ['servers are known by the ports of proxies, where there are such', areProxied],
])
