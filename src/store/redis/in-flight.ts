/**
 * The commands that are under way on one client: each is sent once, waits so long for its answer, and is then given up. What
 * is not answered may have been done or not.
 */
import type { Duplex } from 'node:stream'
import type { Redis } from 'ioredis'
import { runningTime } from '../../running-time.ts'
import { StoreUnavailable } from '../port.ts'
import type { Arg } from './scripts.ts'

/** How long one command may take. */
const COMMAND_MS = 1000
/** A client with so many answers outstanding is not given more to do. */
const MOST_OUTSTANDING = 10_000

/** One that waits for its answer, in a chain of all who do. A Set of them would cost each call several times as much. */
type Waiting = {
  readonly by: number
  readonly sentAt: number
  /** Whether it had all the time that a command may take, and not only what was left to its caller. */
  readonly isFull: boolean
  reject: ((error: Error) => void) | undefined
  before: Waiting | undefined
  after: Waiting | undefined
}

type Socket = Duplex & { readonly bytesRead?: number }

const socketOf = (client: Redis): Socket | undefined => (client as { stream?: Socket }).stream

export const trackInFlight = (client: Redis) => {
  let first: Waiting | undefined
  let last: Waiting | undefined
  /** Answers that are still to come, whether or not anybody waits for them. */
  let outstanding = 0
  let heardAt = runningTime()
  let bytes = 0
  let corked: Socket | undefined

  /** Sends all commands of one turn of the event loop in one packet: a socket write for each would be most of their cost. */
  const cork = (): void => {
    const socket = socketOf(client)
    if (corked !== undefined || socket === undefined) return
    corked = socket
    socket.cork()
    setImmediate(() => {
      corked = undefined
      socket.uncork()
    })
  }

  const add = (one: Waiting): void => {
    one.before = last
    if (last === undefined) first = one
    else last.after = one
    last = one
  }

  /** Answers whether it still waited. */
  const remove = (one: Waiting): boolean => {
    if (one.reject === undefined) return false
    one.reject = undefined
    const { before, after } = one
    if (before === undefined) first = after
    else before.after = after
    if (after === undefined) last = before
    else after.before = before
    return true
  }

  const giveUp = (one: Waiting): void => {
    const { reject } = one
    if (remove(one)) reject?.(new StoreUnavailable())
  }

  return {
    /** Sends a command; its answer is in buffers. Rejects with StoreUnavailable, or with the error of Redis as it is. */
    send: (by: number, command: string, args: readonly Arg[], asking = false): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const sentAt = runningTime()
        if (by <= sentAt || outstanding >= MOST_OUTSTANDING) {
          reject(new StoreUnavailable())
          return
        }
        const isFull = by >= sentAt + COMMAND_MS
        const latest = isFull ? sentAt + COMMAND_MS : by
        const one: Waiting = { by: latest, sentAt, isFull, reject, before: undefined, after: undefined }
        add(one)
        cork()
        // Redis takes ASKING for the next command alone, which follows in the same packet.
        if (asking) client.call('asking').catch(() => {})
        outstanding++
        client.callBuffer(command, ...args).then(
          (answer) => {
            outstanding--
            if (remove(one)) resolve(answer)
          },
          (error) => {
            outstanding--
            if (remove(one)) reject(error)
          },
        )
      }),

    /**
     * Gives up what has waited long enough. Answers whether nothing at all was heard for as long as a command may take while
     * one was waiting: then this is no slow answer.
     */
    look(now: number): { readonly isSilent: boolean } {
      const read = socketOf(client)?.bytesRead ?? 0
      if (read !== bytes) {
        bytes = read
        heardAt = now
      }
      let isSilent = false
      let next: Waiting | undefined
      for (let one = first; one !== undefined; one = next) {
        next = one.after
        if (now < one.by) continue
        isSilent ||= one.isFull && heardAt <= one.sentAt
        giveUp(one)
      }
      return { isSilent }
    },

    /** Gives everything up, and the client with it. */
    end(): void {
      client.removeAllListeners()
      client.on('error', () => {})
      socketOf(client)?.destroy()
      client.disconnect()
      while (first !== undefined) giveUp(first)
    },
  }
}

export type InFlight = ReturnType<typeof trackInFlight>
