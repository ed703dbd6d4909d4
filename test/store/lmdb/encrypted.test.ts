/** The embedded store with encryption: the whole suite, what a thief of its files finds, and what does not open. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import t, { type Test } from 'tap'
import { drawId, idBytes, partitionOf } from '../../../src/store/layout/partition.ts'
import { sealOf } from '../../../src/store/layout/record.ts'
import { recordBytes } from '../../../src/store/lmdb/codec.ts'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import type { Store } from '../../../src/store/port.ts'
import type { Encryption } from '../../../src/store/sealing/encryption.ts'
import { createMasterKeys, type MasterKey } from '../../../src/store/sealing/master-keys.ts'
import { conformance } from '../../conformance/index.ts'
import { causeOf } from '../../helpers/cause.ts'
import { isPlanted, NOT_HIDDEN, ONE, PLANTED, plant, reencryptAll, TWO } from '../planted.ts'
import { aWrite, put, texts } from './session.ts'

const OLD: MasterKey = { kid: 'old', key: Buffer.alloc(32, 7) }
const NEW: MasterKey = { kid: 'new', key: Buffer.alloc(32, 8) }
const under = (...keys: [MasterKey, ...MasterKey[]]): Encryption => ({ keys: createMasterKeys(keys), required: false })

const ID_BYTES = 16

const newFolder = async (t: Test): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-lmdb-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Opens the store, uses it and closes it. */
const using = async <T>(path: string, encryption: Encryption | null, use: (store: Store) => Promise<T>): Promise<T> => {
  const store = await openLmdbStore({ path, ...(encryption && { encryption }) })
  return use(store).finally(() => store.close())
}

const found = async (path: string, text: string | Buffer): Promise<boolean> =>
  (await readFile(join(path, 'data.mdb'))).includes(text)

/** Changes the raw values of a table, by their keys in hex. */
const tamper = async (path: string, table: string, change: (values: Map<string, Buffer>) => void): Promise<void> => {
  const root = open({ path, noSubdir: false, maxDbs: 16 })
  const database = root.openDB<Buffer, Buffer>({ name: table, encoding: 'binary', keyEncoding: 'binary' })
  const values = new Map<string, Buffer>()
  for (const { key, value } of database.getRange({})) values.set(key.toString('hex'), Buffer.from(value))
  change(values)
  for (const key of [...database.getKeys({})]) await database.remove(Buffer.from(key))
  for (const [key, value] of values) await database.put(Buffer.from(key, 'hex'), value)
  await root.close()
}

t.test('LMDB, encrypted', async (t) => {
  const path = await newFolder(t)
  let now = Date.now()
  await conformance(t, {
    open: () => openLmdbStore({ path, clock: () => now, encryption: under(OLD) }),
    elapse: async (ms) => {
      now += ms
    },
    replicas: 1,
  })
})

t.test('a thief of the files finds no setting, subject, payload, result or secret', async (t) => {
  const path = await newFolder(t)
  await using(path, under(OLD), plant)
  const bytes = await readFile(join(path, 'data.mdb'))
  t.ok(bytes.includes(NOT_HIDDEN))
  for (const text of PLANTED) t.notOk(bytes.includes(text))
  await using(path, under(OLD), (store) => isPlanted(t, store))
})

t.test('a folder is encrypted while it is used, and then its file holds nothing of before', async (t) => {
  const path = await newFolder(t)
  await using(path, null, async (store) => {
    await plant(store)
    await store.write(TWO, aWrite({ set: texts({ long: '"planted-shorter"' }) }))
  })
  await using(path, under(OLD), async (store) => {
    await isPlanted(t, store)
    const before = await store.read(ONE)
    t.ok((await reencryptAll(store)) >= 2, 'sessions and secrets')
    t.strictSame(await store.read(ONE), before, 'neither version nor clock has changed')
    t.equal(await reencryptAll(store), 0, 'nothing is left to do')
    t.ok(await found(path, 'planted'), 'freed pages hold what was there before')
  })
  // What was kept before lapses within minutes; here it is taken away.
  for (const table of ['outcomes', 'handoffs']) await tamper(path, table, (values) => values.clear())
  await using(path, { ...under(OLD), required: true }, (store) => isPlanted(t, store, 'what lapses'))
  t.ok(await found(path, NOT_HIDDEN))
  for (const text of PLANTED) t.notOk(await found(path, text))
  await using(path, under(NEW, OLD), async (store) =>
    t.ok((await reencryptAll(store)) >= 3, 'under another master key'),
  )
  await using(path, under(NEW), async (store) => {
    await isPlanted(t, store, 'what lapses')
    await reencryptAll(store)
  })
  t.match(await causeOf(openLmdbStore({ path, encryption: under(OLD) })), /encrypted under new, none of which/)
})

