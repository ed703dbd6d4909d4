/**
 * Which server holds which partition: one server, the one that Sentinels name, or the nodes of a Cluster. The link and the
 * subscriber ask it for each command, so that both follow when it changes.
 */
import type { Access, Address } from './access.ts'
import type { Connection } from './connection.ts'
import type { Copies } from './copies.ts'

/** A server that holds partitions, and our connection to it. */
export type Server = {
  readonly address: Address
  readonly connection: Connection
  /** Where some namespaces have to be on replicas. */
  readonly copies?: Copies | undefined
}

/** A key of ours, or the channel of a partition: `cc:{p}:…`. */
export type Key = string | Buffer

export type Part = {
  /** What is lost while it is away, in a few words. */
  readonly holds: string
  readonly server: Server | undefined
  /** Why no server is known to hold it. */
  readonly why?: string | undefined
}

export type Topology = {
  /** The server of a key, or of a channel; undefined if nobody is known to have it. */
  of(key: Key): Server | undefined
  /** The server at an address that a server has named. */
  at(address: Address): Server
  /** Everything that there has to be. */
  parts(): readonly Part[]
  /** A server says that the partition of a key is at another address now. */
  moved(key: Key, address: Address): void
  /** Something looks wrong: it asks anew who has what. */
  doubt(): void
  /** Calls a function whenever a partition may have another server than before, until the function that this gives is called. */
  onChange(listener: () => void): () => void
  close(): void
}

/** Told of what changes: a server is there, or is away and why. `server` is its address. */
export type OnState = (server: string, cause: string | undefined) => void

/** Makes the connection of a server, and answers it. `confirm`: see the greeting. */
export type Connect = (address: Address, confirm?: () => Promise<void>) => Server

export type TopologyOptions = {
  readonly access: Access
  readonly connect: Connect
  readonly onState: OnState
}

export const addressText = (address: Address): string =>
  'path' in address
    ? address.path
    : `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
