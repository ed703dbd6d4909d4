/**
 * The one registry of who listens to which partition in this process. A listener belongs to another layer, and what goes
 * wrong there must break neither the store nor the other listeners: so a listener that throws is told that it may have
 * missed something, and everybody else goes on.
 */
import type { Notice, NoticeListener } from './port.ts'

/** Tells one listener that it may have missed something. One that fails at this as well cannot be helped. */
const lapse = (listener: NoticeListener): void => {
  try {
    listener.lapsed()
  } catch {}
}

export const createListeners = () => {
  const byPartition = new Map<string, Set<NoticeListener>>()

  const listenersOf = (partition: string): Iterable<NoticeListener> => byPartition.get(partition) ?? []

  return {
    partitions: (): string[] => [...byPartition.keys()],

    add(partition: string, listener: NoticeListener): void {
      const listeners = byPartition.get(partition) ?? new Set()
      byPartition.set(partition, listeners.add(listener))
    },

    /** Answers whether it was the partition's last. */
    remove(partition: string, listener: NoticeListener): boolean {
      const listeners = byPartition.get(partition)
      if (!listeners?.delete(listener) || listeners.size > 0) return false
      return byPartition.delete(partition)
    },

    tell(partition: string, notice: Notice): void {
      for (const listener of listenersOf(partition)) {
        try {
          listener.notice(notice)
        } catch {
          lapse(listener)
        }
      }
    },

    /** Tells those who listen to a partition that they may have missed something. */
    lapse(partition: string): void {
      for (const listener of listenersOf(partition)) lapse(listener)
    },

    lapseAll(): void {
      for (const listeners of byPartition.values()) for (const listener of listeners) lapse(listener)
    },
  }
}

export type Listeners = ReturnType<typeof createListeners>
