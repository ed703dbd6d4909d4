/** A real group of Redis: a master with two replicas, and three Sentinels that watch them. All are the test's own. */
import type { Test } from 'tap'
import type { RedisServer, ServerOptions } from './redis-server.ts'

export type SentinelOptions = ServerOptions & {
  /** Of the Sentinels themselves. The URL names it. */
  readonly sentinelPassword?: string
  /** After how long without an answer a Sentinel calls a server down. */
  readonly downAfterMs?: number
  /**
   * Is asked before each server is started, and answers the port under which the server is to be known: that of a proxy of
   * the test, which leads to `port`. `index` counts the servers and the Sentinels, each from 0; server 0 is the first master.
   */
  readonly announce?: (index: number, port: number, kind: 'server' | 'sentinel') => Promise<number>
}

export type Promoted = {
  readonly server: RedisServer
  /** When it was seen, by `performance.now()`. */
  readonly at: number
}

export type SentinelGroup = {
  /** `redis+sentinel://127.0.0.1:p,127.0.0.1:p,127.0.0.1:p/main`, with `default`'s password, if there is one. */
  readonly url: string
  /** The same for another user. */
  urlAs(username: string, password: string): string
  /** The first is the master at first. */
  readonly servers: readonly RedisServer[]
  readonly sentinels: readonly RedisServer[]
  /** The server that most of the Sentinels that answer call the master. */
  master(): Promise<RedisServer>
  /** The replicas that say so themselves. */
  replicas(): Promise<RedisServer[]>
  /** Waits until most of the Sentinels that answer name another master than this one, and that one says so itself. */
  promoted(than: RedisServer): Promise<Promoted>
  /** Waits until all is well again: one master, two replicas that follow it, and every Sentinel sees them and the others. */
  settled(): Promise<void>
}

/** Starts them, and ends them with the test. All are well when this is done: the next master may fail at once. */
export declare const startSentinels: (t: Test, options?: SentinelOptions) => Promise<SentinelGroup>
