/** The embedded store with encryption: the whole suite, what a thief of its files finds, and what does not open. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import t, { type Test } from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import type { Store } from '../../../src/store/port.ts'
import type { Encryption } from '../../../src/store/sealing/encryption.ts'
import { createMasterKeys, type MasterKey } from '../../../src/store/sealing/master-keys.ts'
import { conformance } from '../../conformance/index.ts'
import { aWrite, put, texts } from './session.ts'

const OLD: MasterKey = { kid: 'old', key: Buffer.alloc(32, 7) }
const NEW: MasterKey = { kid: 'new', key: Buffer.alloc(32, 8) }
const under = (...keys: [MasterKey, ...MasterKey[]]): Encryption => ({ keys: createMasterKeys(keys), required: false })

const ONE = { namespace: 'app', id: '00112233-4455-6677-8899-aabbccddeeff' }
const TWO = { namespace: 'app', id: '00112233-4455-6677-8899-aabbccddee00' }
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

/** The text of the fault at the bottom of it. */
const causeOf = async (refused: Promise<unknown>): Promise<string> => {
  try {
    await refused
  } catch (error) {
    let cause = error as Error
    while (cause.cause instanceof Error) cause = cause.cause
    return cause.message
  }
  return 'it was not refused'
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
  const repeat = { key: '0123456789abcdef0123456789abcdef', fingerprint: 'fedcba9876543210fedcba9876543210' }
  const hash = 'ab'.repeat(32)
  const subject = { namespace: 'app', subject: 'planted-subject' }
  await using(path, under(OLD), async (store) => {
    await put(store, ONE, { theme: '"planted-setting"', gone: '"planted-taken"' }, { subject: 'planted-subject' })
    await store.write(ONE, aWrite({ take: 'gone', remove: ['gone'], result: '"planted-result"', repeat }))
    const bind = { subject: 'planted-subject', newId: TWO.id }
    const handoff = { sessionId: ONE.id, life: 'AAECAwQFBgcICQoL', payload: '"planted-payload"', bind }
    await store.addHandoff({ namespace: 'app', partition: '76', hash }, handoff, 60)
    await store.list(subject, { id: ONE.id, keepSeconds: 60, lifetimeSeconds: 600 })
    const admission = { id: ONE.id, replaced: null, most: 2, keepSeconds: 60, lifetimeSeconds: 600, counted: [] }
    await store.admit(subject, admission)
    await store.addSecret('signing', 'a', 'planted-secret')
  })
  const bytes = await readFile(join(path, 'data.mdb'))
  t.ok(bytes.includes('theme'), 'names of keys are not encrypted')
  t.notOk(bytes.includes('planted'))
  t.notOk(bytes.includes(Buffer.from(repeat.fingerprint, 'hex')), 'nor the hash of a body, which could be guessed')
  await using(path, under(OLD), async (store) => {
    t.match(await store.read(ONE), { state: 'live', record: { subject: 'planted-subject' } })
    t.match(await store.write(ONE, aWrite({ repeat })), { taken: '"planted-taken"', result: '"planted-result"' })
    t.match(await store.readHandoff({ namespace: 'app', partition: '76', hash }), { payload: '"planted-payload"' })
    t.same((await store.secrets('signing')).get('a'), 'planted-secret')
  })
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
