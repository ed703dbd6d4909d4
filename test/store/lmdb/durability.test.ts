import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { until } from '../../helpers/until.ts'
import { childStarter } from './child-process.ts'
import { dump } from './raw.ts'

const startChild = childStarter(join(t.testdir(), 'build'))

t.test('what was answered is there after kill -9, and the store goes on', async (t) => {
  const path = join(t.testdir(), 'data')
  const answered = new Map<string, number>()
  for (let round = 0; round < 2; round++) {
    const child = startChild(t, path, 16)
    t.strictSame(await child.first, { opened: true })
    await until(() => child.messages.length > 500, '500 writes are answered')
    await child.signal('SIGKILL')
    for (const message of child.messages) {
      if ('answered' in message) answered.set(message.answered.id, message.answered.n)
    }
  }

  const store = await openLmdbStore({ path })
  t.equal(answered.size, 32)
  for (const [id, n] of answered) {
    const found = await store.read({ namespace: 'app', id })
    if (found.state !== 'live') throw new Error(`${id} is ${found.state}`)
    const stored = Number(found.settings.get('n'))
    // More may be in: what was under way, and what was answered but died on its way to this process.
    t.ok(stored >= n, `answered ${n}, stored ${stored}`)
    t.equal(found.record.revision, stored, 'each write is in whole')
  }
  t.equal(await store.count(), answered.size)
  await store.close()

  const { sessions, expiries } = await dump(path)
  const indexed = new Set(Object.keys(expiries).map((entry) => entry.slice(12)))
  t.strictSame([...indexed].sort(), Object.keys(sessions).sort(), 'the index has each session once')
  t.equal(Object.keys(expiries).length, answered.size)
})
