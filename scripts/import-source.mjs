/**
 * Imports modules of src/ into a script. dist/ has no file for each of them: it has the service and its command in a few.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { places } from './bundle-tests.mjs'
import { root } from './task.mjs'

/** @param {readonly string[]} files as paths in the project's folder @returns {Promise<any>} what they export, together */
export const importSource = async (...files) => {
  const esbuild = await import('esbuild')
  mkdirSync(join(root, '.tap'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tap/source-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(files.map((file, index) => [`module-${index}`, file])),
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    logLevel: 'warning',
    plugins: [places],
  })
  await esbuild.stop()
  const made = readdirSync(folder).filter((name) => name.startsWith('module-'))
  const modules = await Promise.all(made.map((name) => import(pathToFileURL(join(folder, name)).href)))
  return Object.assign({}, ...modules)
}
