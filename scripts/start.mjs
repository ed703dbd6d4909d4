/**
 * `npm start`: installs and builds what is missing or stale, then is the service. The command runs in this very process
 * rather than in a child, so that signals, standard streams and the exit code are its own, and a warm start costs
 * no second Node. Arguments are passed on: `npm start -- --help`.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { root, whenStarted } from './task.mjs'

await whenStarted(import.meta.url, async () => {
  await install()
  await build()
  const command = join(root, 'dist/cli.js')
  process.argv = [process.execPath, command, 'serve', ...process.argv.slice(2)]
  await import(pathToFileURL(command).href)
})
