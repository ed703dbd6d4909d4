/**
 * `npm run pack:client`: the client as a package of its own, coatcheck-client-<version>.tgz, for apps that only call a service.
 * It holds the very files of the client that the whole package has, under the same paths and exports, so that an app which
 * installs it as `coatcheck` imports the same names. In a folder as first argument, in the project's if that is left out.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from './build.mjs'
import { BUNDLE_FILES } from './bundle.mjs'
import { install } from './install.mjs'
import { readJson, root, runNpm, whenStarted } from './task.mjs'

/** What the two packages have in common. */
const SHARED = /** @type {const} */ ([
  'version',
  'license',
  'repository',
  'homepage',
  'bugs',
  'type',
  'engines',
  'exports',
  'unpkg',
  'jsdelivr',
  'peerDependencies',
  'peerDependenciesMeta',
])

const manifest = () => {
  const whole = readJson('package.json')
  return {
    name: 'coatcheck-client',
    description:
      'The client of Coatcheck, a session store for live views: for Node, for pages, and as a store of Express and Fastify.',
    ...Object.fromEntries(SHARED.map((name) => [name, whole[name]])),
    sideEffects: false,
  }
}

await whenStarted(import.meta.url, async () => {
  await install()
  await build()
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-client-'))
  try {
    mkdirSync(join(folder, 'dist'))
    for (const path of ['dist/client', ...BUNDLE_FILES, 'LICENSE']) {
      cpSync(join(root, path), join(folder, path), { recursive: true })
    }
    cpSync(join(root, 'clients/typescript/README.md'), join(folder, 'README.md'))
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
    const target = resolve(root, process.argv[2] ?? '')
    await runNpm(['pack', '--loglevel=error', '--pack-destination', target], { cwd: folder, onLine: console.log })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
