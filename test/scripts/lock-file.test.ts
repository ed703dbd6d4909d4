import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from './project.ts'

type Entry = {
  version?: string
  resolved?: string
  integrity?: string
  os?: string[]
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(root, name), 'utf8'))
const packages = read('package-lock.json').packages as Record<string, Entry>
const entries = Object.entries(packages).filter(([path]) => path !== '')

t.test('the lock file has the native parts of every platform, or npm ci refuses it', async (t) => {
  const known = new Set(entries.map(([path]) => path.split('node_modules/').at(-1)))
  const parts = entries.flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
  const lacking = parts.filter((name) => !known.has(name))
  t.strictSame(lacking, [], 'run: node scripts/complete-lock.mjs')
})

t.test('the lock file says what package.json says', async (t) => {
  const manifest = read('package.json')
  for (const kind of ['dependencies', 'devDependencies'] as const) t.same(packages['']?.[kind], manifest[kind], kind)
})

t.test('the lock file pins content and names no host', async (t) => {
  const which = (isWrong: (entry: Entry) => boolean): string[] =>
    entries.filter(([, entry]) => isWrong(entry)).map(([path]) => path)
  t.strictSame(
    which(({ version }) => !/^\d+\.\d+\.\d+/.test(version ?? '')),
    [],
    'no version',
  )
  t.strictSame(
    which(({ integrity, os }) => !os && !integrity?.startsWith('sha512-')),
    [],
    'no integrity',
  )
  t.strictSame(
    which(({ resolved }) => resolved !== undefined),
    [],
    'a host',
  )
})
