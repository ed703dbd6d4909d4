/**
 * Commits many changes at once. Changes that are asked for during a commit go into the next one: all of them wait for the
 * disk once, so throughput grows with load, and each caller still waits for its own commit.
 *
 * A job first decides, then puts. If deciding fails, only that job fails, and it has put nothing. A put fails only if LMDB
 * itself does; the transaction is then spoilt, its commit fails, and so do all jobs in it. This is why all jobs of a batch
 * share one plain transaction. (lmdb-js also has child transactions, which could be rolled back one by one. But when one of
 * them fails to commit, an unhandled rejection ends the process.)
 */
import type { RootDatabase } from 'lmdb'
import { type Notice, StoreFull, StoreUnavailable } from '../port.ts'

/**
 * What a job has decided: its answer, and the puts that go with it, which fail only if LMDB fails. Listeners are told once
 * the change is committed; `put` may add to what they are told.
 */
export type Change<T> = { readonly answer: T; readonly put?: () => void; readonly told?: readonly Notice[] }

type Job = { decide(): (() => void) | undefined; told(): readonly Notice[]; done(): void; fail(error: unknown): void }

export type BatchOptions = {
  readonly root: RootDatabase
  /** After so many ms a job that is not committed is refused; if it has not begun by then, it never does. */
  readonly deadlineMs: number
  /** Puts what goes with every batch. The function that it returns is called after the commit. */
  readonly finish?: () => () => void
  readonly onFailure?: () => void
  readonly tell?: (notice: Notice) => void
}

/** How LMDB says that there is no room: by ENOSPC, EDQUOT, EFBIG or its own MDB_MAP_FULL. */
const NO_ROOM: readonly unknown[] = [28, 122, 27, -30792]

/** How many jobs run without a break. Meanwhile the process does nothing else and reads nothing. */
const MAX_JOBS = 256

export const createBatches = ({ root, deadlineMs, finish, onFailure, tell }: BatchOptions) => {
  const waiting = new Set<Job>()
  let draining: Promise<void> | null = null
  let begunAt = 0
  let hasFailed = false

  const commit = async (): Promise<void> => {
    const batch: Job[] = []
    let finished = () => {}
    begunAt = performance.now()
    try {
      await root.transaction(() => {
        for (const job of waiting) {
          if (batch.push(job) === MAX_JOBS) break
        }
        for (const job of batch) {
          waiting.delete(job)
          job.decide()?.()
        }
        finished = finish?.() ?? finished
      })
    } catch (error) {
      hasFailed = true
      onFailure?.()
      const failure = await failureOf(error)
      for (const job of batch) job.fail(failure)
      return
    }
    hasFailed = false
    finished()
    for (const job of batch) {
      job.done()
      for (const notice of job.told()) tell?.(notice)
    }
  }

  const drain = async (): Promise<void> => {
    while (waiting.size > 0) await commit()
    draining = null
  }

  const run = <T>(decide: () => Change<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      let outcome: { answer: T } | { error: unknown } | null = null
      let told: readonly Notice[] = []
      // A process that was busy runs the timer first, and sees a commit that came earlier only one turn later.
      const timer = setTimeout(() => setImmediate(() => job.fail(new StoreUnavailable())), deadlineMs)
      const job: Job = {
        decide: () => {
          try {
            const change = decide()
            outcome = { answer: change.answer }
            told = change.told ?? []
            return change.put
          } catch (error) {
            outcome = { error }
            return undefined
          }
        },
        told: () => told,
        done: () => {
          clearTimeout(timer)
          if (outcome !== null && 'answer' in outcome) resolve(outcome.answer)
          else reject(asRefusal(outcome?.error))
        },
        fail: (error) => {
          clearTimeout(timer)
          waiting.delete(job)
          reject(error)
        },
      }
      waiting.add(job)
      draining ??= drain()
    })

  return {
    run,

    /** Whether a commit is under way or about to be. */
    isBusy: (): boolean => draining !== null,

    /** Whether the last commit failed, or one is overdue. */
    isFailing: (): boolean => hasFailed || (draining !== null && performance.now() - begunAt > deadlineMs),

    /** Waits until every job is committed or refused. */
    settled: async (): Promise<void> => {
      await draining
    },
  }
}

const asRefusal = (cause: unknown): Error =>
  cause instanceof StoreFull ? cause : new StoreUnavailable('The store could not carry this out.', { cause })

/** LMDB tells why a commit failed by a promise that hangs on the error and always rejects. */
const failureOf = async (error: unknown): Promise<Error> => {
  const { commitError } = error as { commitError?: Promise<never> }
  const cause = await Promise.resolve(commitError).then(
    () => error,
    (reason: unknown) => reason,
  )
  return NO_ROOM.includes((cause as { code?: number }).code)
    ? new StoreFull(undefined, { cause })
    : new StoreUnavailable('The store could not commit.', { cause })
}
