/** A task that is done again and again, each time a little off, so that replicas do not do it in step. */

export type Periodic = {
  /** Settles, never rejects, when the task was done for the first time. */
  readonly first: Promise<void>
  /** Tells what is under way to stop, waits for it, and does it no more. */
  stop(): Promise<void>
}

export type PeriodicOptions = {
  readonly intervalMs: number
  /** Told when the task fails; it is done again all the same. */
  readonly onError: (error: unknown) => void
  /** Whether to begin by waiting. */
  readonly later?: boolean
}

export const periodically = (
  task: (stopping: AbortSignal) => Promise<unknown>,
  { intervalMs, onError, later = false }: PeriodicOptions,
): Periodic => {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  const run = async (): Promise<void> => {
    try {
      await task(stopping.signal)
    } catch (error) {
      onError(error)
    }
    schedule()
  }

  const schedule = (): void => {
    if (stopping.signal.aborted) return
    const pause = intervalMs * (0.75 + Math.random() / 2)
    timer = setTimeout(() => {
      running = run()
    }, pause).unref()
  }

  if (later) schedule()
  else running = run()
  return {
    first: running,
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}
