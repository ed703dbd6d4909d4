/**
 * A real Cluster of Redis: three masters, each with a replica. All are the test's own.
 *
 * Nodes that meet need many seconds until each knows all others. Here each starts with a nodes.conf that holds the whole
 * Cluster, as after a restart.
 */
import type { Test } from 'tap'
import {
  ask,
  drawName,
  found,
  freePorts,
  infoOf,
  most,
  type Promoted,
  REPLICATION,
  startAll,
  urlsOf,
} from './redis-group.ts'
import { type RedisServer, type ServerOptions, staffOf } from './redis-server.ts'
import { beginMove, moveSlots, type SlotMove, type Slots } from './slot-moves.ts'
import { until } from './until.ts'

export type { Promoted, SlotMove, Slots }

export type ClusterOptions = ServerOptions & {
  /** After how long without an answer a node calls another one down. */
  readonly nodeTimeoutMs?: number
  /**
   * Is asked before each server is started, and answers the port under which the server is to be known: that of a proxy of
   * the test, which leads to `port`. The nodes speak with each other at ports of their own; replicas follow through the proxy.
   */
  readonly announce?: (index: number, port: number, kind: 'server') => Promise<number>
}

export type RedisCluster = {
  /** `redis+cluster://127.0.0.1:p,…`, all six, with `default`'s password, if there is one. */
  readonly url: string
  /** The same for another user. */
  urlAs(username: string, password: string): string
  /** Three masters, then the replica of each: server 3 follows server 0. */
  readonly servers: readonly RedisServer[]
  masterOf(slot: number): Promise<RedisServer>
  replicaOf(master: RedisServer): Promise<RedisServer>
  /** Another text after each fail-over. */
  reign(): Promise<string>
  /** What it serves as a master, by its own word. */
  slotsOf(server: RedisServer): Promise<Slots[]>
  /** Moves slots with all their keys while clients use them. */
  move(slots: number | Slots, from: RedisServer, to: RedisServer): Promise<void>
  /** Begins to move a slot, and moves no key of it yet. */
  begin(slot: number, from: RedisServer, to: RedisServer): Promise<SlotMove>
  /** Waits until the other server of the pair is the master of its slots, by its own word and most nodes'. */
  promoted(than: RedisServer): Promise<Promoted>
  /** Waits until all is well again: every node is there, sees every other one, and the replicas follow their masters. */
  settled(): Promise<void>
}

const MASTERS = 3
const SERVERS = 2 * MASTERS
const NODE_TIMEOUT_MS = 1200
/** For tests in which no master is to be changed, however long the machine stands still. */
export const STEADY_CLUSTER = { nodeTimeoutMs: 60_000 }
const SLOTS: readonly Slots[] = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
]

/** How a node stands in nodes.conf and in the answer of CLUSTER NODES. */
type Node = {
  readonly id: string
  readonly flags: readonly string[]
  readonly master: string
  readonly epoch: number
  readonly isConnected: boolean
  readonly slots: readonly Slots[]
}

const readNode = (line: string): Node => {
  const [id = '', , flags = '', master = '', , , epoch, link, ...slots] = line.split(' ')
  // A slot that is on its way stands in brackets, beside the slots.
  const ranges = slots.filter((one) => !one.startsWith('[')).map((one) => one.split('-').map(Number))
  return {
    ...{ id, flags: flags.split(','), master, epoch: Number(epoch), isConnected: link === 'connected' },
    slots: ranges.map(([from = 0, to = from]) => [from, to]),
  }
}

const nodesOf = async (server: RedisServer): Promise<Node[]> =>
  String(await server.call('CLUSTER', 'NODES'))
    .trimEnd()
    .split('\n')
    .map(readNode)

const itselfOf = async (server: RedisServer): Promise<Node> => {
  const itself = (await nodesOf(server)).find(({ flags }) => flags.includes('myself'))
  if (!itself) throw new Error(`The node on port ${server.port} does not know itself.`)
  return itself
}

/** The ports to which a node sends clients. */
const namedBy = async (server: RedisServer): Promise<Set<number>> => {
  const ranges = (await server.call('CLUSTER', 'SLOTS')) as [
    from: number,
    to: number,
    ...[ip: string, port: number][],
  ][]
  return new Set(ranges.flatMap(([, , ...nodes]) => nodes.map(([, port]) => port)))
}

const serves = ({ flags, slots }: Node): boolean => flags.includes('master') && slots.length > 0

type Place = { readonly id: string; readonly announced: number; readonly bus: number }

/** The whole Cluster, as the node at `itself` keeps it. */
const nodesConf = (places: readonly Place[], itself: number): string => {
  const lines = places.map(({ id, announced, bus }, at) => {
    const master = places[at - MASTERS]
    const flags = `${at === itself ? 'myself,' : ''}${master ? 'slave' : 'master'}`
    const slots = SLOTS[at] ? ` ${SLOTS[at].join('-')}` : ''
    const epoch = (at % MASTERS) + 1
    return `${id} 127.0.0.1:${announced}@${bus} ${flags} ${master?.id ?? '-'} 0 0 ${epoch} connected${slots}\n`
  })
  return `${lines.join('')}vars currentEpoch ${MASTERS} lastVoteEpoch 0\n`
}

