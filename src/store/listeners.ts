/** Who listens to which partition. */
import type { Notice, NoticeListener } from './port.ts'

export const createListeners = () => {
  const byPartition = new Map<string, Set<NoticeListener>>()

  return {
    partitions: (): string[] => [...byPartition.keys()],

    /** Answers whether it is the partition's first. */
    add(partition: string, listener: NoticeListener): boolean {
      const there = byPartition.get(partition)
      if (there) {
        there.add(listener)
        return false
      }
      byPartition.set(partition, new Set([listener]))
      return true
    },

    /** Answers whether it was the partition's last. */
    remove(partition: string, listener: NoticeListener): boolean {
      const there = byPartition.get(partition)
      if (!there?.delete(listener) || there.size > 0) return false
      return byPartition.delete(partition)
    },

    tell(partition: string, notice: Notice): void {
      for (const listener of byPartition.get(partition) ?? []) listener.notice(notice)
    },

    /** Tells those who listen to a partition, or everybody, that something may have been missed. */
    lapse(partition?: string): void {
      const listeners = partition === undefined ? [...byPartition.values()] : [byPartition.get(partition) ?? []]
      for (const each of listeners) for (const listener of each) listener.lapsed()
    },
  }
}

export type Listeners = ReturnType<typeof createListeners>
