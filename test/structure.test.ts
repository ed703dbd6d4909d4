/** Holds the repository to its own rules: which layer may import which, how scripts name their arguments, what is documented. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import t from 'tap'
import { ERRORS } from '../src/errors.ts'
import { SCRIPTS } from '../src/store/redis/scripts.ts'

const root = resolve(import.meta.dirname, '..')

const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort()

/** What a file of ours imports of ours, as paths from the root; types count as much as values. */
const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    relative(root, resolve(root, file, '..', match[1] as string)),
  )

type Layer = 'main' | 'app' | 'http' | 'domain' | 'store' | 'adapter' | 'leaf' | 'client'

/** Which files a layer consists of, the first that fits, and which layers it may import. */
const LAYERS: readonly [pattern: RegExp, layer: Layer, mayImport: readonly Layer[]][] = [
  [/^src\/(errors)\.ts$/, 'leaf', []],
  [/^src\/store\/(lmdb|redis)\//, 'adapter', ['adapter', 'store', 'leaf']],
  [/^src\/store\/open\.ts$/, 'adapter', ['adapter', 'store', 'leaf']],
  [/^src\/store\//, 'store', ['store']],
  [/^src\/domain\//, 'domain', ['domain', 'store', 'leaf']],
  [/^src\/http\//, 'http', ['http', 'domain', 'store', 'leaf']],
  [/^src\/app\.ts$/, 'app', ['http', 'domain', 'store', 'leaf']],
  [/^src\/client\//, 'client', ['client']],
  [/^src\/(cli\.ts|operator\/)/, 'main', ['main', 'app', 'http', 'domain', 'store', 'adapter', 'leaf', 'client']],
  [/^src\//, 'main', ['main', 'app', 'http', 'domain', 'store', 'adapter', 'leaf']],
]

const ruleFor = (file: string) => LAYERS.find(([pattern]) => pattern.test(file))

t.test('arrows run one way: main → app → http → domain → port ← adapters', async (t) => {
  for (const file of filesBelow('src', '.ts')) {
    const [, layer, mayImport] = ruleFor(file) as (typeof LAYERS)[number]
    for (const imported of importsOf(file)) {
      const [, target] = ruleFor(imported) as (typeof LAYERS)[number]
      t.ok(mayImport.includes(target), `${file} (${layer}) may import ${imported} (${target})`)
    }
  }
})

t.test('one adapter never imports the other', async (t) => {
  for (const [mine, other] of [
    ['lmdb', 'redis'],
    ['redis', 'lmdb'],
  ] as const) {
    for (const file of filesBelow(`src/store/${mine}`, '.ts')) {
      t.notOk(
        importsOf(file).some((imported) => imported.startsWith(`src/store/${other}/`)),
        file,
      )
    }
  }
})

t.test('the port imports nothing', async (t) => {
  t.same(importsOf('src/store/port.ts'), [])
})

t.test('only the http layer and the app know Fastify; only the Redis adapter knows ioredis', async (t) => {
  for (const file of filesBelow('src', '.ts')) {
    const text = readFileSync(join(root, file), 'utf8')
    if (/from '(@fastify\/|fastify)/.test(text)) t.match(file, /^src\/(http\/|app\.ts)/)
    if (/from 'ioredis'/.test(text)) t.match(file, /^src\/store\/redis\//)
    if (/from 'lmdb'/.test(text)) t.match(file, /^src\/store\/lmdb\//)
  }
})

t.test('the client imports no package, and only its store for sessions of Node imports what Node has', async (t) => {
  for (const file of filesBelow('src/client', '.ts')) {
    const text = readFileSync(join(root, file), 'utf8')
    const others = [...text.matchAll(/(?:from|import)[\s(]*['"]([^'".][^'"]*)['"]/g)].map((match) => match[1] as string)
    const isOfNode = (name: string) => file === 'src/client/express-session.ts' && name.startsWith('node:')
    t.strictSame(
      others.filter((name) => !isOfNode(name)),
      [],
      file,
    )
  }
})

t.test('each script says in its head the names that the table has', async (t) => {
  for (const [name, { file, args }] of Object.entries(SCRIPTS)) {
    const text = readFileSync(join(root, 'src/store/redis/lua', file), 'utf8')
    const [head = ''] = text.split('\n\n', 1)
    const named = [...head.matchAll(/^-- ARGV: (?!…)(.*)$/gm)].flatMap((match) =>
      (match[1] as string).split(',').map((word) => word.trim()),
    )
    t.same(
      named.filter((word) => word !== ''),
      Object.keys(args),
      `${name}: ARGV`,
    )
    t.match(head, /^-- [A-Z].*\.$/m, `${name} opens with a sentence`)
    t.match(head, /^-- KEYS: /m, `${name} names its keys`)
    const words = [...text.matchAll(/return \{ '(\w+)'/g)].map((match) => match[1] as string)
    const answers = /^-- Answers (.*?)[.;]/m.exec(head)?.[1]?.split(' | ') ?? []
    for (const word of words) t.ok(answers.includes(word), `${name} says that it answers ${word}`)
  }
})

t.test('every error code is documented', async (t) => {
  const doc = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  for (const code of Object.keys(ERRORS)) t.ok(doc.includes(`\`${code}\``), code)
})

t.test('every file of a folder is named by what it does, in kebab case', async (t) => {
  for (const file of [...filesBelow('src', '.ts'), ...filesBelow('test', '.ts')]) {
    t.match(file.split('/').pop(), /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?(\.d)?\.ts$/)
    t.notMatch(file, /utils|Manager|helper(?!s\/)/)
  }
})
