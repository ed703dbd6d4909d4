/**
 * An orderly end by SIGINT, SIGTERM or a fault nobody caught, in bounded time. Only SIGTERM comes from what runs the service and
 * may be waiting for others to notice; whoever sits at a terminal wants it to end.
 */
import closeWithGrace from 'close-with-grace'

/** How long the end may take. */
const CLOSE_MS = 10_500
/** npm hands a terminal's Ctrl-C on to a process that has had it already: so soon, a second signal is the first again. */
const SAME_SIGNAL_MS = 1000

/** Who started this process. It may end before there is anything to close. */
const parent = process.ppid

/** How often what npm has started looks whether its parent is there. */
const LOOK_MS = 500

type Log = { info(message: string): void; fatal(fault: object, message: string): void }

/** @param drain is done first after SIGTERM, if there is one @param drainMs how much longer the end may take with it */
export const closeOnSignal = (
  log: Log,
  { drain, drainMs, end }: { drain: () => Promise<void>; drainMs: number; end: () => Promise<void> },
): void => {
  let mayDrain = false
  const delay = CLOSE_MS + drainMs
  const { close } = closeWithGrace({ delay, logger: false, skip: ['SIGINT', 'SIGTERM'] }, async ({ err }) => {
    if (err) log.fatal({ err: { message: err.message, stack: err.stack } }, 'the process ends by a fault')
    else log.info(mayDrain ? 'draining' : 'closing')
    if (!err && mayDrain) await drain()
    await end()
  })

  let firstAt: number | undefined
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (firstAt === undefined) {
      mayDrain = signal === 'SIGTERM' && drainMs > 0
      void close()
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(1)
    firstAt ??= performance.now()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  // npm gives a SIGTERM to its shell alone, and most shells end without a word to what they run. It would hold the folder of
  // the store for good.
  if (process.env.npm_command === undefined) return
  setInterval(() => {
    if (firstAt === undefined && process.ppid !== parent) onSignal('SIGINT')
  }, LOOK_MS).unref()
}
