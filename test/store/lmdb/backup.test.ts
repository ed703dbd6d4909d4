/** Copies of a store in use, and stores that are made of copies. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { restoreLmdbStore } from '../../../src/store/lmdb/restore.ts'
import { type LmdbStoreOptions, openLmdbStore } from '../../../src/store/lmdb/store.ts'
import type { Store } from '../../../src/store/port.ts'
import { folder } from '../../scripts/project.ts'
import { newRef, put } from './session.ts'

const openIn = async (t: Test, path: string, options: Partial<LmdbStoreOptions> = {}): Promise<Store> => {
  const store = await openLmdbStore({ path, ...options })
  t.teardown(() => store.close())
  return store
}

const leftIn = (path: string): string[] => readdirSync(path).filter((name) => /^(backup|restore)\./.test(name))

/** A whole backup as a file. */
const backedUp = async (t: Test, store: Store): Promise<string> => {
  const backup = await store.backup()
  if (backup.state !== 'made') throw new Error(backup.state)
  const file = join(folder(t), 'a.backup')
  const data = await buffer(backup.read)
  t.equal(data.length, backup.bytes)
  await writeFile(file, data)
  return file
}

const nothing = async (): Promise<void> => {}

t.test('a copy is of one moment, whatever is written meanwhile', async (t) => {
  const path = folder(t)
  const store = await openIn(t, path)
  const [a, b] = [newRef(), newRef()]
  // Both are written in one batch, and so in one transaction, in each step anew.
  const step = (n: number) => Promise.all([a, b].map((ref) => put(store, ref, { n: String(n) })))
  await step(0)
  let steps = 0
  let isOver = false
  const writing = (async () => {
    while (!isOver) await step(++steps)
  })()
  const files = [await backedUp(t, store), await backedUp(t, store)]
  isOver = true
  await writing
  t.ok(steps > 2, `${steps} steps were done meanwhile`)
  t.strictSame(leftIn(path), [], 'nothing of it is left')
  for (const file of files) {
    const copied = folder(t)
    await restoreLmdbStore({ file, path: copied, prepare: nothing })
    const restored = await openIn(t, copied)
    const [one, other] = await restored.readMany([a, b])
    t.equal(one?.state, 'live')
    t.strictSame(one?.state === 'live' && one.settings, other?.state === 'live' && other.settings)
    t.equal(await restored.count(), 2)
    await put(restored, newRef(), { n: '1' })
    t.equal(await restored.count(), 3)
  }
})

t.test('one copy at a time, until it was read or given up', async (t) => {
  const store = await openIn(t, folder(t))
  const [first, second] = await Promise.all([store.backup(), store.backup()])
  t.equal(first.state, 'made')
  t.equal(second.state, 'busy')
  t.equal((await store.backup()).state, 'busy')
  if (first.state === 'made') await new Promise((resolve) => first.read.once('close', resolve).destroy())
  await backedUp(t, store)
})

t.test('who has the last byte may ask for the next one at once', async (t) => {
  const store = await openIn(t, folder(t))
  let backup = await store.backup()
  for (let round = 0; round < 5; round++) {
    t.equal(backup.state, 'made')
    if (backup.state !== 'made') return
    let left = backup.bytes
    for await (const piece of backup.read) {
      left -= (piece as Buffer).length
      if (left === 0) backup = await store.backup()
    }
  }
  t.equal(backup.state, 'made')
  if (backup.state === 'made') backup.read.destroy()
})

t.test('a disk without room for the copy is said to be full, and a store that fails can copy again', async (t) => {
  const path = folder(t)
  let freeBytes = 2 ** 40
  const store = await openIn(t, path, { freeBytes: () => freeBytes, reserveBytes: 1 })
  await put(store, newRef(), { text: `"${'x'.repeat(60_000)}"` })
  freeBytes = 60_000
  await t.rejects(store.backup(), { name: 'StoreFull' })
  t.strictSame(leftIn(path), [])
  freeBytes = 2 ** 40
  await backedUp(t, store)
})

