/** The faults: what is done, and how it is undone. `run.ts` does them under load. */
import { CLUSTER_FAULTS } from './scenarios-cluster.ts'
import { LINE_FAULTS } from './scenarios-line.ts'
import { REDIS_FAULTS } from './scenarios-redis.ts'
import { SENTINEL_FAULTS } from './scenarios-sentinel.ts'
import { SERVICE_FAULTS } from './scenarios-service.ts'
import type { Scenario } from './scene.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...REDIS_FAULTS,
  ...LINE_FAULTS,
  ...SERVICE_FAULTS,
  ...SENTINEL_FAULTS,
  ...CLUSTER_FAULTS,
]
