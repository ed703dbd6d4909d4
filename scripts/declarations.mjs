/**
 * Writes the declarations of the client's entry points and what they import: the types that the package has for others.
 * Each file is declared by itself (isolatedDeclarations), which takes no types of other files and so no time; that what is
 * said there is also true `npm run typecheck` sees to.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failed, root } from './task.mjs'

/** The compiler leaves the endings of the source as they are, but a reader of the package has no such files. */
const RELATIVE = /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/g

/** @param {string} file of src/, as a path within it @returns {string} where its types go */
export const declarationOf = (file) => join(root, 'dist', file.replace(/\.ts$/, '.d.ts'))

/**
 * @param {readonly string[]} files of src/, as paths within it
 * @throws {Failed} when a file leaves out a type that only other files or its own body would tell
 */
export const declare = async (files) => {
  const { default: ts } = await import('typescript')
  const settings = join(root, 'src/client/tsconfig.json')
  const { config } = ts.readConfigFile(settings, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files }, ts.sys, join(root, 'src'))
  for (const file of files) {
    const text = readFileSync(join(root, 'src', file), 'utf8')
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(text, {
      fileName: join(root, 'src', file),
      compilerOptions: options,
      reportDiagnostics: true,
    })
    if (diagnostics.length > 0) {
      const host = { getCurrentDirectory: () => root, getCanonicalFileName: String, getNewLine: () => '\n' }
      throw new Failed(`src/${file} cannot be declared by itself.`, ts.formatDiagnostics(diagnostics, host))
    }
    const target = declarationOf(file)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText.replace(RELATIVE, '$1$2$3.js$2'))
  }
}
