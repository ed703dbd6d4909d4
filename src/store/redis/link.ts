/**
 * The link to Redis: each command is answered within a second, or rejects with `StoreUnavailable`. It has a breaker: after
 * Redis did not answer in time, calls are refused at once, and a PING every 200 ms finds out when Redis is back. Errors of
 * ioredis do not leave this file, since they hold the command's arguments.
 */
import type { Duplex } from 'node:stream'
import { StoreFull, StoreUnavailable } from '../port.ts'
import { type Client, scriptCommand } from './client.ts'
import type { Arg, ScriptName } from './scripts.ts'

const PROBE_MS = 200

/** The errors of a Redis that is there but cannot serve: it starts, runs a script, has no master, refuses the password. */
const AWAY =
  /^-?(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|NOREPLICAS|UNKILLABLE|NOAUTH|WRONGPASS|NOPERM|MISCONF|EXECABORT)\b/

type Command = (...args: (Arg | string)[]) => Promise<unknown>

export type Link = {
  /** Runs a command; its answer is in buffers. */
  send(command: string, ...args: Arg[]): Promise<unknown>
  /** A hash, fields and values in turn. */
  hash(key: Buffer | string): Promise<Buffer[]>
  /** Runs a script. */
  run(script: ScriptName, keys: readonly (Buffer | string)[], args: readonly Arg[]): Promise<unknown[]>
  close(): Promise<void>
}

const isReplyError = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError'

/** The port's error for a failed command. It never holds the message of Redis or of ioredis, which quote arguments. */
const translate = (error: unknown): Error => {
  if (!isReplyError(error)) return new StoreUnavailable()
  if (/^-?OOM\b/.test(error.message)) return new StoreFull()
  if (AWAY.test(error.message)) return new StoreUnavailable('The store is there but cannot serve just now.')
  const word = /^-?([A-Z]{2,20})\b/.exec(error.message)?.[1] ?? 'ERR'
  const script = /user_script:(\d+): ([^,]{0,120})/.exec(error.message)
  return new Error(`Redis refused a command with ${word}${script ? ` (script line ${script[1]}: ${script[2]})` : ''}`)
}

export const createLink = (client: Client): Link => {
  /** The client's method that runs a command and answers buffers. Throws an Error if the client has no such command. */
  const bufferCommand = (command: string): Command => {
    const method = (client as unknown as Readonly<Record<string, Command | undefined>>)[`${command}Buffer`]
    if (method === undefined) throw new Error(`The client of Redis has no command ${command}.`)
    return method
  }
  let open = false
  let closed = false
  let probe: NodeJS.Timeout | undefined

  const ping = async (): Promise<void> => {
    try {
      await client.ping()
      open = false
      clearInterval(probe)
    } catch {
      // Not back yet; the next probe asks again.
    }
  }

  const trip = (): void => {
    if (open || closed) return
    open = true
    probe = setInterval(() => void ping(), PROBE_MS)
    probe.unref()
  }

  client.on('ready', () => void ping())

  /**
   * Sends all commands of one turn of the event loop in one packet: a socket write for each would be most of their cost. A
   * Cluster has a socket for each node, and does without.
   */
  let corked = false
  const cork = (): void => {
    const { stream } = client as { stream?: Duplex }
    if (corked || !stream) return
    corked = true
    stream.cork()
    setImmediate(() => {
      corked = false
      stream.uncork()
    })
  }

  const guarded = async (call: () => Promise<unknown>): Promise<unknown> => {
    if (closed) throw new StoreUnavailable('The store is closed.')
    if (open) throw new StoreUnavailable('The store is away.')
    cork()
    try {
      return await call()
    } catch (error) {
      if (!isReplyError(error)) trip()
      throw translate(error)
    }
  }

  return {
    send: (command, ...args) => guarded(async () => bufferCommand(command).apply(client, args)),
    // The name in capitals keeps ioredis from making an object of the answer.
    hash: (key) => guarded(() => client.callBuffer('HGETALL', key)) as Promise<Buffer[]>,
    run: (script, keys, args) =>
      guarded(async () =>
        bufferCommand(scriptCommand(script)).apply(client, [keys.length, ...keys, ...args]),
      ) as Promise<unknown[]>,
    async close() {
      if (closed) return
      closed = true
      clearInterval(probe)
      client.disconnect()
    },
  }
}
