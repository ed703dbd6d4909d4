/** Subjects' lists, and beside each the ids that count for its limit: the twin of `redis/lua/admit.lua`. */
import type { Store } from '../port.ts'
import type { Change } from './batches.ts'
import type { createListTable, Prefixes } from './list-table.ts'

type Parts = {
  readonly lists: ReturnType<typeof createListTable>
  readonly prefixes: Prefixes
  /** Runs a job in the next batch, if there is room. */
  readonly changeInRoom: <T>(decide: (now: number) => Change<T>) => Promise<T>
  readonly change: <T>(decide: (now: number) => Change<T>) => Promise<T>
  readonly assertOpen: () => void
}

type SubjectLists = Pick<Store, 'list' | 'listed' | 'sampleListed' | 'unlist' | 'admit' | 'admitted' | 'dismiss'>

export const createSubjectLists = ({ lists, prefixes, changeInRoom, change, assertOpen }: Parts): SubjectLists => ({
  list: (ref, { id, keepSeconds, lifetimeSeconds }) =>
    changeInRoom((now) => ({
      answer: undefined,
      put: () => lists.put(prefixes.list(ref), id, now + keepSeconds * 1000, now + lifetimeSeconds * 1000),
    })),

  async listed(ref, { after, limit }) {
    assertOpen()
    return lists.page(prefixes.list(ref), after, limit)
  },

  async sampleListed(ref, count) {
    assertOpen()
    return lists.sample(prefixes.list(ref), count)
  },

  unlist: (ref, ids) => change((now) => ({ answer: undefined, put: () => lists.remove(prefixes.list(ref), ids, now) })),

  admit: (ref, { id, replaced, most, keepSeconds, lifetimeSeconds, counted }) => {
    const prefix = prefixes.admissions(ref)
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
    return lists.all(prefixes.admissions(ref))
  },

  dismiss: (ref, ids) => change(() => ({ answer: undefined, put: () => lists.drop(prefixes.admissions(ref), ids) })),
})
