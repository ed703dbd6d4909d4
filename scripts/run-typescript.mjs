/**
 * Lets Node run TypeScript as it stands: `npx tap run test/…` loads this into every test file (`node-arg` in package.json).
 * esbuild, by way of tsx, takes the types away in half the time that tap's own compiler needs; tsc checks them.
 *
 * tap would watch what every process of a test loads, for coverage, which nobody asks for here: that doubles the start of
 * each service that a test starts.
 */
import 'tsx'

delete process.env.NODE_OPTIONS
