/**
 * Puts the service and its command into a few files: dist/cli.js, and one for each part that is loaded when it is needed.
 * Node opens these in a third of the time that it takes for 200 files of ours and 700 of `INSIDE`.
 *
 * Other packages stay outside. npm installs them beside ours, so whoever runs a service gets their fixes without waiting for us.
 * What is inside is pinned in package.json, so that `npm audit` tells of the very code that runs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { Failed, readJson, root } from './task.mjs'

/** Packages of very many files, which need no others. */
export const INSIDE = ['typebox']

const NOTICES = 'dist/third-party-notices.txt'

/** A file finds what lies beside it where the source has it, whatever file it is put into. @type {import('esbuild').Plugin} */
const places = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const place = relative(join(root, 'src'), path).split(sep).join('/')
      const source = readFileSync(path, 'utf8')
      return {
        loader: 'ts',
        contents: source.replaceAll('import.meta.url', `new URL('./${place}', import.meta.url)`),
      }
    })
  },
}

/** Their licences ask for it. @param {readonly string[]} names of packages */
const noticesOf = (names) => {
  const parts = names.map((name) => {
    const { version, license } = readJson(`node_modules/${name}/package.json`)
    const folder = join(root, 'node_modules', name)
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
    if (!file) throw new Failed(`${name} has no file with its licence, and so may not be put into ours.`)
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  })
  return ['The files beside this one hold code of these packages.\n', ...parts].join('\n')
}

/** @param {string} path of a file that was put inside @returns {string[]} the package that it is of, if it is not ours */
const packageOf = (path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.slice(1, 2) ?? []

/** @returns {Promise<string[]>} the files that it made @throws {Failed} when one does not read as TypeScript, with the place */
export const makeServiceFiles = async () => {
  const esbuild = await import('esbuild')
  const { dependencies, peerDependencies } = readJson('package.json')
  const made = esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !INSIDE.includes(name)),
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    charset: 'utf8',
    // For `node --enable-source-maps`. Without it Node does not open the maps.
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [places],
  })
  const { metafile } = await made.catch(async ({ errors, message }) => {
    const said = errors ? await esbuild.formatMessages(errors, { kind: 'error' }) : [message]
    throw new Failed('src does not compile.', said.join('\n'))
  })
  const inside = [...new Set(Object.keys(metafile.inputs).flatMap(packageOf))].sort()
  const strange = inside.filter((name) => !INSIDE.includes(name))
  if (strange.length > 0)
    throw new Failed(`The service imports ${strange.join(', ')}, which package.json does not list.`)
  writeFileSync(join(root, NOTICES), noticesOf(inside))
  return [...Object.keys(metafile.outputs), NOTICES]
}
