/**
 * The way to Redis for commands. Each goes to the server of its partition, and is sent once: only an answer which proves
 * that nothing was done (MOVED, ASK, TRYAGAIN, NOSCRIPT) is followed, for as long as the call has time. Whatever else goes
 * wrong rejects with `StoreUnavailable` or `StoreFull`. Errors of ioredis and of Redis do not leave this file, since they
 * quote the command's arguments.
 */
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { runningTime } from '../../running-time.ts'
import { StoreFull, StoreUnavailable } from '../port.ts'
import type { Copies } from './copies.ts'
import { type Arg, type ScriptName, scriptTexts } from './scripts.ts'
import type { Key, Server, Topology } from './topology.ts'

/** The errors of a Redis that is there but cannot serve: it starts, runs a script, has no master, refuses the password. */
const AWAY =
  /^-?(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|NOREPLICAS|UNKILLABLE|NOAUTH|WRONGPASS|NOPERM|MISCONF|EXECABORT)\b/

/** A right that is missing inside a script, in the words of Redis 7 and of those after it. */
const NO_RIGHT_INSIDE = /ACL failure|can't run this command|no permissions? /i

/** So many times a command follows what it was answered. */
const MOST_STEPS = 16
const TRY_AGAIN_MS = 20
/** So long calls wait for the first news of which servers there are. */
const FIRST_MS = 1000

const FOREVER = Number.POSITIVE_INFINITY

export type Link = {
  /** Runs a command on the server of a key, its first argument; the answer is in buffers. `by`: an instant of the running time. */
  send(command: string, args: readonly Arg[], by?: number): Promise<unknown>
  /** A hash, fields and values in turn. */
  hash(key: Buffer | string, by?: number): Promise<Buffer[]>
  /** Runs a script on the server of its keys. */
  run(script: ScriptName, keys: readonly (Buffer | string)[], args: readonly Arg[], by?: number): Promise<unknown[]>
  /** The same by the connection for what has to be on replicas, and of the answer on how many it is. */
  copied: {
    send(command: string, args: readonly Arg[], by?: number): Promise<Done<unknown>>
    run(...script: Parameters<Link['run']>): Promise<Done<unknown[]>>
  }
}

/** `copies` is known later than the answer. */
export type Done<Answer> = { readonly answer: Answer; readonly copies: Promise<number> }

const isReplyError = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError'

/** The port's error for a failed command. It never holds the message of Redis or of ioredis, which quote arguments. */
export const translate = (error: unknown): Error => {
  if (error instanceof StoreUnavailable) return error
  if (!isReplyError(error)) return new StoreUnavailable()
  if (/^-?OOM\b/.test(error.message)) return new StoreFull()
  if (AWAY.test(error.message) || NO_RIGHT_INSIDE.test(error.message)) {
    return new StoreUnavailable('The store is there but cannot serve just now.')
  }
  const word = /^-?([A-Z]{2,20})\b/.exec(error.message)?.[1] ?? 'ERR'
  const script = /user_script:(\d+): ([^,]{0,120})/.exec(error.message)
  return new Error(`Redis refused a command with ${word}${script ? ` (script line ${script[1]}: ${script[2]})` : ''}`)
}

type Call = {
  readonly key: Key
  readonly command: string
  readonly args: readonly Arg[]
  readonly by: number
  /** Of a script: its text, for a server that does not know it. */
  readonly text?: string
  readonly transmit: Transmit
}

type Transmit = (server: Server, by: number, command: string, args: readonly Arg[], asking: boolean) => Promise<unknown>

const transmitPlainly: Transmit = ({ connection }, by, command, args, asking) =>
  connection.send(by, command, args, asking)

/** Where a command is sent, and how. */
type Step = {
  readonly server: Server
  /** As one that an ASK has sent there. */
  readonly asking: boolean
  /** With the script's text instead of its hash. */
  readonly isWhole: boolean
}

const REDIRECTION = /^-?(MOVED|ASK) \d+ (\S*):(\d+)/

