/** A worker's side of what it shares with the other workers: it asks the primary. */
import type { CountFailure } from '../../http/failure-counts.ts'
import type { Metrics } from '../../http/routes/metrics.ts'
import type { Answers, FromPrimary, FromWorker } from './messages.ts'

export type Primary = {
  readonly countFailure: CountFailure
  /** Those of all workers. `own` are what this one has counted. */
  metricsOfAll(own: Metrics): Metrics
  /** Says that this worker listens. */
  serves(): void
}

/** Only for a process that the primary has forked. When the primary is gone, Node ends the process. */
export const toPrimary = (): Primary => {
  const asked = new Map<number, (value: never) => void>()
  let own: Metrics | undefined
  let last = 0

  const say = (message: FromWorker): void => {
    // Where the primary has just gone, nobody hears it.
    process.send?.(message, undefined, {}, () => {})
  }
  const nextNumber = (): number => {
    last += 1
    return last
  }
  const answerTo = <Question extends keyof Answers>(n: number): Promise<Answers[Question]> =>
    new Promise((resolve) => asked.set(n, resolve))

  process.on('message', (message: FromPrimary) => {
    if ('ask' in message) {
      void own?.text().then((text) => say({ answer: 'part', n: message.n, text }))
      return
    }
    asked.get(message.n)?.(message.value as never)
    asked.delete(message.n)
  })

  return {
    countFailure(whom) {
      const n = nextNumber()
      say({ ask: 'failures', n, whom })
      return answerTo<'failures'>(n)
    },
    metricsOfAll(metrics) {
      own = metrics
      const text = () => {
        const n = nextNumber()
        say({ ask: 'metrics', n })
        return answerTo<'metrics'>(n)
      }
      return { contentType: metrics.contentType, text }
    },
    serves: () => say({ say: 'serves' }),
  }
}
