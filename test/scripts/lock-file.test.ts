import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { root } from './project.ts'

/** It has no types of its own. */
const semver = createRequire(import.meta.url)('semver') as {
  minVersion(range: string): { readonly version: string } | null
  satisfies(version: string, range: string): boolean
}

type Entry = {
  version?: string
  resolved?: string
  engines?: { node?: string }
  integrity?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(root, name), 'utf8'))
const packagesOf = (lock: string): Record<string, Entry> => read(lock).packages as Record<string, Entry>
const entriesOf = (lock: string) => Object.entries(packagesOf(lock)).filter(([path]) => path !== '')

const packages = packagesOf('package-lock.json')
const entries = entriesOf('package-lock.json')
const generators = entriesOf('test/clients/generated/package-lock.json')

t.test('the lock file has the native parts of every platform, or npm ci refuses it', async (t) => {
  const known = new Set(entries.map(([path]) => path.split('node_modules/').at(-1)))
  const parts = entries.flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
  const lacking = parts.filter((name) => !known.has(name))
  t.strictSame(lacking, [], 'run: node scripts/complete-lock.mjs')
})

t.test('the lock file says what package.json says', async (t) => {
  const manifest = read('package.json')
  for (const kind of ['dependencies', 'devDependencies'] as const) t.same(packages['']?.[kind], manifest[kind], kind)
  const { dependencies } = read('test/clients/generated/package.json')
  t.same(packagesOf('test/clients/generated/package-lock.json')['']?.dependencies, dependencies)
})

t.test('the lock files pin content and name no host', async (t) => {
  const which = (isWrong: (entry: Entry) => boolean): string[] =>
    [...entries, ...generators].filter(([, entry]) => isWrong(entry)).map(([path]) => path)
  t.strictSame(
    which(({ version }) => !/^\d+\.\d+\.\d+/.test(version ?? '')),
    [],
    'no version',
  )
  t.strictSame(
    which(({ integrity }) => !integrity?.startsWith('sha512-')),
    [],
    'no integrity: run node scripts/complete-lock.mjs',
  )
  t.strictSame(
    which(({ resolved }) => resolved !== undefined),
    [],
    'a host',
  )
})

t.test('every package runs on the oldest Node that we support, so npm ci --engine-strict passes there', async (t) => {
  const { engines, dependencies } = read('package.json') as { engines: { node: string }; dependencies: object }
  const oldest = semver.minVersion(engines.node)?.version ?? ''
  t.equal(oldest, '20.19.0')
  t.ok(entries.filter(([, entry]) => entry.engines?.node).length > 100, 'the entries say what Node they need')
  const tooNew = [...entries, ...generators].filter(
    ([, entry]) => !semver.satisfies(oldest, entry.engines?.node ?? '*'),
  )
  t.strictSame(
    tooNew.map(([path, { version, engines }]) => `${path} ${version} needs Node ${engines?.node}`),
    [],
  )
  // fastify takes any 6.x of light-my-request, and 6.8 needs Node 22. An app that installs Coatcheck does not have our
  // lock file or our overrides; only a dependency of our own holds the version there.
  t.hasOwnProps(dependencies, ['light-my-request'])
})
