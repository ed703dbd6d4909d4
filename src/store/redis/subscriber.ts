/**
 * The connection on which a replica hears of changes: one, or in a Cluster one a node, opened when somebody listens for the
 * first time. It is subscribed to the channels of the partitions that somebody listens to here. Pub/sub loses what is told
 * while a connection is away, and nobody is told: so whenever the connection is new, all who listen are told that something
 * may have been missed, after their channels were subscribed again. A connection that went silent is found by a PING.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Cluster, type Redis } from 'ioredis'
import { createListeners } from '../listeners.ts'
import { type NoticeListener, StoreUnavailable } from '../port.ts'
import { within } from '../within.ts'
import { readNotice } from './notices.ts'

/** Together a silent connection is found within two seconds. */
const PING_MS = 1000
const ANSWER_MS = 900
const RETRY_MS = 50

const channelOf = (partition: string): string => `cc:{${partition}}:c`
const partitionOf = (channel: Buffer): string => channel.toString('latin1', 4, 6)

export const createSubscriber = (connect: () => Redis | Cluster) => {
  const listeners = createListeners()
  let client: Redis | Cluster | undefined
  let pinging: NodeJS.Timeout | undefined
  let closed = false
  /** Subscriptions under way or done, by partition, on the present connection. */
  let subscribed = new Map<string, Promise<unknown>>()

  /** A connection that is just being made refuses; in a Cluster nobody tells when it is there. */
  const subscribeInTime = async (partition: string): Promise<void> => {
    for (const end = performance.now() + ANSWER_MS; ; ) {
      try {
        await within(Promise.resolve((client as Redis | undefined)?.ssubscribe(channelOf(partition))), ANSWER_MS)
        return
      } catch (error) {
        if (closed || performance.now() > end) throw error
        await delay(RETRY_MS)
      }
    }
  }

  const subscribeTo = (partition: string): Promise<unknown> => {
    const there = subscribed.get(partition)
    if (there) return there
    const done = subscribeInTime(partition).catch((cause) => {
      if (subscribed.get(partition) === done) subscribed.delete(partition)
      throw new StoreUnavailable('The store does not tell of changes just now.', { cause })
    })
    subscribed.set(partition, done)
    return done
  }

  /** On a new connection: subscribes anew to all that is listened to, and makes the gap known. */
  const renew = async (): Promise<void> => {
    const ours = new Map<string, Promise<unknown>>()
    subscribed = ours
    const renewed = await Promise.allSettled(
      listeners.partitions().map(async (partition) => {
        await subscribeTo(partition)
        listeners.lapse(partition)
      }),
    )
    // Of a connection that is over there is nothing more to say: the one after it has begun anew.
    if (subscribed === ours && renewed.some(({ status }) => status === 'rejected')) reconnect()
  }

  const reconnect = (): void => {
    if (!closed) client?.disconnect(true)
  }

  const ping = async (one: Redis): Promise<void> => {
    try {
      if (one.status === 'ready') await within(one.ping(), ANSWER_MS)
    } catch {
      // Silent: a new connection is made, which then makes itself known.
      reconnect()
    }
  }

  const open = (): void => {
    const opened = connect()
    client = opened
    opened.on('error', () => {})
    opened.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
      const notice = readNotice(message)
      if (notice) listeners.tell(partitionOf(channel), notice)
      else listeners.lapse(partitionOf(channel))
    })
    if (opened instanceof Cluster) {
      // It subscribes anew by itself wherever a channel has moved to, and says no more than that it did.
      for (const event of ['subscribersReady', '+subscriber', '-subscriber']) opened.on(event, () => listeners.lapse())
      return
    }
    opened.on('ready', () => void renew())
    pinging = setInterval(() => void ping(opened), PING_MS)
    pinging.unref()
  }

  /** All wait for the same: a connection that is being made may have hundreds who wait for it. */
  let ready: Promise<void> | undefined
  const isReady = async (): Promise<void> => {
    if (client?.status === 'ready') return
    ready ??= new Promise((resolve) => {
      client?.once('ready', () => {
        ready = undefined
        resolve()
      })
    })
    await within(ready, ANSWER_MS)
  }

  return {
    async subscribe(partition: string, listener: NoticeListener): Promise<() => void> {
      if (closed) throw new StoreUnavailable('The store is closed.')
      if (client === undefined) open()
      listeners.add(partition, listener)
      const leave = (): void => {
        if (!listeners.remove(partition, listener)) return
        subscribed.delete(partition)
        ;(client as Redis | undefined)?.sunsubscribe(channelOf(partition)).catch(() => {})
      }
      try {
        await isReady()
        await subscribeTo(partition)
      } catch (error) {
        leave()
        throw error
      }
      return leave
    },

    close(): void {
      closed = true
      clearInterval(pinging)
      client?.disconnect()
    },
  }
}
