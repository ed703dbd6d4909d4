/** Which of a subject's sessions count for its limit. The twin of `redis/lua/admit.lua`. */
import type { Store } from '../port.ts'
import type { Change } from './batches.ts'
import { admissionsPrefix, type createListTable } from './list-table.ts'

type Parts = {
  readonly lists: ReturnType<typeof createListTable>
  /** Runs a job in the next batch, if there is room. */
  readonly changeInRoom: <T>(decide: (now: number) => Change<T>) => Promise<T>
  readonly change: <T>(decide: (now: number) => Change<T>) => Promise<T>
  readonly assertOpen: () => void
}

export const createAdmissions = ({
  lists,
  changeInRoom,
  change,
  assertOpen,
}: Parts): Pick<Store, 'admit' | 'admitted' | 'dismiss'> => ({
  admit: (ref, { id, replaced, most, keepSeconds, lifetimeSeconds, counted }) => {
    const prefix = admissionsPrefix(ref)
    return changeInRoom((now) => {
      const there = new Set(lists.all(prefix).map((one) => one.id))
      if (counted === null && there.size === 0) return { answer: 'uncounted' }
      const until = now + lifetimeSeconds * 1000
      const added = (counted ?? []).filter((one) => !there.has(one))
      const all = new Set([...there, ...added])
      const others = [...all].filter((one) => one !== id && one !== replaced).length
      const isFull = most !== null && others >= most
      return {
        answer: isFull ? 'full' : 'admitted',
        put: () => {
          for (const one of added) lists.put(prefix, one, now, until)
          if (!isFull) lists.put(prefix, id, now + keepSeconds * 1000, until)
        },
      }
    })
  },

  async admitted(ref) {
    assertOpen()
    return lists.all(admissionsPrefix(ref))
  },

  dismiss: (ref, ids) => change(() => ({ answer: undefined, put: () => lists.drop(admissionsPrefix(ref), ids) })),
})
