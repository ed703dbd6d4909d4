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
  const parent = process.ppid
  await install()
  await build()
  // npm, or its shell, has been ended meanwhile: nobody waits for a service any more.
  if (process.ppid !== parent) return
  const command = join(root, 'dist/cli.js')
  process.argv = [process.execPath, command, 'serve', ...process.argv.slice(2)]
  await import(pathToFileURL(command).href)
})
