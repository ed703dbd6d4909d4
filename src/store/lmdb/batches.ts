/**
 * Changes, many to a commit. What is asked for while a transaction commits goes into the next one: the disk
 * is awaited once for everybody who waits, so that throughput grows with load while each still hears of its own commit.
 *
 * A job first decides, then puts. If deciding fails, that job alone fails, and nothing was put for it. A put fails only
 * if LMDB does, which spoils its transaction: the commit fails then, and everybody in it hears of that. This is why all
 * jobs of a batch share one plain transaction. (lmdb-js has child transactions as well, which could be rolled back one
 * by one; but when such a one fails to commit, the process ends by an unhandled rejection.)
 */
import type { RootDatabase } from 'lmdb'
import { type Notice, StoreFull, StoreUnavailable } from '../port.ts'

/**
 * What a job has decided: its answer, and the puts that go with it. All that may fail of itself is done by then. What is
 * told is told once it is committed; puts may add to it.
 */
export type Change<T> = { readonly answer: T; readonly put?: () => void; readonly told?: readonly Notice[] }

type Job = { decide(): (() => void) | undefined; told(): readonly Notice[]; done(): void; fail(error: unknown): void }

export type BatchOptions = {
  readonly root: RootDatabase
  /** After so many ms a job that is not committed is refused, and will not be begun any more. */
  readonly deadlineMs: number
  /** Puts what goes with every batch; what it returns is called once that is committed. */
  readonly finish?: () => () => void
  readonly onFailure?: () => void
  readonly tell?: (notice: Notice) => void
}

/** How LMDB says that there is no room: by ENOSPC, EDQUOT, EFBIG or its own MDB_MAP_FULL. */
const NO_ROOM: readonly unknown[] = [28, 122, 27, -30792]

/** As many as may run in one go: meanwhile nobody else does, readers neither. */
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
      // A process that was busy sees the timer first and the commit that was there before only a turn later.
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

    /** Waits until everything asked for is committed or refused. */
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
