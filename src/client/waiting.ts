/** Time: a deadline over work that can be aborted, and pauses between repeats. */

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
/** A timer that is to take longer fires at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1

/** A pause that ends early, by throwing the signal's reason, when the signal is aborted. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      },
      Math.min(ms, LONGEST_TIMER_MS),
    )
    signal?.addEventListener('abort', stop, { once: true })
  })

/**
 * How long to wait before the repeat of this number (from 0): at least what the service asked for, otherwise twice as long
 * each time, and never two clients at the same moment. In ms.
 */
export const pauseBefore = (attempt: number, atLeastMs = 0): number => {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 20))
  return atLeastMs + (atLeastMs > 0 ? Math.random() * FIRST_PAUSE_MS : ceiling * (0.5 + Math.random() / 2))
}

/** Who follows a signal. It has one listener for all of them: Node takes more than ten for a leak, and says so. */
const followers = new WeakMap<AbortSignal, Set<() => void>>()

const followersOf = (signal: AbortSignal): Set<() => void> => {
  const known = followers.get(signal)
  if (known) return known
  const stops = new Set<() => void>()
  const stopAll = (): void => {
    for (const stop of stops) stop()
  }
  signal.addEventListener('abort', stopAll, { once: true })
  followers.set(signal, stops)
  return stops
}

/** A signal of its own that follows others; `release` lets go of them, so that a long-lived one gathers no followers. */
export const following = (...signals: readonly (AbortSignal | undefined)[]) => {
  const controller = new AbortController()
  const undo: (() => void)[] = []
  for (const signal of signals) {
    if (!signal) continue
    const stop = (): void => controller.abort(signal.reason)
    if (signal.aborted) {
      stop()
      continue
    }
    const stops = followersOf(signal)
    stops.add(stop)
    undo.push(() => stops.delete(stop))
  }
  return {
    signal: controller.signal,
    abort: (reason: unknown): void => controller.abort(reason),
    release: (): void => {
      for (const each of undo) each()
    },
  }
}

/** What comes of work that cannot be aborted, or, by throwing its reason, of the signal if that is aborted first. */
export const unlessAborted = <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })

/** Lets a timer not keep a Node process alive; a page has nothing of the kind. */
export const unref = (timer: ReturnType<typeof setTimeout>): void => {
  if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.()
}