export const createLink = (topology: Topology): Link => {
  const born = runningTime()
  const scripts = new Map(
    Object.entries(scriptTexts()).map(([name, text]) => [
      name,
      { text, sha: createHash('sha1').update(text).digest('hex') },
    ]),
  )

  /** The server of a partition. At the start it is waited for: nobody knows yet which there are. */
  const serverOf = async (key: Key, by: number): Promise<Server> => {
    for (;;) {
      const server = topology.of(key)
      if (server) return server
      const now = runningTime()
      if (now >= by || now - born >= FIRST_MS) throw new StoreUnavailable('The store is away.')
      await delay(TRY_AGAIN_MS)
    }
  }

  /** Follows an answer that proves that nothing was done. Answers where to go on, or undefined if there is nothing to follow. */
  const redirected = (key: Key, from: Server, message: string): { server: Server; asking: boolean } | undefined => {
    const [, word, host = '', port] = REDIRECTION.exec(message) ?? []
    if (word === undefined) return undefined
    // Without a host it is the one that answered.
    const address =
      host === '' && 'host' in from.address ? { ...from.address, port: Number(port) } : { host, port: Number(port) }
    if (word === 'ASK') return { server: topology.at(address), asking: true }
    topology.moved(key, address)
    return { server: topology.at(address), asking: false }
  }

  /** Where a command goes on after it failed; throws the port's error where it does not. */
  const next = async ({ key, by, text }: Call, now: Step, error: unknown): Promise<Step> => {
    if (!isReplyError(error)) throw translate(error)
    const { message } = error
    const { server, isWhole } = now
    if (text !== undefined && !isWhole && message.startsWith('NOSCRIPT')) return { ...now, isWhole: true }
    const elsewhere = redirected(key, server, message)
    if (elsewhere) return { ...elsewhere, isWhole: false }
    if (message.startsWith('TRYAGAIN')) {
      await delay(TRY_AGAIN_MS)
      return { server: await serverOf(key, by), asking: false, isWhole }
    }
    if (AWAY.test(message) || NO_RIGHT_INSIDE.test(message)) server.connection.doubt()
    if (/^-?(READONLY|CLUSTERDOWN|MASTERDOWN)\b/.test(message)) topology.doubt()
    throw translate(error)
  }

  const follow = async (call: Call, first: Step, failure: unknown): Promise<unknown> => {
    let step = first
    let error = failure
    for (let left = MOST_STEPS; left > 0; left--) {
      step = await next(call, step, error)
      const { server, asking, isWhole } = step
      const { by, command, args, text, transmit } = call
      try {
        if (!isWhole) return await transmit(server, by, command, args, asking)
        return await transmit(server, by, 'EVAL', [text as string, ...args.slice(1)], asking)
      } catch (failed) {
        error = failed
      }
    }
    throw translate(error)
  }

  const start = (call: Call, server: Server): Promise<unknown> =>
    call
      .transmit(server, call.by, call.command, call.args, false)
      .catch((error) => follow(call, { server, asking: false, isWhole: false }, error))

  const go = (call: Call): Promise<unknown> => {
    const server = topology.of(call.key)
    return server ? start(call, server) : serverOf(call.key, call.by).then((found) => start(call, found))
  }

  const toSend = (command: string, args: readonly Arg[], by = FOREVER): Call => {
    const key = args[0] as Key
    return { key, command, args, by, transmit: transmitPlainly }
  }

  const toRun = (name: ScriptName, keys: readonly Key[], args: readonly Arg[], by = FOREVER): Call => {
    const { text, sha } = scripts.get(name) as { text: string; sha: string }
    const all = [sha, keys.length, ...keys, ...args]
    return { key: keys[0] as Key, command: 'EVALSHA', args: all, by, text, transmit: transmitPlainly }
  }

  const copied = async (call: Call): Promise<Done<unknown>> => {
    let copies = Promise.resolve(0)
    // Only the last one counts: those before were redirected, and did nothing.
    const transmit: Transmit = (server, by, command, args, asking) => {
      const sent = (server.copies as Copies).send(call.key, by, command, args, asking)
      copies = sent.copies
      return sent.answer
    }
    const answer = await go({ ...call, transmit })
    return { answer, copies }
  }

  return {
    send: (command, args, by) => go(toSend(command, args, by)),
    // The name in capitals keeps ioredis from making an object of the answer.
    hash: (key, by) => go(toSend('HGETALL', [key], by)) as Promise<Buffer[]>,
    run: (script, keys, args, by) => go(toRun(script, keys, args, by)) as Promise<unknown[]>,
    copied: {
      send: (...command) => copied(toSend(...command)),
      run: (...script) => copied(toRun(...script)) as Promise<Done<unknown[]>>,
    },
  }
}
