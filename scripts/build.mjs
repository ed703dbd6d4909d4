/**
 * Compiles src/ into dist/, and copies what the compiler leaves behind (the Lua scripts) beside its users. Does nothing
 * when dist/ was built from the very same sources: dist/.built holds their fingerprint.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, runInstalled, task, whenStarted } from './task.mjs'

const STAMP = join(root, 'dist/.built')
const SETTINGS = ['package-lock.json', 'package.json', 'scripts/build.mjs', 'tsconfig.build.json', 'tsconfig.json']

/**
 * Types are left to `npm test` and `npm run typecheck`: checking them takes three times as long as all the rest, and every
 * file compiles by itself (isolatedModules). Declarations are left out as nothing imports the service.
 */
const FAST = ['--noCheck', '--declaration', 'false']

/** Every file of src/ that has its counterpart in dist/, as a path within src/, in a fixed order. */
const sources = () =>
  readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, 'src').length + 1))
    .sort()

/** @param {readonly string[]} files */
const fingerprint = (files) => {
  const hash = createHash('sha256').update(process.versions.node)
  for (const path of [...SETTINGS, ...files.map((file) => join('src', file))]) {
    const content = readFileSync(join(root, path))
    hash.update(`\n${path} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} file */
const output = (file) => join(root, 'dist', file.replace(/\.ts$/, '.js'))

/** @throws {Failed} when the compiler refuses, with all that it said; dist/ is then not to be used */
export const build = async () => {
  const files = sources()
  const stamp = fingerprint(files)
  const isFresh = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp
  if (isFresh && files.every((file) => existsSync(output(file)))) return
  await task('compiling src into dist', async () => {
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    const args = ['-p', 'tsconfig.build.json', ...FAST, '--pretty', String(process.stdout.isTTY === true)]
    await runInstalled('typescript', 'tsc', args)
    for (const file of files.filter((name) => !name.endsWith('.ts'))) {
      mkdirSync(dirname(output(file)), { recursive: true })
      copyFileSync(join(root, 'src', file), output(file))
    }
    writeFileSync(STAMP, stamp)
  })
}

await whenStarted(import.meta.url, build)
