/**
 * A Redis, its Sentinels' master or a Cluster as one end of a copy. What is stored is found by SCAN on each master, since
 * tombstones, hand-offs and outcomes stand in no index. The sorted sets of live sessions are made anew from the sessions.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { COPY_COLLECTION } from '../copy-mark.ts'
import type { Store } from '../port.ts'
import { StoreUnavailable } from '../port.ts'
import type { Item, Transfer } from '../transfer.ts'
import { readTime } from './greeting.ts'
import { secretsKey } from './keys.ts'
import type { Link } from './link.ts'
import { translate } from './link.ts'
import { refuseEncrypted } from './open-sealing.ts'
import type { Arg } from './scripts.ts'
import { addressText, type Server, type Topology } from './topology.ts'
import { commandsOf, listItems, type Place, placeOf, secretItems, sessionItem, stringItem } from './verbatim.ts'

/** About how many keys a SCAN looks at, and how many are read at once. */
const SCAN_COUNT = 500
const READ_AT_ONCE = 100
/** A command that was not answered in time is sent again for so long: each may be done twice. */
const PATIENCE_MS = 10_000
const AGAIN_MS = 200

const MOVING_SLOTS =
  'Slots of the Cluster are on the move. Wait until they have arrived (`redis-cli --cluster check`), and run the same command again.'

const FOREVER = Number.POSITIVE_INFINITY
const MARK_KEY = secretsKey(COPY_COLLECTION)

const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() > until) throw error
      await delay(AGAIN_MS)
    }
  }
}

/** A right that is missing, and slots that move, are told as what they are. What Redis says quotes arguments. */
const faultOf = (error: unknown, command: string): Error => {
  const { name, message } = error as Error
  if (name !== 'ReplyError') return translate(error)
  if (/^-?NOPERM\b/.test(message)) {
    return new Error(
      `The user of Redis may not run ${command.toUpperCase()}. docs/operation/copy.md lists the rights that a copy needs.`,
    )
  }
  return /^-?(MOVED|ASK|TRYAGAIN)\b/.test(message) ? new Error(MOVING_SLOTS) : translate(error)
}

const ask = async ({ connection }: Server, command: string, ...args: Arg[]): Promise<unknown> =>
  patiently(() =>
    connection.send(FOREVER, command, args).catch((error) => {
      throw faultOf(error, command)
    }),
  )

/** What a node says of itself: its name, whether it is a master, since when, and its slots. */
const readItself = (nodes: string): string => {
  const line = nodes.split('\n').find((one) => one.includes('myself')) ?? ''
  const [id, , flags, , , , epoch, , ...slots] = line.split(' ')
  if (slots.some((one) => one.startsWith('['))) throw new Error(MOVING_SLOTS)
  return [id, flags, epoch, ...slots].join(' ')
}

type Parts = { readonly store: Store; readonly topology: Topology; readonly link: Link; readonly isCluster: boolean }

export const createTransfer = ({ store, topology, link, isCluster }: Parts): Transfer => {
  const masters = async (): Promise<Server[]> =>
    patiently(async () => {
      const parts = topology.parts()
      const servers = parts.flatMap(({ server }) => (server && server.connection.cause() === undefined ? [server] : []))
      if (servers.length === 0 || servers.length < parts.length)
        throw new StoreUnavailable('A part of the store is away.')
      return servers
    })

  async function* keysOn(server: Server): AsyncGenerator<Buffer[]> {
    let cursor = '0'
    do {
      const answer = await ask(server, 'scan', cursor, 'MATCH', 'cc:{*', 'COUNT', SCAN_COUNT)
      const [next, keys] = answer as [Buffer, Buffer[]]
      cursor = String(next)
      for (let at = 0; at < keys.length; at += READ_AT_ONCE) {
        yield keys.slice(at, at + READ_AT_ONCE).filter((key) => key.toString('latin1') !== MARK_KEY)
      }
    } while (cursor !== '0')
  }

  const untilOf = async (server: Server, key: Buffer): Promise<number> => {
    const until = Number(await ask(server, 'pexpiretime', key))
    if (until === -1)
      throw new Error('Redis holds a key of Coatcheck that never expires. No version of it makes such a key.')
    return until
  }

  const listOn = async (server: Server, key: Buffer, place: Place): Promise<Item[]> => {
    const until = await untilOf(server, key)
    const items: Item[] = []
    let cursor = '0'
    do {
      const [next, flat] = (await ask(server, 'zscan', key, cursor, 'COUNT', SCAN_COUNT)) as [Buffer, Buffer[]]
      cursor = String(next)
      items.push(...listItems(place, flat, until))
    } while (cursor !== '0')
    return items
  }

  /** Nothing if it has ended meanwhile. */
  const itemsAt = async (server: Server, key: Buffer): Promise<Item[]> => {
    const place = placeOf(key)
    if (place.kind === 'x') return []
    if (place.kind === 'u' || place.kind === 'a') return listOn(server, key, place)
    if (place.kind === 'secrets') return secretItems(place, (await ask(server, 'HGETALL', key)) as Buffer[])
    const isSession = place.kind === 's'
    const [found, until] = await Promise.all([ask(server, isSession ? 'HGETALL' : 'get', key), untilOf(server, key)])
    if (found === null || (found as Buffer[]).length === 0 || until < 0) return []
    return [isSession ? sessionItem(place, found as Buffer[], until) : stringItem(place, found as Buffer, until)]
  }

  const aheadOf = async (server: Server): Promise<number> => {
    const before = Date.now()
    const time = readTime(await ask(server, 'time'))
    return time - (before + Date.now()) / 2
  }

  const identityOf = async (server: Server): Promise<string> => {
    const run = /run_id:(\w+)/.exec(String(await ask(server, 'info', 'server')))?.[1]
    const itself = isCluster ? readItself(String(await ask(server, 'cluster', 'NODES'))) : ''
    return `${addressText(server.address)} ${run} ${itself}`
  }

  return {
    store,
    aheadMs: async () => Promise.all((await masters()).map(aheadOf)),
    async servers() {
      await refuseEncrypted(link)
      return (await Promise.all((await masters()).map(identityOf))).sort().join('\n')
    },

    async isEmpty() {
      for (const server of await masters()) {
        for await (const keys of keysOn(server)) if (keys.length > 0) return false
      }
      return true
    },

    async clear() {
      for (const server of await masters()) {
        for await (const keys of keysOn(server)) await Promise.all(keys.map((key) => ask(server, 'del', key)))
      }
    },

    async *items() {
      for (const server of await masters()) {
        for await (const keys of keysOn(server))
          yield (await Promise.all(keys.map((key) => itemsAt(server, key)))).flat()
      }
    },

    async put(items) {
      const commands = items.flatMap(commandsOf)
      await patiently(() => Promise.all(commands.map(([name, ...args]) => link.send(name, args))))
    },

    close: store.close,
  }
}
