/**
 * Refuses calls while the event loop is behind by more than a second, so that what was begun can end. One look that finds
 * it behind is no overload: a start gives one, and so does a machine that stood still for a moment. It takes two.
 *
 * The loop is looked at by a timer: how late it fires is how far the loop is behind. The timer runs only while calls come
 * in, so an idle process sleeps.
 */
import fp from 'fastify-plugin'
import { CoatcheckError } from '../../errors.ts'

const MAX_DELAY_MS = 1000
const LOOK_MS = 100
/** Bad looks that are closer than this are one; a call asks more often than the loop is looked at. */
const APART_MS = 1000
/** Two bad looks that are no further apart belong together; the looks of a process that is behind are late. */
const TOGETHER_MS = 10_000
/** How long the loop is looked at after the latest call. */
const LINGER_MS = TOGETHER_MS

/** Answers whether calls are to be refused; asked at each call that finds the latest look bad. */
export const createJudge = (now: () => number) => {
  let look = { at: Number.NEGATIVE_INFINITY, isSecond: false }
  return (): boolean => {
    const gap = now() - look.at
    if (gap >= APART_MS) look = { at: now(), isSecond: gap < TOGETHER_MS }
    return look.isSecond
  }
}

/** Looks at the event loop for as long as `seen` is called now and then. `isBehind` is what the latest look found. */
export const createLoopWatch = (now: () => number) => {
  let timer: NodeJS.Timeout | undefined
  let lastSeen = 0
  let dueAt = 0
  let behind = false

  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
    behind = false
  }
  const look = (): void => {
    const time = now()
    behind = time - dueAt > MAX_DELAY_MS
    dueAt = time + LOOK_MS
    if (time - lastSeen > LINGER_MS) stop()
  }
  return {
    seen: (): void => {
      lastSeen = now()
      if (timer) return
      dueAt = lastSeen + LOOK_MS
      timer = setInterval(look, LOOK_MS).unref()
    },
    isBehind: (): boolean => behind,
    isLooking: (): boolean => timer !== undefined,
    stop,
  }
}

export const loadShedding = fp(
  async (app) => {
    app.mayRefuse(() => ['overloaded'])

    const now = (): number => performance.now()
    const watch = createLoopWatch(now)
    const isOverloaded = createJudge(now)
    app.addHook('onRequest', ({ routeOptions }, _reply, done) => {
      watch.seen()
      if (watch.isBehind() && isOverloaded() && routeOptions.config?.asksNothing !== true)
        done(new CoatcheckError('overloaded', undefined, { retryAfterSeconds: 1 }))
      else done()
    })
    app.addHook('onClose', async () => watch.stop())
  },
  { name: 'load-shedding', dependencies: ['problems'] },
)
