/**
 * `npm run bench`, `npm run bench:memory`, `npm run bench:changes`, `npm run bench:growth` and `npm run bench:backup`: installs
 * and builds what is missing or stale, gets a Redis, then measures. What is measured, and the options, stand at the heads of the files in bench/.
 */
import { build } from './build.mjs'
import { install } from './install.mjs'
import { Failed, whenStarted } from './task.mjs'
import { findTool, obtainTools } from './tools.mjs'

/** @type {Record<string, () => Promise<unknown>>} */
const MEASUREMENTS = {
  throughput: () => import('../bench/throughput.mjs'),
  memory: () => import('../bench/memory.mjs'),
  changes: () => import('../bench/changes.mjs'),
  growth: () => import('../bench/growth.mjs'),
  backup: () => import('../bench/backup.mjs'),
}

/** What Coatcheck is held against, where it is there. @type {import('./tools.mjs').Tool} */
const WEBDIS = {
  purpose: 'webdis, to hold Coatcheck against',
  programs: ['webdis'],
  variable: 'WEBDIS',
  packages: { 'apt-get': ['webdis'], apk: [], dnf: [], brew: ['webdis'] },
}

await whenStarted(import.meta.url, async () => {
  const [name = ''] = process.argv.slice(2)
  const measure = MEASUREMENTS[name]
  if (!measure) throw new Failed(`Say what to measure: ${Object.keys(MEASUREMENTS).join(' or ')}.`)
  await install()
  await build()
  await obtainTools(['redis'])
  process.env.WEBDIS = (await findTool(WEBDIS)) ?? ''
  process.argv.splice(2, 1)
  await measure()
})
