/** A store that takes the time of each call to another one. Neither it nor its callers know that they are watched. */
import { type Store, StoreFull, StoreUnavailable } from '../../store/port.ts'
import type { Durations } from './families.ts'

export type Outcome = 'done' | 'unavailable' | 'full' | 'failed'

const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof StoreUnavailable) return 'unavailable'
  return error instanceof StoreFull ? 'full' : 'failed'
}

/** @param durationsOf asked once for each operation and outcome */
export const timeStore = (store: Store, durationsOf: (operation: string, outcome: Outcome) => Durations): Store => {
  const timed = <Call extends (...args: never[]) => Promise<unknown>>(operation: string, call: Call): Call => {
    const taken = call as unknown as (a: unknown, b: unknown, c: unknown) => Promise<unknown>
    const done = durationsOf(operation, 'done')
    const others = new Map<Outcome, Durations>()
    const failed = (error: unknown, ms: number): void => {
      const outcome = outcomeOf(error)
      const durations = others.get(outcome) ?? durationsOf(operation, outcome)
      others.set(outcome, durations)
      durations.add(ms)
    }
    // Each read comes by here, so the arguments are written out. The answer itself is handed on: whoever waits for it waits no
    // turn longer.
    const timedCall = (a: unknown, b: unknown, c: unknown): Promise<unknown> => {
      const since = performance.now()
      const answer = taken(a, b, c)
      answer.then(
        () => done.add(performance.now() - since),
        (error) => failed(error, performance.now() - since),
      )
      return answer
    }
    return timedCall as unknown as Call
  }

  return {
    now: store.now,
    read: timed('read', store.read),
    readMany: timed('read_many', store.readMany),
    write: timed('write', store.write),
    touch: timed('touch', store.touch),
    end: timed('end', store.end),
    rotate: timed('rotate', store.rotate),
    addHandoff: timed('add_handoff', store.addHandoff),
    readHandoff: timed('read_handoff', store.readHandoff),
    list: timed('list', store.list),
    listed: timed('listed', store.listed),
    sampleListed: timed('sample_listed', store.sampleListed),
    unlist: timed('unlist', store.unlist),
    admit: timed('admit', store.admit),
    admitted: timed('admitted', store.admitted),
    dismiss: timed('dismiss', store.dismiss),
    isKept: timed('is_kept', store.isKept),
    sessionIds: timed('session_ids', store.sessionIds),
    reencrypt: timed('reencrypt', store.reencrypt),
    confirm: timed('confirm', store.confirm),
    revoke: timed('revoke', store.revoke),
    secrets: timed('secrets', store.secrets),
    addSecret: timed('add_secret', store.addSecret),
    replaceSecret: timed('replace_secret', store.replaceSecret),
    removeSecret: timed('remove_secret', store.removeSecret),
    count: timed('count', store.count),
    subscribe: timed('subscribe', store.subscribe),
    sweep: timed('sweep', store.sweep),
    backup: store.backup,
    check: store.check,
    close: store.close,
  }
}
