/**
 * Makes what a page loads by its address, without a build of its own: the client, and the hook for live views, each as one ES
 * module. `npm run bundle:check` says how large they are, and fails when one has outgrown its budget.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Failed, root, whenStarted } from './task.mjs'

/** Budgets are of what goes to a browser, gzipped: a page loads it before it shows anything that is kept. */
const BUNDLES = [
  { file: 'dist/coatcheck-client.min.js', entry: 'src/client/index.ts', budget: 10.25 * 1024 },
  { file: 'dist/coatcheck-liveview.min.js', entry: 'src/client/liveview.ts', budget: 11 * 1024 },
]

export const BUNDLE_FILES = BUNDLES.map(({ file }) => file)

/** Browsers of the autumn of 2023; what is newer in the language is written in older words, what is newer in them is not. */
const BROWSERS = ['chrome117', 'edge117', 'firefox118', 'safari17']

/** @throws {Failed} when one cannot be made: something of Node was imported, or a file does not read as TypeScript */
export const bundle = async () => {
  const esbuild = await import('esbuild')
  const make = ({ file, entry }) =>
    esbuild.build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: BROWSERS,
      legalComments: 'none',
      logLevel: 'silent',
    })
  await Promise.all(BUNDLES.map(make)).catch(async ({ errors, message }) => {
    const said = errors ? await esbuild.formatMessages(errors, { kind: 'error' }) : [message]
    throw new Failed('The client cannot be put into one file for a page.', said.join('\n'))
  })
}

const checkSizes = async () => {
  for (const { file, budget } of BUNDLES) {
    const content = readFileSync(join(root, file))
    const gzipped = gzipSync(content, { level: 9 }).length
    const size = `${file}: ${content.length} bytes, ${gzipped} gzipped of ${budget} allowed`
    if (gzipped > budget) {
      const here = relative(root, import.meta.filename)
      throw new Failed(`${size}.\nMake it smaller, or raise the budget in ${here} and say why it is worth it.`)
    }
    console.log(size)
  }
}

await whenStarted(import.meta.url, checkSizes)
