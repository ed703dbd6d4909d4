/** An orderly end by SIGINT, SIGTERM or a fault nobody caught, in bounded time. */
import closeWithGrace from 'close-with-grace'

const CLOSE_MS = 8000
/** npm hands a terminal's Ctrl-C on to a process that has had it already: so soon, a second signal is the first again. */
const SAME_SIGNAL_MS = 1000

/** Who started this process. It may end before there is anything to close. */
const parent = process.ppid

/** How often what npm has started looks whether its parent is there. */
const LOOK_MS = 500

type Log = { info(message: string): void; fatal(fault: object, message: string): void }

export const closeOnSignal = (log: Log, end: () => Promise<void>): void => {
  const { close } = closeWithGrace({ delay: CLOSE_MS, logger: false, skip: ['SIGINT', 'SIGTERM'] }, async ({ err }) => {
    if (err) log.fatal({ err: { message: err.message, stack: err.stack } }, 'the process ends by a fault')
    else log.info('closing')
    await end()
  })

  let firstAt: number | undefined
  const onSignal = (): void => {
    if (firstAt === undefined) void close()
    else if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(1)
    firstAt ??= performance.now()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  // npm gives a SIGTERM to its shell alone, and most shells end without a word to what they run. It would hold the folder of
  // the store for good.
  if (process.env.npm_command === undefined) return
  setInterval(() => {
    if (firstAt === undefined && process.ppid !== parent) onSignal()
  }, LOOK_MS).unref()
}
