import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import t, { type Test } from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { StoreUnavailable } from '../../../src/store/port.ts'
import { DELETED, newRef, put } from './session.ts'

/** A folder with a store of a few hundred pages. */
const makeStore = async (t: Test) => {
  const path = join(t.testdir(), 'data')
  const store = await openLmdbStore({ path })
  const refs = Array.from({ length: 200 }, () => newRef())
  await Promise.all(refs.map((ref) => put(store, ref, { text: `"${'x'.repeat(5000)}"` })))
  await store.close()
  return { path, file: join(path, 'data.mdb'), refs }
}

const overwrite = (file: string, position: number, bytes: Buffer): void => {
  const fd = openSync(file, 'r+')
  writeSync(fd, bytes, 0, bytes.length, position)
  closeSync(fd)
}

/** Changes the meta page that begins there. */
const meta = (file: string, position: number, change: (page: Buffer) => void): void => {
  const page = Buffer.from(readFileSync(file).subarray(position, position + 200))
  change(page)
  overwrite(file, position, page)
}

t.test('a damaged file is refused with a word on what to do, and left as it is', async (t) => {
  const damages: Record<string, [damage: (file: string) => void, reason: RegExp]> = {
    'no LMDB file': [(file) => writeFileSync(file, 'once upon a time '.repeat(1000)), /it is no LMDB file/],
    'a few bytes': [(file) => truncateSync(file, 100), /it is cut short/],
    'one page': [(file) => truncateSync(file, 4096), /it is cut short/],
    'first page zero': [(file) => overwrite(file, 0, Buffer.alloc(4096)), /first pages are overwritten/],
    'second page zero': [(file) => overwrite(file, 4096, Buffer.alloc(4096)), /first pages are overwritten/],
    'another data version': [(file) => meta(file, 0, (page) => page.writeUInt32LE(1, 28)), /data version 1, not 2/],
    'an odd page size': [(file) => meta(file, 0, (page) => page.writeUInt32LE(0, 48)), /can't have 0 bytes/],
    'one page short': [(file) => truncateSync(file, statSync(file).size - 4096), /MDB_BAD_TXN|its end is missing/],
    'two pages short': [(file) => truncateSync(file, statSync(file).size - 8192), /its end is missing/],
    'cut in half': [(file) => truncateSync(file, Math.floor(statSync(file).size / 2)), /its end is missing/],
  }
  for (const [name, [damage, reason]] of Object.entries(damages)) {
    const { path, file } = await makeStore(t)
    damage(file)
    const before = readFileSync(file)
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await openLmdbStore({ path }).then(
        () => new Error('it was opened'),
        (error: Error) => error,
      )
      t.match(error.message, reason, name)
      t.ok(error.message.includes(path), 'it names the folder')
      t.match(error.message, /restore it from a backup/)
    }
    // What lacks only a page of the free list is found out when it is needed, and stays as long as it was made.
    if (name !== 'one page short') t.ok(readFileSync(file).equals(before), 'nothing was changed')
  }
})

t.test('an empty file is what a first start leaves that was interrupted', async (t) => {
  const { path, file } = await makeStore(t)
  truncateSync(file, 0)
  const store = await openLmdbStore({ path })
  t.equal(await store.count(), 0)
  await store.close()
})

t.test('a file that lacks a page which nothing needs is whole', async (t) => {
  const { path, file, refs } = await makeStore(t)
  for (const position of [0, 4096]) {
    meta(file, position, (page) => page.writeBigUInt64LE(page.readBigUInt64LE(144) + 1n, 144))
  }
  const store = await openLmdbStore({ path })
  for (const found of await store.readMany(refs)) t.match(found, { state: 'live' })
  t.match(await put(store, refs[0]!, { a: '1' }), { state: 'written' })
  await store.close()
})

t.test('a store of a layout to come is refused', async (t) => {
  const { path } = await makeStore(t)
  await changeRaw(path, 'meta', Buffer.from('layout'), Buffer.of(2))
  await t.rejects(openLmdbStore({ path }), /layout is 2, which this version does not know/)
})

t.test('one session that cannot be read keeps nobody else from theirs', async (t) => {
  const { path, refs } = await makeStore(t)
  const [bad, good] = [refs[0]!, refs[1]!]
  const key = Buffer.concat([Buffer.from('app\0'), Buffer.from(bad.id.replaceAll('-', ''), 'hex')])
  await changeRaw(path, 'sessions', key, Buffer.concat([Buffer.from([9]), Buffer.alloc(100, 0xff)]))
  const store = await openLmdbStore({ path })
  await t.rejects(store.read(bad), StoreUnavailable)
  const outcomes = await Promise.allSettled([
    put(store, bad, { a: '1' }),
    put(store, good, { a: '1' }),
    store.end(bad, DELETED),
    store.touch(good, null),
  ])
  t.strictSame(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled', 'rejected', 'fulfilled'],
    'also in the same transaction',
  )
  await store.close()
})

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const

const changeRaw = async (path: string, table: string, key: Buffer, value: Buffer): Promise<void> => {
  const root = open<Buffer, Buffer>({ path, noSubdir: false, overlappingSync: false, ...BINARY })
  root.openDB<Buffer, Buffer>(table, BINARY).putSync(key, value)
  await root.close()
}
