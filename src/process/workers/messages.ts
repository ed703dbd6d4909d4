/** What a worker and the primary say to each other. A question has a number, which its answer repeats. */
import type { Counted } from '../../http/failure-counts.ts'

/** What a worker asks for, and what it is answered. */
export type Answers = {
  /** How often somebody has failed in all workers, once more included. */
  readonly failures: Counted
  /** What all workers have counted, in the text form of Prometheus. */
  readonly metrics: string
}

export type FromWorker =
  /** It listens. */
  | { readonly say: 'serves' }
  | { readonly ask: 'failures'; readonly n: number; readonly whom: string }
  | { readonly ask: 'metrics'; readonly n: number }
  /** What it has counted itself. */
  | { readonly answer: 'part'; readonly n: number; readonly text: string }

export type FromPrimary =
  | { readonly ask: 'part'; readonly n: number }
  | { readonly answer: keyof Answers; readonly n: number; readonly value: Answers[keyof Answers] }
