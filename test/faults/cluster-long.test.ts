/** All faults of a Cluster that `npm test` has no time for. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'cluster', 'long')
