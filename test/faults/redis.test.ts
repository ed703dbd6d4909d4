/** Faults of one Redis, of the line to it, and of the service on it: a choice. `redis-long.test.ts` does the others. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'redis', 'quick')
