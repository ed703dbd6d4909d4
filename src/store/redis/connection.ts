/**
 * One connection to one server, kept for as long as it is wanted: it is made, asked whether the server can serve, watched,
 * and made anew whatever becomes of it. No state of it is final.
 *
 * Commands are sent once. What is not answered in time, or whose connection was lost, may have been done or not. While the
 * server cannot serve, commands are refused at once and not sent.
 */
import type { Redis } from 'ioredis'
import { onTick, runningTime } from '../../running-time.ts'
import { StoreUnavailable } from '../port.ts'
import { type InFlight, trackInFlight } from './in-flight.ts'
import type { Arg } from './scripts.ts'

/** How long a new connection may take until the server has said that it can serve. */
const OPENING_MS = 2000
/** So long a command waits for a connection that is being made for the first time. */
const FIRST_MS = 1000
const BEAT_MS = 1000
/** How often a server that cannot serve is asked again. */
const RETRY_GREETING_MS = 100
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 500

const SILENT = 'it does not answer'

/** Sends a command to the server, before it serves, too. Rejects with the error of Redis as it is. */
export type Say = (command: string, ...args: Arg[]) => Promise<unknown>

export type ConnectionOptions = {
  /** Says in logs which server it is. */
  readonly name: string
  /** Makes a client that does not connect by itself, nor again. Called for each attempt; may throw. */
  readonly make: () => Redis
  /**
   * Asks the server whether it can serve, on each new connection and then each second; thoroughly where it is new or
   * doubted. Rejects if it cannot: with an error of Redis, or with Unfit.
   */
  readonly greet: (say: Say, isThorough: boolean) => Promise<unknown>
  readonly beatMs?: number
  /** Told of each client that is made, before it connects. */
  readonly onClient?: (client: Redis) => void
  /** Told whenever it begins to serve, or ceases to; then with the cause. */
  readonly onState?: (cause: string | undefined) => void
  /** Told when it is not wanted any more. */
  readonly onClose?: () => void
}

type Waiting = { readonly by: number; go(): void; reject(error: Error): void }

/** 50 ms, doubled up to half a second, and at random down to half of that, so that replicas do not come back in step. */
const retryDelay = (attempt: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS) * (0.5 + Math.random() / 2)

/** The word with which an error of Redis begins, or the code of an error of the network. Never the rest: it quotes arguments. */
export const causeOf = (error: unknown): string => {
  const { name, message, code } = error as Error & { code?: string }
  if (name === 'ReplyError') return /^-?([A-Z]{2,20})\b/.exec(message)?.[1] ?? 'ERR'
  if (error instanceof Unfit) return message
  return code ?? 'the connection was closed'
}

/** Why a server cannot serve, where Redis has no word for it. */
export class Unfit extends Error {}

export type Connection = ReturnType<typeof keepConnection>

