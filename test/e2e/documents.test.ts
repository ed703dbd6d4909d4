/**
 * Every command and every program of the documents, and what they say of the answers: each document is followed as a reader
 * would, block by block. A block of shell or TypeScript that no test runs fails this one, and so does a link that leads
 * nowhere. How TypeScript is run a comment above it says, see `test/helpers/documents.ts`; a document with such blocks need
 * not be listed here to be followed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { allDocuments, checkNamed, type Doc, readDocument, stepsOf } from '../helpers/documents.ts'
import { programFolder, typeFaults } from '../helpers/programs.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { beginWalk } from '../helpers/walk.ts'
import { folder, root } from '../scripts/project.ts'

/** Documents that are followed in one shell, one after the other, and beside the others. */
const WALKS: readonly (readonly string[])[] = [
  ['docs/login-in-a-socket.md', 'docs/long-lived-pages.md', 'docs/log-out-everywhere.md', 'docs/changes.md'],
  ['docs/key-rotation.md'],
  ['docs/command-line.md', 'docs/frameworks/curl.md', 'docs/metrics.md'],
  ['docs/operation/first-week.md'],
  ['docs/operation/backup.md'],
  ['docs/encryption.md'],
  ['docs/operation/copy.md'],
]

/** Documents whose commands are run elsewhere, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'README.md': 'test/e2e/readme.test.ts',
  // `npm run bench`, in lines that are indented, is run by hand.
}

/** What is followed once: it ends with keys and secrets that its beginning does not have, or with a store that is full. */
const ONCE = ['docs/key-rotation.md', 'docs/operation/copy.md']

const documents = allDocuments()

const listed = new Set([...WALKS.flat(), ...Object.keys(ELSEWHERE)])
const hasPrograms = (document: Doc): boolean => stepsOf(document).some(({ program }) => program)
const walks = [
  ...WALKS,
  ...documents.filter((one) => !listed.has(one.path) && hasPrograms(one)).map(({ path }) => [path]),
]

/** What one document says in the words of another need not be run twice. */
const walked = new Set(walks.flat().flatMap((path) => stepsOf(readDocument(path)).map(({ command }) => command)))

t.test('every block of shell is executed by a test', async (t) => {
  for (const document of documents) {
    if (document.path in ELSEWHERE) continue
    for (const { command } of stepsOf(document)) t.ok(walked.has(command), `${document.path}: ${command}`)
  }
})

t.test('every block of TypeScript says how it is run, and its types are right', async (t) => {
  const folder = programFolder(t)
  for (const document of documents) {
    const programs = stepsOf(document).filter(({ program }) => program)
    const blocks = document.blocks.filter(({ language }) => language === 'ts')
    t.equal(programs.length, blocks.length, `${document.path} says so of each`)
    for (const { command, program } of programs) {
      const file = join(folder, document.path.replaceAll(/\W/g, '-'), program?.name ?? '')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, command)
    }
  }
  t.equal(await typeFaults(folder), '')
})

t.test('what is run works with every curl, and names no session that somebody else may have ended', async (t) => {
  for (const document of documents) {
    for (const { command } of stepsOf(document)) {
      t.notMatch(command, /curl .* --json/, `${document.path}: curl has no --json before 7.82`)
      t.notMatch(command, /[0-9a-f]{8}-(?!0000)[0-9a-f]{4}-/, `${document.path} draws its ids`)
      // What another reading has left would end the waiting at once.
      for (const [, file] of command.matchAll(/> (\S+) &$/gm)) {
        t.match(command.slice(0, command.indexOf(`> ${file}`)), new RegExp(`^rm -f .*\\b${file}`, 'm'), document.path)
      }
    }
  }
})

/** What runs the blocks of other languages, by page. */
const OTHERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/client.md': { html: 'test/e2e/browser.test.ts' },
  'docs/frameworks/laravel.md': { ini: 'clients/laravel/tests/run.php', php: 'clients/laravel/tests/run.php' },
  'docs/frameworks/phoenix.md': { elixir: 'clients/phoenix/test/documents_test.exs' },
  'docs/frameworks/python.md': { python: 'clients/python/tests/test_documents.py' },
  'docs/frameworks/rails.md': { ruby: 'clients/rails/test/helper.rb' },
  'docs/metrics.md': { yaml: 'test/e2e/prometheus.test.ts' },
  'docs/proxies.md': Object.fromEntries(
    ['apache', 'caddyfile', 'haproxy', 'nginx'].map((kind) => [kind, 'test/helpers/proxy.ts']),
  ),
}

/** Answers and words in columns, and what is run above. */
const KNOWN = new Set(['json', 'text', 'txt', 'sh', 'ts'])

t.test('a block of any other language is run by a test that reads the page', async (t) => {
  for (const { path, blocks } of documents) {
    for (const language of new Set(blocks.map((block) => block.language))) {
      if (KNOWN.has(language)) continue
      const runs = OTHERS[path]?.[language]
      t.ok(runs, `${path}: ${language}`)
      if (runs) t.match(readFileSync(join(root, runs), 'utf8'), path.split('/').at(-1), `${runs} reads ${path}`)
    }
  }
})

t.test('the address of the repository is that of package.json', async (t) => {
  const { repository, homepage, bugs } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const page = repository.url.replace(/^git\+|\.git$/g, '')
  t.strictSame([homepage, bugs.url], [`${page}#readme`, `${page}/issues`])
  const texts = [...documents, readDocument('clients/typescript/README.md'), readDocument('CONTRIBUTING.md')]
  const named = texts.flatMap(({ text }) => text.match(/https:\/\/[^/\s]+\/coatcheck\b/g) ?? [])
  t.ok(named.length > 3)
  t.strictSame([...new Set(named)], [page])
})

t.test('every link leads somewhere, and every file that is named is there', async (t) => {
  for (const document of documents) checkNamed(t, document)
})

t.test('the walks', { jobs: walks.length }, async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await Promise.all(
    walks.map((paths) =>
      t.test(paths.join(', '), { buffered: true }, async (t) => {
        const hasProgram = paths.some((path) => hasPrograms(readDocument(path)))
        const walk = beginWalk(t, hasProgram ? programFolder(t) : folder(t), {
          '127.0.0.1:6379': `127.0.0.1:${redis.port}`,
        })
        // A page that is read again, or after another one, finds what the first reading left: `npm run test:full` does that.
        const readings = hasProgram || paths.some((path) => ONCE.includes(path)) ? 1 : Number(process.env.READINGS ?? 1)
        for (const path of Array(readings).fill(paths).flat()) await walk.take(t, stepsOf(readDocument(path)))
      }),
    ),
  )
})
