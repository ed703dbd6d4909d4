/**
 * Writes the declarations of the client's entry points and of what they import: the types that the package has for others,
 * once for ES modules and once for CommonJS.
 * They are not checked here: that is the matter of `npm run typecheck`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compilerPath } from './compiler.mjs'
import { root, run } from './task.mjs'

const TARGET = join(root, 'dist/client')

/** The compiler leaves the endings of the source as they are, but a reader of the package has no such files. */
const RELATIVE = /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/g

/** @param {string} file of src/, as a path within it @returns {string[]} where its types go */
export const declarationsOf = (file) => ['.d.ts', '.d.cts'].map((ending) => join('dist', file.replace(/\.ts$/, ending)))

/** @throws {Failed} when the compiler refuses */
export const declare = async () => {
  await run(await compilerPath(), ['-p', 'tsconfig.declarations.json'])
  for (const name of readdirSync(TARGET).filter((each) => each.endsWith('.d.ts'))) {
    const path = join(TARGET, name)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(RELATIVE, '$1$2$3.js$2'))
    writeFileSync(path.replace(/\.ts$/, '.cts'), text.replace(RELATIVE, '$1$2$3.cjs$2'))
  }
}
