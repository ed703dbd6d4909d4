/** Faults of a sentinel: those that are soon over. */
import t from 'tap'
import { checkFaults } from './check.ts'

await checkFaults(t, 'sentinel', true)
