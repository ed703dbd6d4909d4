/**
 * Several processes that serve one port, for a machine with several cores. The primary serves nothing itself: it starts the
 * workers, starts another one for each that ends by itself, hands signals on, and keeps what they share: what was counted, and
 * who has failed how often. Each worker is otherwise a replica of its own.
 */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createFailureCounts } from '../../http/failure-counts.ts'
import { closeOnSignal } from '../close-on-signal.ts'
import { sumTexts, withoutGauges } from '../metrics/sum-texts.ts'
import type { FromPrimary, FromWorker } from './messages.ts'

/** So long who reads the metrics waits for each worker. What one said before stands for what it does not say in time. */
const PART_MS = 1000
/** A worker that ended is followed by another one so long after it was started, at the soonest. */
const RESTART_MS = 1000
/** How much longer than a worker the primary takes at most, to end after it. */
const LATER_MS = 1000

export type WorkersOptions = { readonly count: number; readonly drainMs: number; readonly log: Logger }

/** Starts them, and answers once all of them serve. Ends the process with the code of a first worker that could not start. */
export const startWorkers = async ({ count, drainMs, log }: WorkersOptions): Promise<void> => {
  const countFailure = createFailureCounts()
  const workers = new Set<Worker>()
  /** What each worker has counted, as far as it has said. */
  const told = new Map<Worker, string>()
  const waiting = new Map<number, (text: string) => void>()
  /** What those have counted that are gone. */
  let past = ''
  let last = 0
  let isEnding = false

  const say = (worker: Worker, message: FromPrimary): void => {
    if (worker.isConnected()) worker.send(message, () => {})
  }

  const askPart = async (worker: Worker): Promise<void> => {
    last += 1
    const n = last
    const answered = new Promise<string>((resolve) => waiting.set(n, resolve))
    say(worker, { ask: 'part', n })
    const text = await Promise.race([answered, delay(PART_MS, undefined, { ref: false })])
    waiting.delete(n)
    if (text !== undefined && workers.has(worker)) told.set(worker, text)
  }

  const metrics = async (): Promise<string> => {
    await Promise.all([...workers].map(askPart))
    return sumTexts([...told.values(), past])
  }

  const hear = async (worker: Worker, message: FromWorker): Promise<void> => {
    if ('say' in message) return
    const { n } = message
    if ('answer' in message) waiting.get(n)?.(message.text)
    else if (message.ask === 'metrics') say(worker, { answer: 'metrics', n, value: await metrics() })
    else say(worker, { answer: 'failures', n, value: countFailure(message.whom) })
  }

  /** Answers once it serves, or its exit code. */
  const start = async (): Promise<number | undefined> => {
    const startedAt = performance.now()
    const worker = cluster.fork()
    workers.add(worker)
    worker.on('message', (message: FromWorker) => void hear(worker, message))
    const serves = new Promise<undefined>((resolve) => {
      worker.on('message', (message: FromWorker) => 'say' in message && resolve(undefined))
    })
    const exited = once(worker, 'exit').then(([code, signal]): number => {
      workers.delete(worker)
      past = sumTexts([past, withoutGauges(told.get(worker) ?? '')])
      told.delete(worker)
      if (!isEnding) void follow(worker, { code, signal }, startedAt)
      return code ?? 1
    })
    return Promise.race([serves, exited])
  }

  let hasServed = false
  const follow = async ({ process: { pid } }: Worker, how: object, startedAt: number): Promise<void> => {
    if (!hasServed) return
    log.error({ worker: pid, ...how }, 'a worker has ended; another one takes its place')
    await delay(Math.max(0, startedAt + RESTART_MS - performance.now()))
    if (!isEnding) await start()
  }

  const end = async (signal: 'SIGINT' | 'SIGTERM'): Promise<void> => {
    if (isEnding) return
    isEnding = true
    const all = [...workers].map(async (worker) => {
      const exited = once(worker, 'exit')
      worker.process.kill(signal)
      const [code] = await exited
      return code ?? 0
    })
    if ((await Promise.all(all)).some((code) => code !== 0)) throw new Error('A worker did not end in order.')
  }
  closeOnSignal(log, { drain: () => end('SIGTERM'), drainMs: drainMs + LATER_MS, end: () => end('SIGINT') })

  // What is at fault in all of them is said by one.
  const code = await start()
  if (code !== undefined) process.exit(code)
  hasServed = true
  await Promise.all(Array.from({ length: count - 1 }, start))
}
