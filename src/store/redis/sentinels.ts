/**
 * The server that Sentinels name. All of them are asked twice a second, each on a connection of its own, so that one that
 * hangs holds up nobody. Whoever knows the latest fail-over is believed: each one raises the master's configuration epoch.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { runningTime } from '../../running-time.ts'
import type { Address } from './access.ts'
import { createClient } from './client.ts'
import { keepConnection, type Say, Unfit } from './connection.ts'
import { addressText, type Server, type Topology, type TopologyOptions } from './topology.ts'

const ASK_MS = 500
/** What a Sentinel said longer ago than this counts no more. */
const STALE_MS = 3000
/** How long the Sentinels have to confirm a new connection, and how often it is looked whether they have. */
const CONFIRM_MS = 1000
const CONFIRM_EACH_MS = 10

type Said = { readonly address: Address; readonly epoch: number; readonly askedAt: number }

/** The epoch from the answer to SENTINEL MASTER: names and values in turn. */
const readEpoch = (flat: readonly Buffer[]): number =>
  Number(flat[flat.findIndex((name) => String(name) === 'config-epoch') + 1])

/**
 * Whom a Sentinel names, and by which epoch. SENTINEL MASTER has the epoch, but it gives the old address while a fail-over is
 * being completed, under the new epoch.
 */
const readSaid = ([named, facts]: readonly unknown[]): Omit<Said, 'askedAt'> => {
  const [host, port] = named as [Buffer, Buffer]
  return { address: { host: String(host), port: Number(String(port)) }, epoch: readEpoch(facts as Buffer[]) }
}

const latestOf = (all: readonly Said[]): Said | undefined => [...all].sort((a, b) => b.epoch - a.epoch)[0]

export const createSentinels = ({ access, connect, onState }: TopologyOptions): Topology => {
  const { hosts, master } = access.target
  const said = new Map<Address, Said>()
  const listeners = new Set<() => void>()
  let server: Server | undefined

  /** The running time goes in steps, so what was asked in the step of that instant may have been asked before it. */
  const askedAfter = (instant: number): Said[] => [...said.values()].filter(({ askedAt }) => askedAt > instant)

  /**
   * A master that was replaced may come back, and takes writes until a Sentinel tells it to follow: they would be lost. So on
   * each new connection the Sentinels are asked again, and most of them must have answered; or as many as answer in a second.
   */
  const confirm = async (address: Address): Promise<void> => {
    const since = runningTime()
    for (;;) {
      for (const sentinel of sentinels) sentinel.doubt()
      await delay(CONFIRM_EACH_MS)
      const fresh = askedAfter(since)
      const waited = runningTime() - since
      if (fresh.length <= hosts.length / 2 && (fresh.length === 0 || waited < CONFIRM_MS)) {
        if (waited > 2 * CONFIRM_MS) throw new Unfit('no Sentinel answers')
        continue
      }
      if (addressText((latestOf(fresh) as Said).address) === addressText(address)) return
      throw new Unfit('the Sentinels name another master')
    }
  }

  const follow = (): void => {
    const latest = latestOf(askedAfter(runningTime() - STALE_MS))
    if (latest === undefined) return
    if (server !== undefined && addressText(server.address) === addressText(latest.address)) return
    const before = server
    server = connect(latest.address, () => confirm(latest.address))
    before?.connection.close()
    for (const listener of listeners) listener()
  }

  const ask = async (say: Say, sentinel: Address): Promise<void> => {
    const askedAt = runningTime()
    const answers = await Promise.all([
      say('sentinel', 'GET-MASTER-ADDR-BY-NAME', master),
      say('sentinel', 'MASTER', master),
    ]).catch((error: Error) => {
      if (/^-?ERR No such master/i.test(error.message)) throw new Unfit(`no master ${master} is known to it`)
      throw error
    })
    said.set(sentinel, { ...readSaid(answers), askedAt })
    follow()
  }

  const sentinels = hosts.map((host) => {
    const name = `Sentinel ${addressText(host)}`
    return keepConnection({
      name,
      beatMs: ASK_MS,
      make: () => createClient(access.connectionTo(host, 'sentinel'), 'coatcheck'),
      greet: (say) => ask(say, host),
      onState: (cause) => onState(name, cause),
    })
  })

  return {
    of: () => server,
    at: () => server as Server,
    parts: () => [{ holds: 'everything', server, why: sentinels[0]?.cause() }],
    moved() {},
    doubt() {
      for (const sentinel of sentinels) sentinel.doubt()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    close() {
      for (const sentinel of sentinels) sentinel.close()
      server?.connection.close()
    },
  }
}
