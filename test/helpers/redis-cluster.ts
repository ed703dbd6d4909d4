/** A real Cluster of Redis: three masters, each with a replica. All are the test's own. */
import type { Test } from 'tap'
import type { Promoted } from './redis-sentinel.ts'
import type { RedisServer, ServerOptions } from './redis-server.ts'

export type ClusterOptions = ServerOptions & {
  /** After how long without an answer a node calls another one down. */
  readonly nodeTimeoutMs?: number
  /**
   * Is asked before each server is started, and answers the port under which the server is to be known: that of a proxy of
   * the test, which leads to `port`. The nodes speak with each other at ports of their own; replicas follow through the proxy.
   */
  readonly announce?: (index: number, port: number, kind: 'server') => Promise<number>
}

export type Slots = readonly [from: number, to: number]

/** A slot that is on its way from one master to another. Both know; its keys are at one or at the other. */
export type SlotMove = {
  /** Moves so many of its keys that are still at the old master, or all. Answers how many it has moved. */
  keys(most?: number): Promise<number>
  /** Moves the keys that are left, and gives the slot to the new master. */
  finish(): Promise<void>
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

/** Starts it, and ends it with the test. All are well when this is done: the next master may fail at once. */
export declare const startCluster: (t: Test, options?: ClusterOptions) => Promise<RedisCluster>
