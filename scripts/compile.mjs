/**
 * Compiles files of src/ into dist/, each by itself, as those who install the package load the client. Types are taken out
 * and not checked: that is the matter of `npm test` and `npm run typecheck`.
 */
import { Failed, root } from './task.mjs'

/** What files are compiled to. @typedef {{ format: 'esm' | 'cjs', ending: '.js' | '.cjs' }} Form */

/** @type {Form} */
export const MODULES = { format: 'esm', ending: '.js' }
/** For those who `require`. @type {Form} */
export const COMMONJS = { format: 'cjs', ending: '.cjs' }

/**
 * Leaves each import as it is, save that it names what the file is compiled to.
 *
 * @param {string} ending
 * @returns {import('esbuild').Plugin}
 */
const imports = (ending) => ({
  name: 'imports',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/^(\..*)\.ts$/, `$1${ending}`), external: true },
    )
  },
})

/**
 * @param {readonly string[]} files as paths within src/
 * @param {Form} form
 * @throws {Failed} when one does not read as TypeScript, with the place
 */
export const compile = async (files, { format, ending }) => {
  const esbuild = await import('esbuild')
  const made = esbuild.build({
    absWorkingDir: root,
    entryPoints: files.map((file) => `src/${file}`),
    outdir: 'dist',
    outbase: 'src',
    // Not into one file: every import stays outside. Only so is an import read, rather than looked for in the text.
    bundle: true,
    treeShaking: false,
    format,
    outExtension: { '.js': ending },
    platform: 'node',
    target: 'es2023',
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [imports(ending)],
  })
  await made.catch(async ({ errors, message }) => {
    const said = errors ? await esbuild.formatMessages(errors, { kind: 'error' }) : [message]
    throw new Failed('src does not compile.', said.join('\n'))
  })
}
