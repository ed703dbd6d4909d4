/**
 * Brings node_modules to what package-lock.json says, if it is not there already.
 *
 * npm leaves node_modules/.package-lock.json behind as the last thing of every good install. So an install is up to date
 * when that file and the lock file name the same packages, and each has its folder: a pull that changed the lock file,
 * an `npm ci` that was broken off, a folder brought from another platform are all noticed, and a good install made by
 * hand is left as it is.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
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

/** Why node_modules is not what the lock file says, or null if it is. @returns {string | null} */
const staleness = () => {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return 'nothing is installed yet'
  /** @type {Record<string, Entry>} */
  const wanted = readJson('package-lock.json').packages
  /** @type {Record<string, Entry>} */
  const installed = readJson('node_modules/.package-lock.json').packages
  for (const [path, entry] of Object.entries(wanted)) {
    const there = installed[path]
    if (path === '' || entry.link) continue
    if (!there && entry.optional && !isForHere(entry)) continue
    if (!there || there.version !== entry.version || there.integrity !== entry.integrity) return `${path} is stale`
    if (!existsSync(join(root, path, 'package.json'))) return `${path} is missing`
  }
  return null
}

/** @throws {Failed} when npm fails, with all that it said */
export const install = async () => {
  checkNode()
  const reason = staleness()
  if (reason === null) return
  // `--include`: the build and the tests need what a NODE_ENV=production or an `omit` in someone's .npmrc leaves out.
  const what = ['ci', '--include=dev', '--include=optional', '--prefer-offline']
  const quietly = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  await task(`installing the packages of package-lock.json (${reason})`, () => runNpm([...what, ...quietly]))
}

await whenStarted(import.meta.url, install)