/** Starts it, and ends it with the test. All are well when this is done: the next master may fail at once. */
export const startCluster = async (t: Test, options: ClusterOptions = {}): Promise<RedisCluster> => {
  const { announce = async (_, port) => port, nodeTimeoutMs = NODE_TIMEOUT_MS, tls } = options
  const [ports, buses] = [await freePorts(SERVERS), await freePorts(SERVERS)]
  const announced = await Promise.all(ports.map((port, at) => announce(at, port, 'server')))
  const places = buses.map((bus, at) => ({ id: drawName(), announced: announced[at] as number, bus }))

  const serverAt = ({ announced, bus }: Place, at: number) => ({
    ...options,
    ...{ port: ports[at] as number, announced, files: { 'nodes.conf': nodesConf(places, at) } },
    lines: [
      ...REPLICATION,
      ...['cluster-enabled yes', 'cluster-config-file nodes.conf', `cluster-node-timeout ${nodeTimeoutMs}`],
      // A slot without a master is an outage of that slot alone, and pairs stay together.
      ...['cluster-require-full-coverage no', 'cluster-allow-replica-migration no'],
      ...[`cluster-port ${bus}`, 'cluster-announce-ip 127.0.0.1', `cluster-announce-bus-port ${bus}`],
      ...(tls ? ['tls-cluster yes', `cluster-announce-tls-port ${announced}`] : [`cluster-announce-port ${announced}`]),
    ],
  })
  const servers = await startAll(t, places.map(serverAt))
  const idOf = (server: RedisServer): string => (places[servers.indexOf(server)] as Place).id
  const partnerOf = (server: RedisServer): RedisServer =>
    servers[(servers.indexOf(server) + MASTERS) % SERVERS] as RedisServer
  /** Those who answer, each by its own word. */
  const themselves = () => ask(servers, itselfOf)

  const isWell = async (): Promise<boolean> => {
    const [all, states, named] = await Promise.all([
      Promise.all(servers.map(nodesOf)),
      Promise.all(servers.map((one) => one.call('CLUSTER', 'INFO'))),
      Promise.all(servers.map(namedBy)),
    ])
    const isGood = ({ flags, isConnected }: Node): boolean =>
      (isConnected || flags.includes('myself')) && /^(master|slave)$/.test(flags.filter((f) => f !== 'myself').join())
    if (!states.every((state) => String(state).includes('cluster_state:ok'))) return false
    if (!named.every((ports) => ports.size === SERVERS)) return false
    if (!all.every((nodes) => nodes.length === SERVERS && nodes.every(isGood))) return false
    // All must say the same of who serves what.
    const views = all.map((nodes) => nodes.map(({ id, master, slots }) => `${id} ${master} ${slots.join()}`).sort())
    if (new Set(views.map((view) => view.join())).size > 1) return false
    const replicas = servers.filter((_, at) => all[at]?.some(({ flags }) => flags.join() === 'myself,slave'))
    if (replicas.length !== SERVERS - MASTERS) return false
    const infos = await Promise.all(replicas.map((one) => infoOf(one, 'replication')))
    return infos.every((info) => info.get('master_link_status') === 'up')
  }

  const masterOf = async (slot: number): Promise<RedisServer | undefined> => {
    const claiming = (await themselves())
      .filter(([, node]) => serves(node) && node.slots.some(([from, to]) => from <= slot && slot <= to))
      .sort(([, a], [, b]) => b.epoch - a.epoch)
    return claiming[0]?.[0]
  }

  const replicaOf = async (master: RedisServer): Promise<RedisServer | undefined> =>
    (await themselves()).find(([, node]) => node.master === idOf(master))?.[0]

  const promotedThan = async (than: RedisServer): Promise<Promoted | undefined> => {
    const server = partnerOf(than)
    const others = servers.filter((one) => one !== than)
    const views = (await ask(others, nodesOf)).map(([, nodes]) => nodes.find(({ id }) => id === idOf(server)))
    const own = views.find((node) => node?.flags.includes('myself'))
    if (!own || !serves(own) || !most(views.map((node) => node && serves(node)))) return
    return { server, at: performance.now() }
  }

  const movers = {
    staff: staffOf(options),
    idOf,
    masters: async () => (await themselves()).filter(([, node]) => node.flags.includes('master')).map(([one]) => one),
  }
  const urls = urlsOf('cluster', servers, '', tls !== undefined)
  const cluster: RedisCluster = {
    url: urls('', options.password),
    urlAs: urls,
    servers,
    masterOf: (slot) => found(() => masterOf(slot), `a node serves slot ${slot}`),
    replicaOf: (master) => found(() => replicaOf(master), `a node follows the one on port ${master.port}`),
    reign: () =>
      found(async () => {
        const views = await ask(servers, nodesOf)
        return most(
          views.map(([, nodes]) =>
            nodes
              .filter(serves)
              .map(({ id }) => id)
              .sort()
              .join(),
          ),
        )
      }, 'the Cluster agrees on its masters'),
    async slotsOf(server) {
      const itself = await itselfOf(server)
      return itself.flags.includes('master') ? [...itself.slots] : []
    },
    move: (slots, from, to) => moveSlots(movers, slots, from, to),
    begin: (slot, from, to) => beginMove(movers, slot, from, to),
    promoted: (than) => found(() => promotedThan(than), 'the Cluster has promoted another server'),
    settled: () => until(() => isWell().catch(() => false), 'the Cluster is well'),
  }
  await cluster.settled()
  return cluster
}