export const keepConnection = (options: ConnectionOptions) => {
  const { name, make, greet, beatMs = BEAT_MS, onClient = () => {}, onState = () => {}, onClose = () => {} } = options
  const waiting = new Set<Waiting>()
  let client: Redis | undefined
  let inFlight: InFlight | undefined
  let cause: string | undefined = 'it was not reached yet'
  /** Why the present attempt failed, as far as that is known. */
  let fault: unknown
  let attempts = 0
  let closed = false
  /** Whether it is worth while to wait for it: it is new, and nothing is known against it. */
  let freshUntil = runningTime() + FIRST_MS
  let openedAt = 0
  let greetAt = Number.POSITIVE_INFINITY
  let greeting = false
  let isThorough = true
  /** Whether it was doubted since it was asked, so that its answer says nothing. */
  let isDoubted = false
  /** Whether what is sent waits for the answer to a greeting that is under way. */
  let isHeld = false
  let retry: NodeJS.Timeout | undefined

  const refuseWaiting = (): void => {
    for (const one of waiting) one.reject(new StoreUnavailable('The store is away.'))
    waiting.clear()
  }

  const change = (now: string | undefined): void => {
    isHeld = false
    if (cause !== now) {
      cause = now
      onState(cause)
    }
    if (cause !== undefined) return
    for (const one of waiting) one.go()
    waiting.clear()
  }

  const transmit = (by: number, command: string, args: readonly Arg[], asking = false): Promise<unknown> =>
    inFlight?.send(by, command, args, asking) ?? Promise.reject(new StoreUnavailable())

  const drop = (why: unknown): void => {
    const old = inFlight
    client = undefined
    inFlight = undefined
    fault = why
    greetAt = Number.POSITIVE_INFINITY
    greeting = false
    old?.end()
    if (closed) return
    freshUntil = 0
    change(typeof why === 'string' ? why : causeOf(why))
    refuseWaiting()
    retry = setTimeout(open, retryDelay(attempts++))
    retry.unref()
  }

  const say: Say = (command, ...args) => transmit(Number.POSITIVE_INFINITY, command, args)

  const greetNow = async (): Promise<void> => {
    if (greeting) return
    greeting = true
    const asked = client
    try {
      do {
        isDoubted = false
        await greet(say, isThorough)
        if (asked !== client) return
      } while (isDoubted)
      isThorough = false
      attempts = 0
      freshUntil = 0
      greetAt = runningTime() + beatMs
      change(undefined)
    } catch (error) {
      if (asked !== client) return
      greetAt = runningTime() + RETRY_GREETING_MS
      // One that did not answer in time is judged by what else is heard of it.
      if (error instanceof StoreUnavailable) return
      change(causeOf(error))
      refuseWaiting()
    } finally {
      if (asked === client) greeting = false
    }
  }

  const open = (): void => {
    openedAt = runningTime()
    isThorough = true
    fault = undefined
    try {
      const made = make()
      client = made
      inFlight = trackInFlight(made)
      made.on('error', (error) => {
        fault ??= error
      })
      made.once('ready', () => void greetNow())
      made.once('end', () => {
        if (made === client) drop(fault ?? 'the connection was closed')
      })
      onClient(made)
      made.connect().catch((error) => {
        fault ??= error
      })
    } catch (error) {
      drop(error)
    }
  }

  const look = (): void => {
    const now = runningTime()
    const isSilent = inFlight?.look(now).isSilent === true
    for (const one of waiting) {
      if (now < one.by && now < freshUntil) continue
      waiting.delete(one)
      one.reject(new StoreUnavailable('The store is away.'))
    }
    if (client === undefined) return
    const isStuck = client.status !== 'ready' && now - openedAt > OPENING_MS
    if (isSilent || isStuck) drop(SILENT)
    else if (now >= greetAt) void greetNow()
  }

  const stopLooking = onTick(look)
  open()

  return {
    name,
    /** Why it cannot serve; undefined while it serves. */
    cause: (): string | undefined => cause,

    /**
     * Sends a command once; its answer is in buffers. `by` is an instant of the running time after which nobody waits for
     * the answer. Rejects with StoreUnavailable, or with the error of Redis as it is: it quotes arguments, so it must not
     * be shown. With `asking` the command is sent as one that an ASK has sent here.
     */
    send(by: number, command: string, args: readonly Arg[], asking = false): Promise<unknown> {
      if (cause === undefined && !isHeld) return transmit(by, command, args, asking)
      if (closed || runningTime() >= freshUntil) return Promise.reject(new StoreUnavailable('The store is away.'))
      return new Promise<void>((go, reject) => waiting.add({ by, go, reject })).then(() =>
        transmit(by, command, args, asking),
      )
    },

    /** Asks the server at once whether it can serve. `isUrgent`: what is sent meanwhile waits for its answer. */
    doubt(isUrgent = false): void {
      if (isUrgent && cause === undefined) {
        freshUntil = runningTime() + FIRST_MS
        isHeld = true
      }
      isThorough = true
      isDoubted = true
      if (client?.status === 'ready') void greetNow()
    },

    close(): void {
      closed = true
      stopLooking()
      clearTimeout(retry)
      cause = 'it is closed'
      drop(cause)
      refuseWaiting()
      onClose()
    },
  }
}