t.test('a store that is closed waits for the copy', async (t) => {
  const path = folder(t)
  const store = await openLmdbStore({ path })
  const text = `"${'x'.repeat(60_000)}"`
  await Promise.all(Array.from({ length: 100 }, () => put(store, newRef(), { text })))
  const copying = store.backup()
  await store.close()
  const backup = await copying
  t.equal(backup.state, 'made')
  if (backup.state === 'made') t.equal((await buffer(backup.read)).length, backup.bytes)
  await t.rejects(store.backup(), { name: 'StoreUnavailable' })
})

t.test('what an interrupted backup left is removed at the next start', async (t) => {
  const path = folder(t)
  const left = join(path, 'backup.0123456789abcdef')
  mkdirSync(left)
  writeFileSync(join(left, 'data.mdb'), 'half')
  mkdirSync(join(path, 'backup.mine'))
  await openIn(t, path)
  t.notOk(existsSync(left))
  t.ok(existsSync(join(path, 'backup.mine')), 'a folder of another name is not ours')
})

t.test('a restore', async (t) => {
  const store = await openIn(t, folder(t))
  const ref = newRef()
  await put(store, ref, { theme: '"dark"' })
  const file = await backedUp(t, store)
  const restored = (path: string, from = file) =>
    restoreLmdbStore({ file: from, path, prepare: (made) => made.count() })

  await t.test('makes a folder, for its owner alone', async (t) => {
    const path = join(folder(t), 'new')
    t.equal(await restored(path), 1)
    t.equal(statSync(path).mode & 0o777, 0o700)
    t.equal(statSync(join(path, 'data.mdb')).mode & 0o777, 0o600)
    t.strictSame(
      readdirSync(path).filter((name) => !name.startsWith('owner.')),
      ['data.mdb'],
    )
  })

  await t.test('goes on after one that broke off, and beside the API key of a first start', async (t) => {
    const path = folder(t)
    mkdirSync(join(path, 'restore.0123456789abcdef'))
    writeFileSync(join(path, 'authorization.header'), 'Authorization: Bearer ck_x\n')
    t.equal(await restored(path), 1)
    t.strictSame(leftIn(path), [])
    t.ok(existsSync(join(path, 'authorization.header')))
  })

  await t.test('refuses a folder that holds a store or anything else, and changes nothing there', async (t) => {
    const path = folder(t)
    for (const name of ['data.mdb', 'lock.mdb', 'notes.txt']) {
      writeFileSync(join(path, name), 'mine')
      await t.rejects(restored(path), /is not empty/)
      t.equal(readFileSync(join(path, name), 'utf8'), 'mine')
      rmSync(join(path, name))
    }
  })

  await t.test('refuses a folder that is in use, here or in another process', async (t) => {
    const path = folder(t)
    await openIn(t, path)
    await t.rejects(restored(path), /open in this process already/)
  })

  await t.test('refuses what is no whole backup', async (t) => {
    const path = join(folder(t), 'new')
    const bad = join(folder(t), 'bad')
    await t.rejects(restored(path, bad), /missing or empty/)
    for (const bytes of [100, 4096, statSync(file).size - 1]) {
      writeFileSync(bad, readFileSync(file))
      truncateSync(bad, bytes)
      await t.rejects(restored(path, bad), /is no whole backup/, `${bytes} bytes`)
    }
    writeFileSync(bad, 'x'.repeat(100_000))
    await t.rejects(restored(path, bad), /no LMDB file/)
    t.notOk(existsSync(path), 'no folder was made')
  })

  await t.test('that fails leaves no store', async (t) => {
    const path = folder(t)
    const prepare = async () => Promise.reject(new Error('no'))
    await t.rejects(restoreLmdbStore({ file, path, prepare }), { message: 'no' })
    t.strictSame(readdirSync(path), [])
    t.equal(await restored(path), 1, 'and may be done again')
  })
})
