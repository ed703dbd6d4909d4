/** A fail-over in a Cluster, and slots that move, under load. `cluster-long.test.ts` does the other faults. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'cluster', 'quick')
