/**
 * The nodes of a Cluster, and which of them has which slot. The map of slots is asked for at the start, every few seconds,
 * and at once when a node is away or says that a slot is elsewhere; what a node says of a slot counts until the next map.
 */
import calculateSlot from 'cluster-key-slot'
import { onTick, runningTime } from '../../running-time.ts'
import { PARTITIONS } from '../layout/partition.ts'
import type { Address } from './access.ts'
import { causeOf, Unfit } from './connection.ts'
import { lookOnce } from './look-once.ts'
import { addressText, type Key, type Part, type Server, type Topology, type TopologyOptions } from './topology.ts'

const REFRESH_MS = 5000
/** How often the map is asked for while a node of it is away. */
const REFRESH_AWAY_MS = 250
/** After a refresh that was asked for, this much time passes until the next. */
const REST_MS = 50
const ASK_MS = 1000
/** A server to which a slot is moving has none yet. It is kept for so long after it was last named. */
const KEPT_MS = 30_000

export type Range = {
  readonly from: number
  readonly to: number
  readonly address: Address
  readonly replicas: readonly Address[]
}

type Node = readonly [host: Buffer | null, port: number]

/** Each row: from, to, the master, its replicas. One without a host is the server that answered. */
export const readSlots = (answer: unknown, asked: Address): Range[] => {
  const addressOf = ([host, port]: Node): Address => {
    const named = String(host ?? '')
    const own = 'host' in asked ? asked.host : '127.0.0.1'
    return { host: named === '' || named === '?' ? own : named, port }
  }
  return (answer as [number, number, Node, ...Node[]][]).map(([from, to, master, ...replicas]) => ({
    from,
    to,
    address: addressOf(master),
    replicas: replicas.map(addressOf),
  }))
}

/** The name between the braces of a key of ours. */
export const tagOf = (key: Key): string => {
  const head = typeof key === 'string' ? key : key.toString('latin1', 0, 12)
  return head.slice(4, head.indexOf('}'))
}

const tags = [...PARTITIONS, 'keys']

/** The slot of a partition, by the name in its hash tag. */
export const SLOTS: ReadonlyMap<string, number> = new Map(tags.map((tag) => [tag, calculateSlot(`{${tag}}`)]))

export const createCluster = ({ access, connect, onState }: TopologyOptions): Topology => {
  const servers = new Map<string, Server>()
  const keptUntil = new Map<Server, number>()
  const listeners = new Set<() => void>()
  let ranges: readonly Range[] = []
  let byTag = new Map<string, Server>()
  /** Why the hosts of the URL did not say who has which slot, when they were asked last. */
  let why: string | undefined
  let refreshing = false
  let refreshAt = 0
  let closed = false

  const serverAt = (address: Address): Server => {
    const name = addressText(address)
    const known = servers.get(name)
    if (known) return known
    const made = connect(address)
    servers.set(name, made)
    return made
  }

  /** A server that another one has named. */
  const named = (address: Address): Server => {
    const server = serverAt(address)
    keptUntil.set(server, runningTime() + KEPT_MS)
    return server
  }

  const tellAll = (): void => {
    for (const listener of listeners) listener()
  }

  const take = (found: readonly Range[]): void => {
    if (found.length === 0) throw new Unfit('the Cluster has no slots')
    ranges = found
    const before = byTag
    byTag = new Map()
    for (const [tag, slot] of SLOTS) {
      const range = found.find(({ from, to }) => from <= slot && slot <= to)
      if (range) byTag.set(tag, serverAt(range.address))
    }
    const used = new Set(byTag.values())
    for (const [name, server] of servers) {
      if (used.has(server) || (keptUntil.get(server) ?? 0) > runningTime()) continue
      servers.delete(name)
      keptUntil.delete(server)
      server.connection.close()
    }
    if (tags.some((tag) => before.get(tag) !== byTag.get(tag))) tellAll()
  }

  /** Asks one of the configured hosts, on a connection for this alone. */
  const askHost = (host: Address): Promise<Range[]> =>
    lookOnce(access, host, { role: 'redis', withinMs: ASK_MS }, async (say) =>
      readSlots(await say('cluster', 'SLOTS'), host),
    )

  const askHosts = async (): Promise<Range[]> => {
    try {
      const found = await Promise.any(access.target.hosts.map(askHost))
      why = undefined
      onState('the Cluster', why)
      return found
    } catch (error) {
      const [first] = (error as AggregateError).errors as Error[]
      const isNone = /cluster support disabled/i.test(String(first?.message))
      why = isNone ? 'not a Cluster: say redis:// in the URL' : causeOf(first)
      onState('the Cluster', why)
      throw error
    }
  }

  /** The servers that serve, each time in another order: one that has been cut off from the rest is not asked for ever. */
  const serving = (): Server[] =>
    [...servers.values()]
      .filter(({ connection }) => connection.cause() === undefined)
      .map((server) => [Math.random(), server] as const)
      .sort(([a], [b]) => a - b)
      .map(([, server]) => server)

  const ask = async (): Promise<Range[]> => {
    for (const { address, connection } of serving().slice(0, 2)) {
      try {
        return readSlots(await connection.send(runningTime() + ASK_MS, 'cluster', ['SLOTS']), address)
      } catch {
        // The next one is asked.
      }
    }
    return askHosts()
  }

  const isAnyAway = (): boolean => [...byTag.values()].some(({ connection }) => connection.cause() !== undefined)

  const refresh = async (): Promise<void> => {
    if (refreshing || closed) return
    refreshing = true
    refreshAt = Number.POSITIVE_INFINITY
    const wanted = runningTime() + REST_MS
    try {
      const found = await ask()
      if (!closed) take(found)
    } catch {
      // Asked again soon.
    }
    refreshing = false
    const isWhole = servers.size > 0 && !isAnyAway()
    const soonest = Math.max(wanted, runningTime())
    refreshAt = Math.min(refreshAt, soonest + (isWhole ? REFRESH_MS : REFRESH_AWAY_MS))
  }

  const doubt = (): void => {
    refreshAt = Math.min(refreshAt, runningTime() + REST_MS)
  }

  const stopLooking = onTick(() => {
    if (runningTime() >= refreshAt) void refresh()
  })
  void refresh()

  const parts = (): Part[] => {
    const all = new Map<Server | undefined, string[]>()
    let next = 0
    const add = (server: Server | undefined, from: number, to: number): void => {
      if (to >= from) all.set(server, [...(all.get(server) ?? []), from === to ? `${from}` : `${from}-${to}`])
    }
    for (const { from, to, address } of [...ranges].sort((a, b) => a.from - b.from)) {
      add(undefined, next, from - 1)
      add(servers.get(addressText(address)), from, to)
      next = to + 1
    }
    add(undefined, next, 16_383)
    return [...all].map(([server, slots]) => ({ holds: `slots ${slots.join(' ')}`, server, why }))
  }

  return {
    of: (key) => byTag.get(tagOf(key)),
    at: named,
    parts,
    moved(key, address) {
      const tag = tagOf(key)
      const server = named(address)
      if (byTag.get(tag) !== server) {
        byTag.set(tag, server)
        tellAll()
      }
      doubt()
    },
    doubt,
    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    close() {
      closed = true
      stopLooking()
      for (const { connection } of servers.values()) connection.close()
    },
  }
}
