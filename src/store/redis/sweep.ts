/** Removes what is over from the partitions' expiries, and has each end told. */
import { PARTITIONS } from '../layout/partition.ts'
import type { Store } from '../port.ts'
import { expiriesKey, sessionKey } from './keys.ts'
import type { Link } from './link.ts'
import type { RedisTime } from './redis-time.ts'
import type { createScriptRunner } from './script-runner.ts'

const BATCH = 100

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

type Parts = {
  readonly link: Link
  readonly run: ReturnType<typeof createScriptRunner>['run']
  readonly time: RedisTime
}

export const createSweep = ({ link, run, time }: Parts): Store['sweep'] => {
  /** Removes what is over in lots, until a lot is not full or another replica was faster. */
  const sweepPartition = async (partition: string): Promise<number> => {
    let swept = 0
    for (;;) {
      const upTo = 2 * time.now() + 1
      const args = [expiriesKey(partition), '-inf', upTo, 'BYSCORE', 'LIMIT', 0, BATCH]
      const due = (await link.send('zrange', args)) as Buffer[]
      if (due.length === 0) return swept
      const sessions = due.map((member) => sessionKey(partition, member))
      const { lives } = await run('sweep', [expiriesKey(partition), ...sessions], {}, { more: due })
      const here = sum(lives ?? [])
      swept += here
      if (due.length < BATCH || here === 0) return swept
    }
  }

  return async (stopping) => {
    const swept: number[] = []
    let failure: unknown
    // One partition after the other, so that a sweep holds no caller up. One that cannot be swept keeps none of the others.
    for (const partition of PARTITIONS) {
      if (stopping?.aborted) break
      try {
        swept.push(await sweepPartition(partition))
      } catch (error) {
        failure = error
      }
    }
    if (failure !== undefined && swept.length === 0) throw failure
    return sum(swept)
  }
}
