/** All faults of one Redis that `npm test` has no time for. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'redis', 'long')
