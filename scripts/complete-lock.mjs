/**
 * Writes into package-lock.json what npm left out because the registry at hand did not have it: the native parts that
 * packages have for other platforms. With one of them missing `npm ci` refuses the whole lock file, and on that platform
 * the part would not be installed. To be run after `npm install` has changed the lock file; the tests say when.
 *
 * What is written has a version, always an exact one, but no integrity, as there was nothing to take it from.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root, whenStarted } from './task.mjs'

/** @typedef {{ version: string, dev?: boolean, optionalDependencies?: Record<string, string> }} Entry */

/** What stands in a platform's name in place of a C library's. */
const LIBCS = ['musl', 'glibc']

/** The entry of a native part, which is named by what it is for: `@biomejs/cli-linux-x64-musl`. */
const nativeEntry = (/** @type {string} */ name, /** @type {string} */ version, /** @type {Entry} */ { dev }) => {
  const words = name.split('-')
  const libc = words.filter((word) => LIBCS.includes(word))
  const [os = '', cpu = ''] = words.slice(-2 - libc.length)
  return { version, cpu: [cpu], ...(dev && { dev }), ...(libc.length > 0 && { libc }), optional: true, os: [os] }
}

await whenStarted(import.meta.url, async () => {
  const lock = readJson('package-lock.json')
  /** @type {Record<string, Entry>} */
  const packages = lock.packages
  const known = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
  for (const entry of Object.values(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (known.has(name)) continue
      packages[`node_modules/${name}`] = nativeEntry(name, version, entry)
      console.log(`- added ${name} ${version}`)
    }
  }
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`)
})
