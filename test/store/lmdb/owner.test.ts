import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openEnvironment } from '../../../src/store/lmdb/environment.ts'
import { createMeta } from '../../../src/store/lmdb/meta.ts'
import { claimFolder } from '../../../src/store/lmdb/owner.ts'
import { createOwnerRecord } from '../../../src/store/lmdb/owner-record.ts'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { childStarter, compileForPlainNode } from './child-process.ts'
import { newRef, put } from './session.ts'

const startChild = childStarter(join(t.testdir(), 'build'))

const sockets = (path: string): string[] => readdirSync(path).filter((name) => name.startsWith('owner.'))

t.test('a second process is refused, and told what to do', async (t) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path })
  const child = startChild(t, path)
  const first = await child.first
  t.match(first, { refused: new RegExp(`${path} is in use by another process \\(pid ${process.pid}.*Redis`) })
  t.match(await put(store, newRef(), { a: '1' }), { state: 'written' }, 'and the first one goes on')
  await store.close()

  const other = startChild(t, path)
  t.strictSame(await other.first, { opened: true }, 'the folder is free once it is closed')
  await t.rejects(openLmdbStore({ path }), { message: new RegExp(`pid ${other.pid}`) })
  await other.close()
  t.strictSame(sockets(path), [], 'no socket is left')
})

t.test('a folder is open once in a process, under whatever name', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'data')
  const store = await openLmdbStore({ path })
  symlinkSync(path, join(folder, 'link'))
  for (const name of [path, `${path}/`, join(folder, '.', 'x', '..', 'data'), join(folder, 'link')]) {
    await t.rejects(openLmdbStore({ path: name }), /is open in this process already/, name)
  }
  await store.close()
  await (await openLmdbStore({ path: join(folder, 'link') })).close()
})

t.test('the folder is free again when the process that had it was killed', async (t) => {
  const path = join(t.testdir(), 'data')
  for (let round = 0; round < 2; round++) {
    const child = startChild(t, path, 4)
    t.strictSame(await child.first, { opened: true })
    await child.signal('SIGKILL')
    t.equal(sockets(path).length, 1, 'it leaves its socket')
  }
  const store = await openLmdbStore({ path })
  t.strictSame(
    sockets(path).map((name) => name.split('.')[1]),
    [`${process.pid}`],
    'which the next one removes',
  )
  await store.close()
})

t.test('a process that is stopped still owns its folder', async (t) => {
  const path = join(t.testdir(), 'data')
  const child = startChild(t, path, 16)
  await child.first
  await child.signal('SIGSTOP')
  const began = performance.now()
  await t.rejects(openLmdbStore({ path }), /is in use by another process/)
  t.ok(performance.now() - began < 1500, 'and nobody waits for it')
  await child.signal('SIGCONT')
})

t.test('a process that is stopped in the middle of a write still owns its folder, and stops nobody else', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'data')
  const owner = startChild(t, path)
  await owner.first
  const script = compileForPlainNode(join(folder, 'build'), 'test/store/lmdb/hold-write-lock.ts')
  const holder = fork(script, [path], { execArgv: [], env: { PATH: process.env.PATH } })
  t.teardown(() => holder.kill('SIGKILL'))
  await once(holder, 'message')
  await t.rejects(openLmdbStore({ path }), /is in use by another process/)
})

t.test('who comes second in the race for the folder of a dead process finds the first one alive', async (t) => {
  // A short path: this test listens in the folder by itself.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coatcheck-')))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const other = `owner.1.${'0'.repeat(16)}`
  const dead = `owner.2.${'0'.repeat(16)}`
  const claim = await claimFolder(folder)
  const server = createServer((socket) => socket.destroy()).listen(join(folder, other))
  await once(server, 'listening')
  const replaced: unknown[] = []
  const record = (owners: string[]) => ({
    read: () => owners[0] as string,
    replace: async (from: string | null, to: string) => {
      replaced.push(from)
      owners.shift()
      return owners.length === 0 && to !== ''
    },
  })
  await t.rejects(claim.confirm(record([other])), /is in use by another process \(pid 1,/)
  t.strictSame(replaced, [], 'it does not touch its record')
  await t.rejects(claim.confirm(record([dead, other])), /pid 1,/, 'also if that one was quicker')
  t.strictSame(replaced, [dead])
  server.close()
  await once(server, 'close')
  await claim.confirm(record([other]))
  await claim.release()
  t.strictSame(sockets(folder), [])
})

t.test('an owner is replaced only while it is the owner', async (t) => {
  const folder = realpathSync(t.testdir())
  const { root, meta: table } = await openEnvironment(folder)
  const record = createOwnerRecord(root, createMeta(table), 1000)
  t.equal(record.read(), null)
  t.equal(await record.replace(null, 'one'), true)
  t.equal(await record.replace(null, 'two'), false)
  t.equal(await record.replace('two', 'three'), false)
  t.equal(record.read(), 'one')
  const both = await Promise.all([record.replace('one', 'two'), record.replace('one', 'three')])
  t.strictSame(both, [true, false])
  t.equal(record.read(), 'two')
  await root.close()
})

t.test('of many that start at once on the folder of a dead process one gets it', async (t) => {
  const path = join(t.testdir(), 'data')
  const dead = startChild(t, path)
  await dead.first
  await dead.signal('SIGKILL')
  const firsts = await Promise.all(Array.from({ length: 4 }, () => startChild(t, path).first))
  t.equal(firsts.filter((first) => 'opened' in first).length, 1, JSON.stringify(firsts))
  t.equal(firsts.filter((first) => 'refused' in first).length, 3)
  t.equal(sockets(path).length, 1)
})

t.test('a folder whose path is longer than a socket address can be opened', async (t) => {
  const path = join(t.testdir(), 'a folder with a long name'.repeat(8), 'and one in it.data')
  const store = await openLmdbStore({ path })
  const child = startChild(t, path)
  t.match(await child.first, { refused: /is in use/ })
  await store.close()
})

t.test('a folder that is none is refused', async (t) => {
  const folder = t.testdir({ file: '' })
  await t.rejects(openLmdbStore({ path: join(folder, 'file') }), /The folder .*file can't be used/)
  await t.rejects(openLmdbStore({ path: join(folder, 'file', 'data') }), /can't be used/)
})

t.test('nobody else may enter the folder or read its files', async (t) => {
  const folder = t.testdir()
  const mode = (...names: string[]): string => (statSync(join(folder, ...names)).mode & 0o777).toString(8)
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))

  const store = await openLmdbStore({ path: join(folder, 'new', 'data') })
  t.equal(mode('new', 'data'), '700')
  const names = readdirSync(join(folder, 'new', 'data'))
  t.match([...names].sort(), ['data.mdb', 'lock.mdb', /^owner\./])
  for (const name of names) t.equal(mode('new', 'data', name), '600', name)
  t.strictSame(await store.check(), { warnings: [], away: [] })
  await store.close()

  mkdirSync(join(folder, 'there'), { mode: 0o755 })
  for (const name of ['data.mdb', 'lock.mdb']) writeFileSync(join(folder, 'there', name), '', { mode: 0o644 })
  const careless = await openLmdbStore({ path: join(folder, 'there') })
  t.equal(mode('there'), '755', 'a folder that was there is left as it is')
  for (const name of readdirSync(join(folder, 'there'))) t.equal(mode('there', name), '600', name)
  t.match(await careless.check(), { warnings: [/Others may enter the folder .*0700/], away: [] })
  await careless.close()
})
