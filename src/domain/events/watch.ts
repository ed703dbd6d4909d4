/**
 * Watching sessions. The store tells of everything that happens in a partition; a watcher is told of its own session, or of
 * its namespace. Who listens is registered in the store alone.
 *
 * Whoever was told of something may have to read the session. All who ask for the same session at the same moment share one
 * reading, and only so many tasks read at once: after a lost connection every stream has to read its session again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { idBytes, PARTITIONS, partitionOf } from '../../store/layout/partition.ts'
import type { Found, Notice, NoticeListener, SessionRef, Store } from '../../store/port.ts'

/** How many of the tasks that read a session run at once. */
const MAX_READERS = 50

const nameOf = ({ namespace, id }: SessionRef): string => `${namespace}:${id}`

/** Runs the tasks that it is given in order, so many at once. A task that fails is the business of whoever gave it. */
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

export const createWatch = (store: Pick<Store, 'read' | 'subscribe'>) => {
  /** Readings that were asked for and have not begun. */
  const due = new Map<string, Promise<Found>>()

  /** Listens to one partition, for the notices that `concerns` lets pass. */
  const listen = (partition: string, concerns: (notice: Notice) => boolean, watcher: NoticeListener) =>
    store.subscribe(partition, {
      notice: (notice) => {
        if (concerns(notice)) watcher.notice(notice)
      },
      lapsed: () => watcher.lapsed(),
    })

  return {
    /**
     * Reads a session. The reading begins after it was asked for, so that it shows everything that the asker was told of.
     * All who ask before it begins share it; whoever asks later gets another one. Throws StoreUnavailable.
     */
    read(ref: SessionRef): Promise<Found> {
      const name = nameOf(ref)
      const shared = due.get(name)
      if (shared !== undefined) return shared
      const reading = nextTurn().then(() => {
        due.delete(name)
        return store.read(ref)
      })
      due.set(name, reading)
      return reading
    },

    /** Queues a task that reads a session, such as all streams have at once after a lost connection. */
    soon: createQueue(MAX_READERS),

    /** From when this settles, the watcher misses nothing without being told `lapsed`. Throws StoreUnavailable. */
    session: (ref: SessionRef, watcher: NoticeListener): Promise<() => void> =>
      listen(
        partitionOf(idBytes(ref.id)),
        (notice) => notice.ref.id === ref.id && notice.ref.namespace === ref.namespace,
        watcher,
      ),

    /** The same for all sessions of a namespace. */
    async namespace(namespace: string, watcher: NoticeListener): Promise<() => void> {
      const concerns = (notice: Notice): boolean => notice.ref.namespace === namespace
      const listening = await Promise.allSettled(PARTITIONS.map((partition) => listen(partition, concerns, watcher)))
      const leaves = listening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const leave = (): void => {
        for (const one of leaves) one()
      }
      const failed = listening.find((one) => one.status === 'rejected')
      if (failed?.status === 'rejected') {
        leave()
        throw failed.reason
      }
      return leave
    },
  }
}

export type Watch = ReturnType<typeof createWatch>
