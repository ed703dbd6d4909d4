/**
 * Every command of the documents, and what they say of the answers: each document is followed as a reader would, block by
 * block. A block of shell that no test runs fails this one, and so does a link that leads nowhere.
 */
import t from 'tap'
import { allDocuments, checkNamed, readDocument, stepsOf } from '../helpers/documents.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { beginWalk } from '../helpers/walk.ts'
import { folder } from '../scripts/project.ts'

/** Documents that are followed in one shell, one after the other, and beside the others. */
const WALKS: readonly (readonly string[])[] = [
  ['docs/login-in-a-socket.md', 'docs/long-lived-pages.md', 'docs/log-out-everywhere.md', 'docs/changes.md'],
  ['docs/key-rotation.md'],
  ['docs/command-line.md'],
]

/** Documents whose commands are run elsewhere, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'README.md': 'test/e2e/readme.test.ts',
  // `npm run bench`, in lines that are indented, is run by hand.
}

const documents = allDocuments()

/** What one document says in the words of another need not be run twice. */
const walked = new Set(WALKS.flat().flatMap((path) => stepsOf(readDocument(path)).map(({ command }) => command)))

t.test('every block of shell is executed by a test', async (t) => {
  for (const document of documents) {
    if (document.path in ELSEWHERE) continue
    for (const { command } of stepsOf(document)) t.ok(walked.has(command), `${document.path}: ${command}`)
  }
})

t.test('every link leads somewhere, and every file that is named is there', async (t) => {
  for (const document of documents) checkNamed(t, document)
})

t.test('the walks', { jobs: WALKS.length }, async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await Promise.all(
    WALKS.map((paths) =>
      t.test(paths.join(', '), { buffered: true }, async (t) => {
        const walk = beginWalk(t, folder(t), { '127.0.0.1:6379': `127.0.0.1:${redis.port}` })
        for (const path of paths) await walk.take(t, stepsOf(readDocument(path)))
      }),
    ),
  )
})
