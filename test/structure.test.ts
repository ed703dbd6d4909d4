/**
 * Holds the repository to its own rules: which room imports which, that no imports circle, how long a file may be, how
 * scripts name their arguments, and what is documented.
 */
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

const SOURCES = filesBelow('src', '.ts')

const DOMAIN = ['domain/events', 'domain/settings', 'domain/sessions', 'domain', 'domain/credentials', 'domain/json']

/**
 * Each row is a room: its name, its files (the first row that fits a file is its room), and the rooms that it may import
 * beside itself. A room imports only rooms that stand below it, so arrows run one way.
 */
const ROOMS: readonly (readonly [name: string, files: RegExp, imports: readonly string[]])[] = [
  ['operator', /^src\/(cli\.ts|operator\/)/, ['process', 'config', 'domain/json', 'client']],
  [
    'process',
    /^src\/process\//,
    ['app', 'http', 'config', ...DOMAIN, 'store/open', 'store/layout', 'store', 'observe', 'version'],
  ],
  ['app', /^src\/app\.ts$/, ['http', ...DOMAIN, 'store', 'errors', 'observe']],
  ['http', /^src\/http\//, [...DOMAIN, 'store', 'errors', 'running time', 'observe', 'version']],
  ['config', /^src\/config\//, ['domain', 'domain/credentials', 'domain/json', 'store/open', 'errors']],
  ['domain/events', /^src\/domain\/events\//, [...DOMAIN.slice(1), 'store/layout', 'store', 'errors', 'observe']],
  ['domain/settings', /^src\/domain\/settings\//, [...DOMAIN.slice(2), 'store', 'errors']],
  [
    'domain/sessions',
    /^src\/domain\/sessions\//,
    [...DOMAIN.slice(3), 'store/layout', 'store', 'errors', 'running time'],
  ],
  ['domain', /^src\/domain\/[^/]+$/, ['domain/credentials', 'domain/json', 'store/layout', 'store', 'errors']],
  ['domain/credentials', /^src\/domain\/credentials\//, ['domain/json', 'store', 'errors', 'observe']],
  ['domain/json', /^src\/domain\/json\//, ['errors']],
  ['store/open', /^src\/store\/open\.ts$/, ['store/lmdb', 'store/redis', 'store/sealing', 'store']],
  ['store/lmdb', /^src\/store\/lmdb\//, ['store/sealing', 'store/layout', 'store']],
  ['store/redis', /^src\/store\/redis\//, ['store/sealing', 'store/layout', 'store', 'running time']],
  ['store/sealing', /^src\/store\/sealing\//, ['store/layout', 'store']],
  ['store/layout', /^src\/store\/layout\//, ['store']],
  ['store', /^src\/store\/[^/]+$/, []],
  ['client', /^src\/client\//, []],
  ['errors', /^src\/errors\.ts$/, []],
  ['running time', /^src\/running-time\.ts$/, []],
  ['observe', /^src\/observe\.ts$/, []],
  ['version', /^src\/version\.ts$/, []],
]

const roomOf = (file: string) => ROOMS.findIndex(([, files]) => files.test(file))

t.test('rooms import only rooms below them', async (t) => {
  for (const [at, [name, , imports]] of ROOMS.entries()) {
    for (const one of imports) t.ok(ROOMS.findIndex(([room]) => room === one) > at, `${one} stands below ${name}`)
  }
  for (const file of SOURCES) {
    const [name, , imports] = ROOMS[roomOf(file)] ?? ['no room', /^$/, []]
    for (const imported of importsOf(file)) {
      const target = ROOMS[roomOf(imported)]?.[0] ?? 'no room'
      t.ok(target === name || imports.includes(target), `${file} (${name}) may import ${imported} (${target})`)
    }
  }
})

t.test('no imports circle, also not within a room', async (t) => {
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) t.fail(`a circle: ${[...way.slice(way.indexOf(file)), file].join(' > ')}`)
    if (done.has(file) || way.includes(file)) return
    for (const imported of importsOf(file)) walk(imported, [...way, file])
    done.add(file)
  }
  for (const file of SOURCES) walk(file, [])
  t.equal(done.size, SOURCES.length, 'every file was walked to its end')
})

/** Longer than that a file is probably two. */
const MOST_LINES = 250

const MAY_BE_LONGER: Readonly<Record<string, string>> = {
  'src/client/api.ts': 'is generated',
  'src/errors.ts': 'is the table of errors',
}

t.test(`a source file has at most ${MOST_LINES} lines`, async (t) => {
  for (const file of [...SOURCES, ...filesBelow('src', '.lua')]) {
    const { length } = readFileSync(join(root, file), 'utf8').trimEnd().split('\n')
    const reason = MAY_BE_LONGER[file]
    if (reason === undefined) t.ok(length <= MOST_LINES, `${file} has ${length} lines`)
    else t.ok(length > MOST_LINES, `${file} ${reason}, and needs the exception`)
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

t.test('the port imports nothing but its own words', async (t) => {
  for (const file of SOURCES.filter((name) => /^src\/store\/port/.test(name))) {
    for (const imported of importsOf(file)) t.match(imported, /^src\/store\/port-/, `${file}: ${imported}`)
  }
})

t.test(
  'only the http layer and the app know Fastify; only the Redis adapter knows ioredis; only the process counts',
  async (t) => {
    for (const file of filesBelow('src', '.ts')) {
      const text = readFileSync(join(root, file), 'utf8')
      if (/from '(@fastify\/|fastify)/.test(text)) t.match(file, /^src\/(http\/|app\.ts)/)
      if (/from 'ioredis'/.test(text)) t.match(file, /^src\/store\/redis\//)
      if (/from 'lmdb'/.test(text)) t.match(file, /^src\/store\/lmdb\//)
      if (/'prom-client'|'@opentelemetry\//.test(text)) t.match(file, /^src\/process\//)
    }
  },
)

t.test('the client imports no package, and only its store for sessions of Node imports what Node has', async (t) => {
  for (const file of filesBelow('src/client', '.ts')) {
    const text = readFileSync(join(root, file), 'utf8')
    const others = [...text.matchAll(/(?:from|import)[\s(]*['"]([^'".][^'"]*)['"]/g)].map((match) => match[1] as string)
    const isOfNode = (name: string) => /\/(express-session|framework-store)\.ts$/.test(file) && name.startsWith('node:')
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

/** Where a test may wait for a time rather than for what it is about, and why. */
const MAY_SLEEP: Readonly<Record<string, string>> = {
  'test/helpers/until.ts': 'looks again and again',
  'test/helpers/slow-line.ts': 'is a line that is slow',
  'test/helpers/two-replicas.ts': 'writes on and on',
  'test/helpers/raw-http.ts': 'waits no longer than a second for a server that reads nothing',
  'test/helpers/follower.ts': 'comes back when it was told to',
  'test/faults/feed.ts': 'asks again after a while, as an app does',
  'test/proxies/rolling.test.ts': 'is callers that think, and readers that come back when they were told to',
  'test/faults/load.ts': 'pauses between two calls, as callers do',
  'test/client/form-hook.test.ts': 'types as fast as a typist',
  'test/helpers/front.ts': 'is a line that takes time',
  'test/http/event-ends.test.ts': 'sweeps every now and then',
  'test/faults/node-away-long.test.ts': 'is a load at a steady rate',
  'test/faults/loss-window-long.test.ts': 'writes at a steady rate',
  'test/faults/copies-long.test.ts': 'lets the time of a real Redis pass',
  'test/store/lmdb/batches.test.ts': 'waits for a turn of the loop, not for a time',
  'test/store/lmdb/hold-write-lock.ts': 'holds the lock until it is killed',
  'test/store/redis/conforms.ts': 'lets the time of a real Redis pass',
}

t.test('no test sleeps: it waits for what it is about', async (t) => {
  const sleeps = /timers\/promises|new Promise\(.*setTimeout\(|Atomics\.wait\(/
  const sleeping = filesBelow('test', '.ts').filter(
    (file) => file !== 'test/structure.test.ts' && sleeps.test(readFileSync(join(root, file), 'utf8')),
  )
  t.strictSame(
    sleeping.filter((file) => !(file in MAY_SLEEP)),
    [],
  )
})
