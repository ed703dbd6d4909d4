/**
 * Every command of the documents, and what they say of the answers: each document is followed as a reader would, block by
 * block. A block of shell that no test runs fails this one, and so does a link that leads nowhere.
 */
import t from 'tap'
import { allDocuments, checkNamed, readDocument, stepsOf } from '../helpers/documents.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { beginWalk } from '../helpers/walk.ts'
import { folder } from '../scripts/project.ts'

const WALKS = ['docs/login-in-a-socket.md']

/** Documents whose commands are run elsewhere, and where. */
const ELSEWHERE: Record<string, string> = { 'README.md': 'test/e2e/readme.test.ts' }

t.test('every block of shell is executed by a test', async (t) => {
  for (const document of allDocuments()) {
    const isRun = WALKS.includes(document.path) || document.path in ELSEWHERE
    t.ok(stepsOf(document).length === 0 || isRun, document.path)
  }
})

t.test('every link leads somewhere, and every file that is named is there', async (t) => {
  for (const document of allDocuments()) checkNamed(t, document)
})

t.test('the walks', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  for (const path of WALKS) {
    await t.test(path, async (t) => {
      const walk = beginWalk(t, folder(t), { '127.0.0.1:6379': `127.0.0.1:${redis.port}` })
      await walk.take(t, stepsOf(readDocument(path)))
    })
  }
})
