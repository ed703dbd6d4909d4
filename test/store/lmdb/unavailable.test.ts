import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { StoreUnavailable } from '../../../src/store/port.ts'
import { until } from '../../helpers/until.ts'
import { compileForPlainNode } from './child-process.ts'
import { DELETED, newRef, put } from './session.ts'

t.test('while nothing can be committed the store says so, reads, and goes on by itself afterwards', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'data')
  const store = await openLmdbStore({ path, deadlineMs: 200 })
  const [ref, other] = [newRef(), newRef()]
  await put(store, ref, { a: '1' })

  // Another process that is in the middle of a write stops this one, as a disk would that does not answer.
  const script = compileForPlainNode(join(folder, 'build'), 'test/store/lmdb/hold-write-lock.ts')
  const holder = fork(script, [path], { execArgv: [], env: { PATH: process.env.PATH } })
  t.teardown(() => holder.kill('SIGKILL'))
  await once(holder, 'message')
  const calls: Record<string, () => Promise<unknown>> = {
    write: () => put(store, ref, { a: '2' }),
    create: () => put(store, other, { a: '2' }),
    end: () => store.end(ref, DELETED),
    revoke: () => store.revoke(ref),
    sweep: () => store.sweep(),
  }
  const began = performance.now()
  await Promise.all(Object.entries(calls).map(([name, call]) => t.rejects(call(), StoreUnavailable, name)))
  await t.rejects(store.check(), StoreUnavailable, 'check asks whether a commit succeeds')
  t.ok(performance.now() - began < 5000, 'nobody waits longer than the deadline')
  t.match(await store.read(ref), { state: 'live', record: { revision: 1 } })
  t.match(await store.touch(ref, null), { state: 'live' }, 'a use that is not due writes nothing')

  holder.kill('SIGKILL')
  const isWell = async () =>
    store.check().then(
      () => true,
      () => false,
    )
  await until(isWell, 'the store is well again')
  t.match(await store.read(ref), { state: 'live', record: { revision: 1 } }, 'nothing of what was refused was done')
  t.match(await store.read(other), { state: 'missing' })
  t.match(await put(store, ref, { a: '3' }), { version: { revision: 2 } })
  await store.close()
})
