/** A fail-over by Sentinels under load. `sentinel-long.test.ts` does the other faults. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'sentinel', 'quick')
