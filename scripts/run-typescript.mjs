/**
 * Lets Node run TypeScript as it stands: tap loads this into every test file (`node-arg` in package.json). esbuild, by way
 * of tsx, takes the types away in half the time that tap's own compiler needs to; what is checked is checked by tsc.
 *
 * A test that starts a process of its own hands on `process.execArgv`. Node looks for a relative path from the folder that
 * it is started in, which for that process may be any: so the path is made whole.
 */
import { basename } from 'node:path'
import 'tsx'

const ending = basename(import.meta.filename)
process.execArgv = process.execArgv.map((arg) =>
  arg.startsWith('--import=.') && arg.endsWith(`/${ending}`) ? `--import=${import.meta.url}` : arg,
)
