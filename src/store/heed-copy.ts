/**
 * A store that heeds the mark of a copy (`copy-mark.ts`). While it is the source of one, whatever writes is refused with
 * `StoreMoving`, and reading goes on. While it is the target of one that is not finished, nothing is answered, and `check`
 * says that it is unfit: a service does not start on it.
 */
import { isClosed, readMarks } from './copy-mark.ts'
import { type Health, type Store, StoreMoving, StoreUnfit } from './port.ts'

const CLOSED =
  'The store is closed by `coatcheck copy`: it is read, and writes are answered 503 `moving`. Start the service on the new ' +
  'store, or open this one again with `coatcheck copy --reopen`.'

const UNFINISHED =
  'This store is the target of a copy that is not finished. Run the same `coatcheck copy` again, and start the service after it.'

type State = 'open' | 'closed' | 'unfinished'

type Call = (...args: never[]) => Promise<unknown>

/** `look` reads the mark; call it every few seconds. It rejects as `secrets` does, and then all stays as it was. */
export const heedCopy = (store: Store): { readonly store: Store; readonly look: () => Promise<void> } => {
  let state: State = 'open'
  let isKnown = false

  const look = async (): Promise<void> => {
    const marks = await readMarks(store)
    state = marks.target === undefined ? (isClosed(marks) ? 'closed' : 'open') : 'unfinished'
    isKnown = true
  }

  const guarded = <Guarded extends Call>(call: Guarded, mayPass: () => boolean): Guarded => {
    const taken = call as unknown as (a: unknown, b: unknown, c: unknown) => Promise<unknown>
    // Each call comes by here, so the arguments are written out.
    const guardedCall = (a: unknown, b: unknown, c: unknown): Promise<unknown> =>
      mayPass() ? taken(a, b, c) : Promise.reject(new StoreMoving())
    return guardedCall as unknown as Guarded
  }
  const reading = <Guarded extends Call>(call: Guarded): Guarded => guarded(call, () => state !== 'unfinished')
  const writing = <Guarded extends Call>(call: Guarded): Guarded => guarded(call, () => state === 'open')

  const check = async (): Promise<Health> => {
    const health = await store.check()
    if (!isKnown) await look()
    if (state === 'unfinished') throw new StoreUnfit(UNFINISHED)
    return state === 'closed' ? { ...health, warnings: [...health.warnings, CLOSED] } : health
  }

  return {
    look,
    store: {
      ...store,
      read: reading(store.read),
      readMany: reading(store.readMany),
      readHandoff: reading(store.readHandoff),
      listed: reading(store.listed),
      sampleListed: reading(store.sampleListed),
      admitted: reading(store.admitted),
      isKept: reading(store.isKept),
      sessionIds: reading(store.sessionIds),
      secrets: reading(store.secrets),
      count: reading(store.count),
      write: writing(store.write),
      touch: writing(store.touch),
      end: writing(store.end),
      rotate: writing(store.rotate),
      addHandoff: writing(store.addHandoff),
      list: writing(store.list),
      admit: writing(store.admit),
      dismiss: writing(store.dismiss),
      revoke: writing(store.revoke),
      addSecret: writing(store.addSecret),
      replaceSecret: writing(store.replaceSecret),
      removeSecret: writing(store.removeSecret),
      // These only tidy up.
      unlist: async (ref, ids) => (state === 'open' ? store.unlist(ref, ids) : undefined),
      sweep: async (stopping) => (state === 'open' ? store.sweep(stopping) : 0),
      check,
    },
  }
}
