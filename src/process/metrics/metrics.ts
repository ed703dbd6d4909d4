/**
 * The metrics of the process. What is counted costs nothing to read; how many sessions there are, and how much of the disk is
 * free, is asked for when somebody reads. Nobody waits long for that: an answer that does not come is not waited for, and what
 * was known before is told for a while.
 */
import { statfs } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Metrics } from '../../http/routes/metrics.ts'
import type { Store } from '../../store/port.ts'
import type { Counting } from './counting.ts'
import { loadNodeMetrics, textOf } from './exposition.ts'

/** So long a reader waits for what is asked for. */
const WAIT_MS = 250
/** So long what was found out is told again without asking. */
const FRESH_MS = 1000
/** So long it is told where nothing newer is known. */
const STALE_MS = 60_000

/** Asks for a number, one question at a time. Answers the latest that is known; undefined if that is too old. */
export const createAsking = (ask: () => Promise<number>) => {
  let known: number | undefined
  let knownAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  const begin = async (): Promise<void> => {
    try {
      known = await ask()
      knownAt = performance.now()
    } catch {
      // Left out, or told as it was.
    }
    asking = undefined
  }

  return async (): Promise<number | undefined> => {
    if (performance.now() - knownAt > FRESH_MS) {
      asking ??= begin()
      await Promise.race([asking, delay(WAIT_MS, undefined, { ref: false })])
    }
    return performance.now() - knownAt > STALE_MS ? undefined : known
  }
}

const freeBytesOf = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

export type MetricsOptions = {
  readonly counting: Counting
  readonly store: Pick<Store, 'count'>
  /** That of the embedded store. */
  readonly folder: string | undefined
}

export const createMetrics = ({ counting, store, folder }: MetricsOptions) => {
  const askSessions = createAsking(store.count)
  const askFreeBytes = folder === undefined ? async () => undefined : createAsking(() => freeBytesOf(folder))
  let loading: ReturnType<typeof loadNodeMetrics> | undefined
  const load = (): ReturnType<typeof loadNodeMetrics> => {
    loading ??= loadNodeMetrics()
    return loading
  }

  const metrics: Metrics = {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    async text() {
      const [registry, sessions, freeBytes] = await Promise.all([load(), askSessions(), askFreeBytes()])
      Object.assign(counting.asked, { sessions, freeBytes })
      return (await textOf(counting.families)) + (await registry.metrics())
    },
  }
  return { metrics, load }
}
