/** Faults of one Redis, of the line to it, and of the service on it: those that are soon over. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'redis', true)
