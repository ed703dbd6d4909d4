/** Opens the topology that the URL of the store names, and keeps the connections to its servers. */
import type { Access, Address } from './access.ts'
import { createClient } from './client.ts'
import { createCluster } from './cluster.ts'
import { keepConnection } from './connection.ts'
import { type Copies, createCopies, teachAgain } from './copies.ts'
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
  /** On how many replicas what some namespaces write has to be; 0 if there are none of these. */
  readonly copies: number
}

export const openTopology = ({ access, onState, onGone, onTime, copies: needed }: OpenTopology): Topology => {
  const { kind, db } = access.target
  let topology: Topology | undefined
  const isCluster = kind === 'cluster'

  const connectCopies = (address: Address, confirm: (() => Promise<void>) | undefined): Copies => {
    const name = `${addressText(address)} (copies)`
    const greet = greetServer({ isCluster, db, copies: true, onTime: () => {}, confirm })
    const connection = keepConnection({
      name,
      make: () => createClient(access.connectionTo(address, 'redis'), 'coatcheck-copies'),
      async greet(say, isThorough) {
        await greet(say, isThorough)
        if (isThorough) await teachAgain(say)
      },
      onState: (cause) => onState(name, cause),
      onClose: () => onGone(name),
    })
    return createCopies(connection, needed)
  }

  const connect: Connect = (address, confirm) => {
    const name = addressText(address)
    const copies = needed > 0 ? connectCopies(address, confirm) : undefined
    const connection = keepConnection({
      name,
      make: () => createClient(access.connectionTo(address, 'redis'), 'coatcheck'),
      greet: greetServer({ isCluster, db, copies: needed > 0, onTime, confirm }),
      onState(cause) {
        onState(name, cause)
        if (cause !== undefined) topology?.doubt()
      },
      onClose() {
        copies?.close()
        onGone(name)
      },
    })
    return { address, connection, copies }
  }
  const create = { single: createSingle, sentinel: createSentinels, cluster: createCluster }[kind]
  topology = create({ access, connect, onState })
  return topology
}
