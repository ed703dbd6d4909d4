/**
 * What faults are done to: Redis servers of one topology, and two replicas of the compiled service on them. Of one Redis the
 * first replica has a line of its own, which a proxy can harm; the second one is connected directly.
 */
import type { Test } from 'tap'
import { idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import { type RedisCluster, startCluster } from '../helpers/redis-cluster.ts'
import { type SentinelGroup, startSentinels } from '../helpers/redis-sentinel.ts'
import { type RedisServer, startRedis } from '../helpers/redis-server.ts'
import { type Replica, startReplica } from '../helpers/replica.ts'
import { type FaultProxy, startFaultProxy } from './proxy.ts'

export const TOPOLOGIES = ['redis', 'sentinel', 'cluster'] as const
export type Topology = (typeof TOPOLOGIES)[number]

export type Bench = {
  readonly topology: Topology
  readonly replicas: readonly Replica[]
  readonly servers: readonly RedisServer[]
  /** The proxy before each server, where there is one. */
  readonly proxies: readonly FaultProxy[]
  readonly sentinels: SentinelGroup | null
  readonly cluster: RedisCluster | null
  /** The server that has this session as things are. */
  serverOf(session: string): Promise<RedisServer>
  proxyOf(server: RedisServer): FaultProxy
  /** Another text after each fail-over. */
  reign(): Promise<string>
  /** Waits until the servers are as they should be, so that the next fault may be done. */
  settled(): Promise<void>
}

/** Only what `t` must be for: soak has none of tap's. */
export type Ends = Pick<Test, 'teardown'>

const startServers = async (t: Ends, topology: Topology, isProxied: boolean) => {
  const proxies: FaultProxy[] = []
  const announce = async (_index: number, port: number): Promise<number> => {
    const proxy = await startFaultProxy(t, { port })
    proxies.push(proxy)
    return proxy.port
  }
  if (topology === 'sentinel') {
    const sentinels = await startSentinels(t as Test, isProxied ? { announce } : {})
    const { url, servers } = sentinels
    return { urls: [url, url], servers, proxies, sentinels, cluster: null }
  }
  if (topology === 'cluster') {
    const cluster = await startCluster(t as Test, isProxied ? { announce } : {})
    const { url, servers } = cluster
    return { urls: [url, url], servers, proxies, sentinels: null, cluster }
  }
  const server = await startRedis({ args: ['--appendfsync', 'always', '--enable-debug-command', 'local'] })
  t.teardown(() => server.stop())
  const port = await announce(0, server.port)
  const urls = [`redis://127.0.0.1:${port}`, server.url]
  return { urls, servers: [server], proxies, sentinels: null, cluster: null }
}

/** Of the tag that stands in the names of a session's keys. */
export const slotOf = async (server: RedisServer, session: string): Promise<number> =>
  Number(await server.call('CLUSTER', 'KEYSLOT', `{${partitionOf(idBytes(session))}}`))

/** @param isProxied whether all servers of a group stand behind proxies, towards each other, too */
export const startBench = async (t: Ends, topology: Topology, { isProxied = false } = {}): Promise<Bench> => {
  const { urls, ...all } = await startServers(t, topology, isProxied)
  const { servers, proxies, sentinels, cluster } = all
  const replicas = await Promise.all(urls.map((COATCHECK_STORE) => startReplica(t, { COATCHECK_STORE })))
  return {
    topology,
    replicas,
    ...all,
    async serverOf(session) {
      if (sentinels) return sentinels.master()
      if (!cluster) return servers[0] as RedisServer
      return cluster.masterOf(await slotOf(servers[0] as RedisServer, session))
    },
    proxyOf(server) {
      const proxy = proxies[servers.indexOf(server)]
      if (!proxy) throw new Error('There is no proxy before this server.')
      return proxy
    },
    reign: async () => (await (sentinels ?? cluster)?.reign()) ?? 'one Redis',
    async settled() {
      await sentinels?.settled()
      await cluster?.settled()
    },
  }
}
