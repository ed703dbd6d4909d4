/**
 * Brings node_modules to what package-lock.json says, if it is not there already: the project's own, or those of the folder
 * that it is given, as in `node scripts/install.mjs some/folder`.
 *
 * npm leaves node_modules/.package-lock.json behind as the last thing of every good install. So an install is up to date
 * when that file and the lock file name the same packages, and each has its folder: a pull that changed the lock file,
 * an `npm ci` that was broken off, a folder brought from another platform are all noticed, and a good install made by
 * hand is left as it is.
 */
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Failed, readJson, root, runNpm, task, whenStarted } from './task.mjs'

/** @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Entry */

/** Says clearly that this Node is too old, rather than let a package fail on it. */
const checkNode = () => {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(readJson('package.json').engines.node) ?? []
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
  if (Number(ownMajor) > Number(major) || (ownMajor === Number(major) && Number(ownMinor) >= Number(minor))) return
  throw new Failed(`Coatcheck needs Node ${major}.${minor} or later; this is ${process.versions.node}.`)
}

/** @returns {'glibc' | 'musl' | null} */
const libc = () => {
  if (process.platform !== 'linux') return null
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  return header.glibcVersionRuntime ? 'glibc' : 'musl'
}

/** Whether npm would install this optional package on this machine. @param {Entry} entry */
const isForHere = ({ os, cpu, libc: libcs }) =>
  os?.includes(process.platform) && cpu?.includes(process.arch) && (!libcs || libcs.includes(libc() ?? ''))

/** Why node_modules is not what the lock file says, or null if it is. @param {string} folder @returns {string | null} */
const staleness = (folder) => {
  const at = (/** @type {string} */ path) => join(folder, path)
  const packagesOf = (/** @type {string} */ path) => readJson(relative(root, at(path))).packages
  if (!existsSync(at('node_modules/.package-lock.json'))) return 'nothing is installed yet'
  /** @type {Record<string, Entry>} */
  const wanted = packagesOf('package-lock.json')
  /** @type {Record<string, Entry>} */
  const installed = packagesOf('node_modules/.package-lock.json')
  for (const [path, entry] of Object.entries(wanted)) {
    const there = installed[path]
    if (path === '' || entry.link) continue
    if (!there && entry.optional && !isForHere(entry)) continue
    if (!there || there.version !== entry.version || there.integrity !== entry.integrity) return `${path} is stale`
    if (!existsSync(at(`${path}/package.json`))) return `${path} is missing`
  }
  return null
}

/** @param {string} folder one that has a lock file @throws {Failed} when npm fails, with all that it said */
export const installIn = async (folder) => {
  checkNode()
  const reason = staleness(folder)
  if (reason === null) return
  // `--include`: the build and the tests need what a NODE_ENV=production or an `omit` in someone's .npmrc leaves out.
  const what = ['ci', '--include=dev', '--include=optional', '--prefer-offline']
  const quietly = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  const lock = relative(root, join(folder, 'package-lock.json'))
  await task(`installing the packages of ${lock} (${reason})`, () => runNpm([...what, ...quietly], { cwd: folder }))
}

/** What the project itself needs. @throws {Failed} when npm fails, with all that it said */
export const install = () => installIn(root)

await whenStarted(import.meta.url, () => installIn(resolve(root, process.argv[2] ?? '')))
