/** Opens the topology that the URL of the store names, and keeps the connections to its servers. */
import type { Access, Address } from './access.ts'
import { createClient } from './client.ts'
import { createCluster } from './cluster.ts'
import { keepConnection } from './connection.ts'
import { type GreetingOptions, greetServer } from './greeting.ts'
import { createSentinels } from './sentinels.ts'
import { addressText, type Connect, type OnState, type Topology, type TopologyOptions } from './topology.ts'

const createSingle = ({ access, connect }: TopologyOptions): Topology => {
  const server = connect(access.addresses[0] as Address)
  return {
    of: () => server,
    at: () => server,
    parts: () => [{ holds: 'everything', server }],
    moved() {},
    doubt() {},
    onChange: () => () => {},
    close: () => server.connection.close(),
  }
}

export type OpenTopology = {
  readonly access: Access
  readonly onState: OnState
  readonly onGone: (server: string) => void
  /** Learns the store's time from each server that is asked whether it can serve. */
  readonly onTime: GreetingOptions['onTime']
}

export const openTopology = ({ access, onState, onGone, onTime }: OpenTopology): Topology => {
  const { kind, db } = access.target
  let topology: Topology | undefined
  const connect: Connect = (address, confirm) => {
    const name = addressText(address)
    const connection = keepConnection({
      name,
      make: () => createClient(access.connectionTo(address, 'redis'), 'coatcheck'),
      greet: greetServer({ isCluster: kind === 'cluster', db, onTime, confirm }),
      onState(cause) {
        onState(name, cause)
        if (cause !== undefined) topology?.doubt()
      },
      onClose: () => onGone(name),
    })
    return { address, connection }
  }
  const create = { single: createSingle, sentinel: createSentinels, cluster: createCluster }[kind]
  topology = create({ access, connect, onState })
  return topology
}
