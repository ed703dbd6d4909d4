/**
 * Who watches what in this process. The store tells what happens partition by partition; here it is handed to those who
 * watch the session, or its namespace. A partition is listened to as long as somebody here watches one of its sessions.
 *
 * A notice leaves long texts out. Whoever needs them reads the session; all who watch it here share that one reading.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { idBytes, PARTITIONS, partitionOf } from '../../store/layout/partition.ts'
import type { Found, Notice, SessionRef, Store } from '../../store/port.ts'

export type Told = {
  readonly notice: Notice
  /** The session as it is now, read once for all who ask. */
  read(): Promise<Found>
}

export type Watcher = {
  told(told: Told): void
  /** Some notices may have been missed. */
  lapsed(): void
}

/** How many sessions are read at once when all have to be looked at again. */
const READERS = 50

const nameOf = ({ namespace, id }: SessionRef): string => `${namespace}:${id}`

/** Runs what is handed to it, so many at once, in order. */
const createQueue = (limit: number) => {
  const waiting: (() => Promise<unknown>)[] = []
  let running = 0
  const next = (): void => {
    while (running < limit && waiting.length > 0) {
      const task = waiting.shift() as () => Promise<unknown>
      running += 1
      task()
        .catch(() => {})
        .finally(() => {
          running -= 1
          next()
        })
    }
  }
  return (task: () => Promise<unknown>): void => {
    waiting.push(task)
    next()
  }
}

export const createWatch = (store: Store) => {
  /** By partition: the session's watchers by its name, and the namespaces' watchers by theirs. */
  type Room = { readonly watchers: Map<string, Set<Watcher>>; readonly leave: Promise<() => void> }
  const rooms = new Map<string, Room>()

  /** Readings that were asked for and have not begun. */
  const due = new Map<string, Promise<Found>>()

  /** What a session is at some time after this was asked; all who ask before it is read share the reading. */
  const read = (ref: SessionRef): Promise<Found> => {
    const name = nameOf(ref)
    const there = due.get(name)
    if (there !== undefined) return there
    const reading = nextTurn().then(() => {
      due.delete(name)
      return store.read(ref)
    })
    due.set(name, reading)
    return reading
  }

  const told = (notice: Notice): Told => {
    let reading: Promise<Found> | undefined
    return {
      notice,
      read: () => {
        reading ??= read(notice.ref)
        return reading
      },
    }
  }

  const open = (partition: string): Room => {
    const watchers = new Map<string, Set<Watcher>>()
    const leave = store.subscribe(partition, {
      notice: (notice) => {
        const those = [watchers.get(nameOf(notice.ref)), watchers.get(notice.ref.namespace)]
        if (!those[0] && !those[1]) return
        const one = told(notice)
        for (const each of those) for (const watcher of each ?? []) watcher.told(one)
      },
      lapsed: () => {
        for (const each of watchers.values()) for (const watcher of each) watcher.lapsed()
      },
    })
    const room = { watchers, leave }
    rooms.set(partition, room)
    leave.catch(() => {
      if (rooms.get(partition) === room) rooms.delete(partition)
    })
    return room
  }

  const enter = async (partition: string, name: string, watcher: Watcher): Promise<() => void> => {
    const room = rooms.get(partition) ?? open(partition)
    const those = room.watchers.get(name) ?? new Set()
    those.add(watcher)
    room.watchers.set(name, those)
    const leave = (): void => {
      those.delete(watcher)
      if (those.size === 0 && room.watchers.get(name) === those) room.watchers.delete(name)
      if (room.watchers.size > 0 || rooms.get(partition) !== room) return
      rooms.delete(partition)
      room.leave.then(
        (left) => left(),
        () => {},
      )
    }
    try {
      await room.leave
    } catch (error) {
      leave()
      throw error
    }
    return leave
  }

  return {
    read,

    /** Queues what every watcher has to do at once, such as reading its session anew. */
    soon: createQueue(READERS),

    /** From when this settles on, nothing is missed without `lapsed`. Throws StoreUnavailable. */
    session: (ref: SessionRef, watcher: Watcher): Promise<() => void> =>
      enter(partitionOf(idBytes(ref.id)), nameOf(ref), watcher),

    /** The same for all sessions of a namespace. */
    async namespace(namespace: string, watcher: Watcher): Promise<() => void> {
      const entered = await Promise.allSettled(PARTITIONS.map((partition) => enter(partition, namespace, watcher)))
      const leaves = entered.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const leave = (): void => {
        for (const one of leaves) one()
      }
      const failed = entered.find((one) => one.status === 'rejected')
      if (failed?.status === 'rejected') {
        leave()
        throw failed.reason
      }
      return leave
    },
  }
}

export type Watch = ReturnType<typeof createWatch>
