/**
 * Completes package-lock.json with the native parts of other platforms. npm leaves some of them out when it writes the
 * lock file on one platform. `npm ci` then refuses the lock file elsewhere, or installs the part without a check of its
 * content. So every missing part is added, and every part without integrity gets it from the registry.
 *
 * Run it after `npm install` has changed the lock file. The tests say when it is needed.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failed, readJson, root, runNpm, whenStarted } from './task.mjs'

/** @typedef {{ version: string, integrity?: string, dev?: boolean, optionalDependencies?: Record<string, string> }} Entry */

/** What npm copies from the manifest of a native part into its entry, in npm's order. */
const FIELDS = /** @type {const} */ ([
  'version',
  'integrity',
  'cpu',
  'dev',
  'libc',
  'license',
  'optional',
  'os',
  'engines',
])

/** @param {string} name @param {string} version an exact one @param {boolean | undefined} dev @returns {Promise<Entry>} */
const entryFromRegistry = async (name, version, dev) => {
  const manifest = JSON.parse(await runNpm(['view', `${name}@${version}`, '--json']))
  const { integrity } = manifest.dist ?? {}
  if (typeof integrity !== 'string') throw new Failed(`The registry has no integrity for ${name} ${version}.`)
  const known = { ...manifest, integrity, optional: true, ...(dev && { dev }) }
  return /** @type {Entry} */ (
    Object.fromEntries(FIELDS.filter((field) => known[field] !== undefined).map((field) => [field, known[field]]))
  )
}

await whenStarted(import.meta.url, async () => {
  const lock = readJson('package-lock.json')
  /** @type {Record<string, Entry>} */
  const packages = lock.packages
  const paths = new Map(Object.keys(packages).map((path) => [path.split('node_modules/').at(-1), path]))
  for (const parent of Object.values(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = paths.get(name) ?? `node_modules/${name}`
      if (packages[path]?.integrity) continue
      packages[path] = await entryFromRegistry(name, packages[path]?.version ?? version, parent.dev)
      console.log(`- completed ${name} ${packages[path].version}`)
    }
  }
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`)
})
