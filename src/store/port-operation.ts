/** The port's types for whoever operates a store: its health, a backup of it. See port.ts. */
import type { Readable } from 'node:stream'

/** What an operator should know of a store that serves, at least in part. Empty lists are a clean bill. */
export type Health = {
  /** What is wrong with its setup. */
  readonly warnings: readonly string[]
  /** The parts of it that do not serve, each with the cause. Calls to all others go on. */
  readonly away: readonly string[]
}

/**
 * A consistent copy of an embedded store. `elsewhere`: the sessions are kept by a server that has its own way to copy them.
 * `busy`: another copy is being made or read. `made`: `bytes` says how long `read` is. Whoever gets it reads it to its end or
 * destroys it; nothing is left of it then.
 */
export type Backup =
  | { readonly state: 'elsewhere' }
  | { readonly state: 'busy' }
  | { readonly state: 'made'; readonly bytes: number; readonly read: Readable }
