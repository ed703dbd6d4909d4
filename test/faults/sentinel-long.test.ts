/** All faults of Redis with Sentinels that `npm test` has no time for. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'sentinel', 'long')
