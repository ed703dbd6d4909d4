/** Looks, again and again, for sessions whose time is over. Any replica may do it, none must. */
import type { Store } from '../store/port.ts'

export type Sweeper = { stop(): Promise<void> }

/** Sweeps every `intervalMs`, each time a little off, so that replicas do not sweep in step. */
export const startSweeper = (
  store: Store,
  { intervalMs, onError }: { intervalMs: number; onError: (error: unknown) => void },
): Sweeper => {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()

  const sweep = async (): Promise<void> => {
    try {
      await store.sweep()
    } catch (error) {
      onError(error)
    }
    schedule()
  }

  const schedule = (): void => {
    if (stopped) return
    timer = setTimeout(
      () => {
        sweeping = sweep()
      },
      intervalMs * (0.75 + Math.random() / 2),
    )
    timer.unref()
  }

  schedule()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await sweeping
    },
  }
}
