/**
 * The connection on which a replica hears of changes: one, or in a Cluster one to each node. It is opened when somebody
 * listens for the first time, and it is subscribed to the channels of the partitions that have listeners here.
 *
 * Pub/sub loses messages while a connection is away, and says nothing of it. So on each new connection the channels are
 * subscribed again first, and then all listeners are told that they may have missed something. A PING finds a connection
 * that has gone silent.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Cluster, type Redis } from 'ioredis'
import { createListeners } from '../listeners.ts'
import { type Notice, type NoticeListener, StoreUnavailable } from '../port.ts'
import { within } from '../within.ts'
import { readNotice } from './notices.ts'

/** Together these find a silent connection within two seconds. */
const PING_MS = 1000
const ANSWER_MS = 900
const RETRY_MS = 50

const channelOf = (partition: string): string => `cc:{${partition}}:c`
const partitionOf = (channel: Buffer): string => channel.toString('latin1', 4, 6)

/** A message as a notice; undefined if it is none of ours, for anybody on this Redis may publish in a channel. */
const readable = (message: Buffer): Notice | undefined => {
  try {
    return readNotice(message)
  } catch {
    return undefined
  }
}

export const createSubscriber = (connect: () => Redis | Cluster) => {
  const listeners = createListeners()
  let client: Redis | Cluster | undefined
  let pinging: NodeJS.Timeout | undefined
  let closed = false
  /** Subscriptions under way or done, by partition, on the present connection. */
  let subscribed = new Map<string, Promise<unknown>>()

  /** A connection that is being made refuses to subscribe, and a Cluster does not say when it is made: so this tries again. */
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

  /** On a new connection: subscribes again to every partition that has listeners, and tells these of the gap. */
  const renew = async (): Promise<void> => {
    const ours = new Map<string, Promise<unknown>>()
    subscribed = ours
    const renewed = await Promise.allSettled(
      listeners.partitions().map(async (partition) => {
        await subscribeTo(partition)
        listeners.lapse(partition)
      }),
    )
    // If this connection has been replaced meanwhile, the new one does all of this itself.
    if (subscribed === ours && renewed.some(({ status }) => status === 'rejected')) reconnect()
  }

  const reconnect = (): void => {
    if (!closed) client?.disconnect(true)
  }

  const ping = async (one: Redis): Promise<void> => {
    try {
      if (one.status === 'ready') await within(one.ping(), ANSWER_MS)
    } catch {
      // The connection is silent. A new one is made, and tells its listeners of the gap.
      reconnect()
    }
  }

  const open = (): void => {
    const opened = connect()
    client = opened
    opened.on('error', () => {})
    opened.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
      const notice = readable(message)
      if (notice) listeners.tell(partitionOf(channel), notice)
      else listeners.lapse(partitionOf(channel))
    })
    if (opened instanceof Cluster) {
      // ioredis itself subscribes again when a channel has moved to another node. All that it tells is that it did.
      for (const event of ['subscribersReady', '+subscriber', '-subscriber'])
        opened.on(event, () => listeners.lapseAll())
      return
    }
    opened.on('ready', () => void renew())
    pinging = setInterval(() => void ping(opened), PING_MS)
    pinging.unref()
  }

  /** One promise for all: hundreds may wait for a connection that is being made. */
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
