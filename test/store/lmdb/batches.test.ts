import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { open } from 'lmdb'
import t, { type Test } from 'tap'
import { createBatches } from '../../../src/store/lmdb/batches.ts'
import { StoreUnavailable } from '../../../src/store/port.ts'
import { compileForPlainNode } from './child-process.ts'

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const

const openTable = (t: Test, path = t.testdir()) => {
  const root = open<Buffer, Buffer>({
    path,
    noSubdir: false,
    overlappingSync: false,
    eventTurnBatching: false,
    ...BINARY,
  })
  t.teardown(() => root.close())
  return { root, table: root.openDB<Buffer, Buffer>('table', BINARY) }
}

const key = (name: string): Buffer => Buffer.from(name)

t.test('what is asked for at once is one commit', async (t) => {
  const { root, table } = openTable(t)
  let finished = 0
  const batches = createBatches({ root, deadlineMs: 10_000, finish: () => () => (finished += 1) })
  const put = (name: string) =>
    batches.run(() => ({ answer: name, put: () => void table.putSync(key(name), key('1')) }))
  const names = Array.from({ length: 100 }, (_, at) => `${at}`)
  t.strictSame(await Promise.all(names.map(put)), names)
  t.equal(finished, 1)
  for (const name of names) t.ok(table.get(key(name)), `${name} is there`)
  t.notOk(batches.isBusy())
})

t.test('very many are several commits, none of which keeps the process for long', async (t) => {
  const { root, table } = openTable(t)
  let finished = 0
  const batches = createBatches({ root, deadlineMs: 10_000, finish: () => () => (finished += 1) })
  const count = () =>
    batches.run(() => {
      const n = Number(table.get(key('n')) ?? 0) + 1
      return { answer: n, put: () => void table.putSync(key('n'), key(`${n}`)) }
    })
  const counts = await Promise.all(Array.from({ length: 1000 }, count))
  t.strictSame(
    counts,
    Array.from({ length: 1000 }, (_, at) => at + 1),
    'in the order in which they were asked for',
  )
  t.equal(finished, 4)
})

t.test('what is asked for during a commit is in the next one, and sees the one before', async (t) => {
  const { root, table } = openTable(t)
  const batches = createBatches({ root, deadlineMs: 10_000 })
  const count = () =>
    batches.run(() => {
      const n = Number(table.get(key('n')) ?? 0) + 1
      return { answer: n, put: () => void table.putSync(key('n'), key(`${n}`)) }
    })
  const counts = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      for (let turns = 0; turns < at; turns++) await turn()
      return count()
    }),
  )
  t.strictSame(
    counts.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, at) => at + 1),
  )
})

t.test('a job that fails to decide fails alone', async (t) => {
  const { root, table } = openTable(t)
  const batches = createBatches({ root, deadlineMs: 10_000 })
  const cause = new Error('unreadable')
  const outcomes = await Promise.allSettled([
    batches.run(() => ({ answer: 1, put: () => void table.putSync(key('a'), key('1')) })),
    batches.run(() => {
      throw cause
    }),
    batches.run(() => ({ answer: 2, put: () => void table.putSync(key('b'), key('1')) })),
  ])
  t.match(outcomes, [{ value: 1 }, { reason: StoreUnavailable }, { value: 2 }])
  t.equal((outcomes[1] as PromiseRejectedResult).reason.cause, cause)
  t.ok(table.get(key('a')) && table.get(key('b')))
  t.notOk(batches.isFailing())
})

t.test('a job that is not committed in time is refused, and is not done any more', async (t) => {
  const folder = t.testdir()
  const { root, table } = openTable(t, join(folder, 'data'))
  const batches = createBatches({ root, deadlineMs: 50 })
  const put = (name: string) =>
    batches.run(() => ({ answer: name, put: () => void table.putSync(key(name), key('1')) }))
  t.equal(await put('before'), 'before')

  // Another process that is in the middle of a write stops this one, as a disk would that does not answer.
  const script = compileForPlainNode(join(folder, 'build'), 'test/store/lmdb/hold-write-lock.ts')
  const holder = fork(script, [join(folder, 'data')], { execArgv: [], env: { PATH: process.env.PATH } })
  t.teardown(() => holder.kill('SIGKILL'))
  await once(holder, 'message')
  await Promise.all([t.rejects(put('first'), StoreUnavailable), t.rejects(put('second'), StoreUnavailable)])
  t.ok(batches.isFailing(), 'a commit that is overdue is a failure')

  holder.kill('SIGKILL')
  await batches.settled()
  t.equal(await put('after'), 'after', 'and goes on as soon as it can')
  t.notOk(batches.isFailing())
  t.strictSame(
    ['before', 'first', 'second', 'after'].filter((name) => table.get(key(name)) !== undefined),
    ['before', 'after'],
  )
})
