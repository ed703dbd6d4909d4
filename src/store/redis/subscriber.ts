/**
 * The connections on which a replica hears of changes: to each server that has a partition with a listener here, one,
 * subscribed to the channels of those partitions.
 *
 * Pub/sub loses messages while a connection is away, and says nothing of it. So whenever a partition gets a new connection
 * or another server, its channel is subscribed again first, and then all its listeners are told that they may have missed
 * something. A PING each second finds a connection that has gone silent.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { runningTime } from '../../running-time.ts'
import { createListeners } from '../listeners.ts'
import { type Notice, type NoticeListener, StoreUnavailable } from '../port.ts'
import type { Access, Address } from './access.ts'
import { createClient } from './client.ts'
import { type Connection, keepConnection } from './connection.ts'
import { readNotice } from './notices.ts'
import { addressText, type Topology } from './topology.ts'

/** How long a listener waits for its subscription. */
const ANSWER_MS = 900
const RETRY_MS = 50
const REST_MS = 100
/** After a partition could not be subscribed, so long passes until that is tried again. */
const AGAIN_MS = 500

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

/** A connection for subscriptions, and the partitions whose channels it is subscribed to, or about to be. */
type Receiver = { readonly connection: Connection; readonly subscribed: Map<string, Promise<unknown>> }

export const createSubscriber = (access: Access, topology: Topology) => {
  const listeners = createListeners()
  const receivers = new Map<string, Receiver>()
  /** The partitions whose listeners have heard of changes before: a new subscription comes after a gap. */
  const heard = new Set<string>()
  const losing = new Set<Receiver['subscribed']>()
  let closed = false

  const openReceiver = (address: Address): Receiver => {
    const subscribed = new Map<string, Promise<unknown>>()
    const connection = keepConnection({
      name: addressText(address),
      make: () => createClient(access.connectionTo(address, 'redis'), 'coatcheck-changes'),
      greet: (say) => say('ping'),
      onClient(client) {
        client.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
          // What comes after a partition has another server is of a past that others may have changed.
          if (subscribed.has(partitionOf(channel))) hear(channel, message)
        })
        // The server has moved a channel's slot to another one, and tells no more of it.
        client.on('moved', () => lose(subscribed))
      },
      onState(cause) {
        if (cause === undefined) settle()
        else subscribed.clear()
      },
    })
    return { connection, subscribed }
  }

  const hear = (channel: Buffer, message: Buffer): void => {
    const notice = readable(message)
    if (notice) listeners.tell(partitionOf(channel), notice)
    else listeners.lapse(partitionOf(channel))
  }

  /** It is not known which of its channels a connection has lost, so all are subscribed again. A move comes in a burst. */
  const lose = (subscribed: Receiver['subscribed']): void => {
    topology.doubt()
    if (losing.has(subscribed)) return
    losing.add(subscribed)
    setTimeout(() => {
      losing.delete(subscribed)
      subscribed.clear()
      settle()
    }, REST_MS).unref()
  }

  /** The connection of the server that has a partition now. */
  const receiverOf = (partition: string): Receiver | undefined => {
    const server = topology.of(channelOf(partition))
    if (server === undefined) return undefined
    const name = addressText(server.address)
    const known = receivers.get(name)
    if (known) return known
    const receiver = openReceiver(server.address)
    receivers.set(name, receiver)
    return receiver
  }

  const subscribeAt = ({ connection, subscribed }: Receiver, partition: string): Promise<unknown> => {
    const there = subscribed.get(partition)
    if (there !== undefined) return there
    const done = connection.send(runningTime() + ANSWER_MS, 'ssubscribe', [channelOf(partition)]).then(
      () => {
        if (heard.has(partition)) listeners.lapse(partition)
        else heard.add(partition)
      },
      (error: Error) => {
        if (subscribed.get(partition) === done) subscribed.delete(partition)
        if (error.message.startsWith('MOVED')) topology.doubt()
        throw new StoreUnavailable('The store does not tell of changes just now.')
      },
    )
    subscribed.set(partition, done)
    return done
  }

  /** Subscribes where the partition is now, and tries again while that changes. */
  const subscribeTo = async (partition: string): Promise<void> => {
    for (const end = runningTime() + ANSWER_MS; ; ) {
      try {
        const receiver = receiverOf(partition)
        if (receiver === undefined) throw new StoreUnavailable()
        await subscribeAt(receiver, partition)
        return
      } catch (error) {
        if (closed || runningTime() > end) throw error
        await delay(RETRY_MS)
      }
    }
  }

  const isSettled = (partition: string): boolean => receiverOf(partition)?.subscribed.has(partition) === true

  let isSettling = false
  let isDue = false

  /** Lets go of the connections to servers that have no partition any more, and of channels that have gone elsewhere. */
  const drop = (): void => {
    const used = new Set(listeners.partitions().map(receiverOf))
    for (const [name, receiver] of receivers) {
      if (used.has(receiver)) {
        for (const partition of receiver.subscribed.keys())
          if (receiverOf(partition) !== receiver) receiver.subscribed.delete(partition)
      } else {
        receivers.delete(name)
        receiver.connection.close()
      }
    }
  }

  /** Has each partition that has listeners subscribed where it is now. */
  const settle = (): void => {
    if (closed) return
    drop()
    isDue = true
    if (!isSettling) void settleAll()
  }

  const settleAll = async (): Promise<void> => {
    isSettling = true
    while (isDue && !closed) {
      isDue = false
      const missing = listeners.partitions().filter((partition) => !isSettled(partition))
      const done = await Promise.allSettled(missing.map(subscribeTo))
      if (done.some(({ status }) => status === 'rejected')) setTimeout(settle, AGAIN_MS).unref()
    }
    isSettling = false
  }

  const stopFollowing = topology.onChange(settle)

  const leave = (partition: string, listener: NoticeListener): void => {
    if (!listeners.remove(partition, listener)) return
    heard.delete(partition)
    const receiver = receiverOf(partition)
    if (!receiver?.subscribed.delete(partition)) return
    receiver.connection.send(runningTime() + ANSWER_MS, 'sunsubscribe', [channelOf(partition)]).catch(() => {})
  }

  return {
    async subscribe(partition: string, listener: NoticeListener): Promise<() => void> {
      if (closed) throw new StoreUnavailable('The store is closed.')
      listeners.add(partition, listener)
      try {
        await subscribeTo(partition)
      } catch (error) {
        leave(partition, listener)
        throw error
      }
      return () => leave(partition, listener)
    },

    close(): void {
      closed = true
      stopFollowing()
      for (const { connection } of receivers.values()) connection.close()
    },
  }
}
