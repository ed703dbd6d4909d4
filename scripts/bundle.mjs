/**
 * Makes dist/coatcheck-client.min.js: the client as one ES module that a page loads by its address, without a build of
 * its own. `npm run bundle:check` says how large it is, and fails when it has outgrown its budget.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Failed, root, whenStarted } from './task.mjs'

export const BUNDLE = 'dist/coatcheck-client.min.js'

/** What it may weigh on its way to a browser. A page loads it before it shows anything that is kept. */
const BUDGET_GZIPPED = 8 * 1024

/** Browsers of the autumn of 2023; what is newer in the language is written in older words, what is newer in them is not. */
const BROWSERS = ['chrome117', 'edge117', 'firefox118', 'safari17']

/** @throws {Failed} when it cannot be made: something of Node was imported, or a file does not read as TypeScript */
export const bundle = async () => {
  const esbuild = await import('esbuild')
  const made = esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/client/index.ts'],
    outfile: BUNDLE,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: BROWSERS,
    legalComments: 'none',
    logLevel: 'silent',
  })
  await made.catch(async ({ errors, message }) => {
    const said = errors ? await esbuild.formatMessages(errors, { kind: 'error' }) : [message]
    throw new Failed('The client cannot be put into one file for a page.', said.join('\n'))
  })
}

const checkSize = async () => {
  const content = readFileSync(join(root, BUNDLE))
  const gzipped = gzipSync(content, { level: 9 }).length
  const size = `${BUNDLE}: ${content.length} bytes, ${gzipped} gzipped of ${BUDGET_GZIPPED} allowed`
  if (gzipped <= BUDGET_GZIPPED) return console.log(size)
  const here = relative(root, import.meta.filename)
  throw new Failed(`${size}.\nMake it smaller, or raise the budget in ${here} and say why it is worth it.`)
}

await whenStarted(import.meta.url, checkSize)
