/** Faults of a cluster: those that are soon over. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'cluster', true)
