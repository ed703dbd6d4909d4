/**
 * Compiles src/ into dist/, and copies what the compiler leaves behind (the Lua scripts) beside its users. Of the client,
 * which others import, it also writes the types, CommonJS, and files for a page. Does nothing when dist/ was built from the very
 * same sources: dist/.built holds their fingerprint.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUNDLE_FILES, bundle } from './bundle.mjs'
import { COMMONJS, compile, MODULES } from './compile.mjs'
import { declarationsOf, declare } from './declarations.mjs'
import { root, task, whenStarted } from './task.mjs'

const STAMP = join(root, 'dist/.built')
const SETTINGS = [
  'package-lock.json',
  'package.json',
  'scripts/build.mjs',
  'scripts/bundle.mjs',
  'scripts/compile.mjs',
  'scripts/compiler.mjs',
  'scripts/declarations.mjs',
  'src/client/tsconfig.json',
  'tsconfig.declarations.json',
  'tsconfig.json',
]

/** Every file of src/ that has its counterpart in dist/, as a path within src/, in a fixed order. */
const sources = () =>
  readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter(({ name }) => !name.endsWith('.d.ts') && name !== 'tsconfig.json')
    .filter((entry) => entry.isFile())
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

/** What others import: its types are shipped. @param {string} file */
const isOfClient = (file) => file.startsWith('client/') && file.endsWith('.ts')

/** @param {string} file */
const isCode = (file) => file.endsWith('.ts')

/** @param {string} file */
const output = (file, ending = '.js') => join(root, 'dist', file.replace(/\.ts$/, ending))

/** @param {readonly string[]} files */
const outputs = (files) => [
  ...files.map((file) => output(file)),
  ...files.filter(isOfClient).flatMap((file) => [output(file, COMMONJS.ending), ...declarationsOf(file)]),
  ...BUNDLE_FILES.map((file) => join(root, file)),
]

/** @throws {Failed} when the compiler refuses, with all that it said; dist/ is then not to be used */
export const build = async () => {
  const files = sources()
  const stamp = fingerprint(files)
  const isFresh = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp
  if (isFresh && outputs(files).every((path) => existsSync(path))) return
  await task('compiling src into dist', async () => {
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    const [code, rest] = [files.filter(isCode), files.filter((file) => !isCode(file))]
    const forOthers = compile(files.filter(isOfClient), COMMONJS)
    await Promise.all([compile(code, MODULES), forOthers, declare(), bundle()])
    // Otherwise the compiler stays, as a process of 75 MB, for as long as a service that `npm start` makes of this one.
    await (await import('esbuild')).stop()
    for (const file of rest) {
      mkdirSync(dirname(output(file)), { recursive: true })
      copyFileSync(join(root, 'src', file), output(file))
    }
    writeFileSync(STAMP, stamp)
  })
}

await whenStarted(import.meta.url, build)
