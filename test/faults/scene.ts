/** What a fault is told, and what it says of itself. */
import { until } from '../helpers/until.ts'
import type { Bench, Topology } from './bench.ts'
import type { Draw } from './draw.ts'
import type { Load } from './load.ts'

export type Scene = {
  readonly bench: Bench
  readonly load: Load
  readonly draw: Draw
  /** Says that a replica of the service is away, and answers what says that it is back. */
  down(replica: number): () => void
  /** Says that a replica of the service is stopped, and answers what says that it goes on. */
  stopped(replica: number): () => void
  /**
   * Says that there may be two masters until all is healed: that of before, and one that was promoted as nobody could reach
   * it. What was acknowledged meanwhile may be lost.
   */
  split(): void
  /** Says that the servers have failed over because of the fault. If they do so once more, it is for a reason of their own. */
  failedOver(): Promise<void>
  /** Says that calls to these sessions must go on, after a moment, until all is healed. */
  spare(sessions: readonly string[], afterMs?: number): void
}

/** Undoes a fault. Answers since when all should be well, if that is not now: some tidying may come after it. */
export type Heal = () => Promise<number | undefined>

export type Scenario = {
  readonly name: string
  readonly on: readonly Topology[]
  /** Where `npm test` does it, too. Everything else is for `npm run test:full`, which takes minutes. */
  readonly quickOn?: readonly Topology[]
  /** How long the fault stays before it is healed. */
  readonly lastsMs: number
  /** What was acknowledged so long before the fault may be lost; nothing if it is left out. */
  readonly losesMs?: number
  readonly mayBeFull?: boolean
  /** How long after healing calls may still fail. */
  readonly recoverMs?: number
  /** Whether it needs a proxy before every server. */
  readonly isProxied?: boolean
  harm(scene: Scene): Promise<Heal>
}

/** Lets a fault last: it is a matter of time. */
export const pass = (ms: number): Promise<void> => {
  const end = performance.now() + ms
  return until(() => performance.now() >= end, `${ms} ms have passed`)
}