t.test('a session keeps its key when it is moved', async (t) => {
  const path = await newFolder(t)
  const target = { ...ONE, id: drawId(partitionOf(idBytes(ONE.id))) }
  const keyIn = async (ref: typeof ONE): Promise<unknown> => {
    let found: unknown
    await tamper(path, 'sessions', (values) => {
      for (const [key, value] of values) {
        if (key.endsWith(ref.id.replaceAll('-', ''))) found = sealOf(recordBytes(value))?.valueKeyId
      }
    })
    return found
  }
  await using(path, under(OLD), (store) => put(store, ONE, { a: '1' }, { subject: 'ada' }))
  const before = await keyIn(ONE)
  const clocks = { idleTimeoutSeconds: 60, lifetimeSeconds: 600 }
  const rotation = { newId: target.id, life: null, clocks, newIdle: false, newLifetime: false, tombstoneSeconds: 60 }
  await using(path, under(OLD), async (store) => {
    t.match(await store.rotate(ONE, rotation), { state: 'rotated' })
    t.match(await store.read(target), { state: 'live', record: { subject: 'ada' } })
  })
  t.ok(before)
  t.same(await keyIn(target), before)
})

t.test('without its keys, or under others, an encrypted folder is not opened', async (t) => {
  const path = await newFolder(t)
  await using(path, under(OLD), (store) => put(store, ONE, { a: '1' }))
  t.match(await causeOf(openLmdbStore({ path })), /encrypted \(old\), and no encryption keys are configured/)
  t.match(await causeOf(openLmdbStore({ path, encryption: under(NEW) })), /encrypted under old, none of which/)
  const wrong = { ...OLD, key: NEW.key }
  t.match(await causeOf(openLmdbStore({ path, encryption: under(wrong) })), /does not open/)
  await tamper(path, 'secrets', (values) => values.clear())
  t.match(await causeOf(openLmdbStore({ path, encryption: under(OLD) })), /no index key/)
})

t.test('a session goes over to the first key with its next write, and then needs no other', async (t) => {
  const path = await newFolder(t)
  await using(path, null, (store) => put(store, ONE, { plain: '1' }, { subject: 'ada' }))
  const has = async (store: Store, settings: Readonly<Record<string, string>>): Promise<void> => {
    const found = await store.read(ONE)
    t.match(found, { record: { subject: 'ada' } })
    if (found.state === 'live') t.strictSame(Object.fromEntries(found.settings), settings)
  }
  for (const [name, encryption] of Object.entries({ old: under(OLD), both: under(NEW, OLD) })) {
    await using(path, encryption, async (store) => {
      await has(store, name === 'old' ? { plain: '1' } : { plain: '1', old: '2' })
      await store.write(ONE, aWrite({ set: texts({ [name]: '2' }) }))
    })
  }
  await using(path, under(NEW), (store) => has(store, { plain: '1', old: '2', both: '2' }))
})

t.test('a record of another session, a text of another key and a plain record do not open', async (t) => {
  const path = await newFolder(t)
  await using(path, under(OLD), async (store) => {
    await put(store, ONE, { role: '"guest"', theme: '"admin"' })
    await put(store, TWO, { role: '"admin"' })
  })
  const of = ({ id }: typeof ONE) => id.replaceAll('-', '')
  const key = (values: Map<string, Buffer>, ref: typeof ONE): string =>
    [...values.keys()].find((one) => one.slice(-2 * ID_BYTES) === of(ref)) ?? ''
  let before = new Map<string, Buffer>()
  await tamper(path, 'sessions', (values) => {
    before = new Map(values)
    values.set(key(values, ONE), before.get(key(values, TWO)) as Buffer)
  })
  await using(path, under(OLD), async (store) => {
    t.match(await causeOf(store.read(ONE)), /made for another session/)
    t.match(await causeOf(store.write(ONE, aWrite({ set: texts({ a: '1' }) }))), /made for another session/)
    t.match(await store.read(TWO), { state: 'live' })
  })
  await tamper(path, 'sessions', (values) => {
    const value = Buffer.from(before.get(key(values, ONE)) as Buffer)
    // Both texts take one block: the last 45 bytes are that of theme, with `theme` and the text of role before them.
    const [role, theme] = [value.subarray(-45 - 5 - 45, -45 - 5), value.subarray(-45)]
    const swapped = Buffer.concat([theme, value.subarray(-45 - 5, -45), role])
    values.set(key(values, ONE), Buffer.concat([value.subarray(0, -95), swapped]))
  })
  await using(path, under(OLD), async (store) => t.match(await causeOf(store.read(ONE)), /does not open/))
  await tamper(path, 'sessions', (values) => {
    for (const [one, value] of before) values.set(one, value)
  })
  await using(path, under(OLD), async (store) => t.match(await store.read(ONE), { state: 'live' }, 'as it was before'))

  const plain = await newFolder(t)
  await using(plain, null, (store) => put(store, ONE, { a: '1' }))
  await using(plain, { ...under(OLD), required: true }, async (store) =>
    t.match(await causeOf(store.read(ONE)), /plain text, where encryption is required/),
  )
})
