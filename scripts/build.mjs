/**
 * Makes dist/ of src/: the service and its command in a few files, what they read (the Lua scripts) where the source has it,
 * and the client as others import it: each file by itself, once more as CommonJS, its types, and files for a page. Does nothing
 * when dist/ was made of the very same sources: dist/.built holds their fingerprint, and the names of all that was made.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUNDLE_FILES, bundle } from './bundle.mjs'
import { COMMONJS, compile, MODULES } from './compile.mjs'
import { declarationsOf, declare } from './declarations.mjs'
import { makeServiceFiles } from './service-files.mjs'
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
  'scripts/service-files.mjs',
  'src/client/tsconfig.json',
  'tsconfig.declarations.json',
  'tsconfig.json',
]

/** Every file of src/ that dist/ is made of, as a path within src/, in a fixed order. */
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
const output = (file, ending = '.js') => join('dist', file.replace(/\.ts$/, ending))

/** @param {readonly string[]} files of the client */
const outputsOfClient = (files) => [
  ...files.flatMap((file) => [output(file), output(file, COMMONJS.ending), ...declarationsOf(file)]),
  ...BUNDLE_FILES,
]

/** @param {string} stamp */
const isMade = (stamp) => {
  if (!existsSync(STAMP)) return false
  const [made, ...files] = readFileSync(STAMP, 'utf8').split('\n')
  return made === stamp && files.every((file) => existsSync(join(root, file)))
}

/** @throws {Failed} when the compiler refuses, with all that it said; dist/ is then not to be used */
export const build = async () => {
  const files = sources()
  const stamp = fingerprint(files)
  if (isMade(stamp)) return
  await task('compiling src into dist', async () => {
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    const [client, rest] = [files.filter(isOfClient), files.filter((file) => !isCode(file))]
    const [ofService] = await Promise.all([
      makeServiceFiles(),
      compile(client, MODULES),
      compile(client, COMMONJS),
      declare(),
      bundle(),
    ])
    // Otherwise the compiler stays, as a process of 75 MB, for as long as a service that `npm start` makes of this one.
    await (await import('esbuild')).stop()
    const copies = rest.map((file) => [join(root, 'src', file), output(file)])
    for (const [from, to] of copies) {
      mkdirSync(join(root, dirname(to)), { recursive: true })
      copyFileSync(from, join(root, to))
    }
    const made = [...ofService, ...outputsOfClient(client), ...copies.map(([, to]) => to)]
    writeFileSync(STAMP, [stamp, ...made].join('\n'))
  })
}

await whenStarted(import.meta.url, build)
