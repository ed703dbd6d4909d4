/**
 * Changes that depend on what is there, on a real store of which every write is watched: how many there are, and what
 * somebody else does just before one of them.
 */

import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Caller } from '../../../src/domain/credentials/caller.ts'
import { ALL_KEYS } from '../../../src/domain/credentials/key-rule.ts'
import type { Limits } from '../../../src/domain/policy.ts'
import { type Change, createChanges, type Lookup } from '../../../src/domain/settings/read-modify-write.ts'
import type { WriteBase } from '../../../src/domain/settings/write-request.ts'
import { CoatcheckError } from '../../../src/errors.ts'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { type SessionRef, type Store, StoreUnavailable, type Write } from '../../../src/store/port.ts'
import { until } from '../../helpers/until.ts'

const LIMITS: Limits = { settingsBytes: 1000, keys: 10, keyBytes: 128, depth: 16, batch: 100, subjectBytes: 256 }

const BASE: WriteBase = {
  credential: null,
  create: 'if-missing',
  clocks: { idleTimeoutSeconds: 3600, lifetimeSeconds: 3600 },
  writes: true,
  use: true,
  limits: { bytes: LIMITS.settingsBytes, keys: LIMITS.keys },
}

const newRef = (): SessionRef => ({ namespace: 'shop', id: randomUUID() })

const set = (key: string, text: string): Change => ({ set: new Map([[key, text]]) })

/** Adds one to the number under `n`, where an absent one counts as 0. */
const count = (lookup: Lookup): Change => set('n', `${Number(lookup('n') ?? 0) + 1}`)

/** Changes `n` to "taken" if it is "free". */
const claim = (lookup: Lookup): Change => {
  if (lookup('n') !== '"free"') throw new CoatcheckError('test_failed')
  return set('n', '"taken"')
}

const callerOf = ({ namespace }: SessionRef): Caller => ({
  kind: 'api-key',
  namespace,
  may: [],
  keys: ALL_KEYS,
  credentialId: 'key',
})

/** A store, the writes that came by, and what is done before each. */
const watched = async (t: Test) => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-change-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  const store = await openLmdbStore({ path })
  t.teardown(() => store.close())
  const writes: Write[] = []
  let before: (write: Write, at: number) => Promise<void> | void = () => {}
  const watching: Store = {
    ...store,
    async write(ref, write) {
      writes.push(write)
      await before(write, writes.length)
      return store.write(ref, write)
    },
  }
  const replica = () => {
    const applyChange = createChanges(watching)
    return (ref: SessionRef, compute: (lookup: Lookup) => Change, base: Partial<WriteBase> = {}) =>
      applyChange(callerOf(ref), ref.id, { ...BASE, ...base }, LIMITS, compute)
  }
  return {
    writes,
    /** Changes as the service does. */
    change: replica(),
    anotherReplica: replica,
    /** Writes as another replica does. */
    put: (ref: SessionRef, key: string, text: string) =>
      store.write(ref, { ...BASE, limits: { bytes: 1000, keys: 10 }, set: new Map([[key, text]]) }),
    read: async (ref: SessionRef, key: string) => {
      const found = await store.read(ref)
      return found.state === 'live' ? found.settings.get(key) : undefined
    },
    end: (ref: SessionRef) => store.end(ref, { credential: null, reason: 'deleted', tombstoneSeconds: 60 }),
    state: async (ref: SessionRef) => (await store.read(ref)).state,
    beforeWrite(hook: typeof before) {
      before = hook
    },
  }
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it was done',
    (error: CoatcheckError) => error.code ?? error.name,
  )

t.test('a change of what is absent costs one write and no read', async (t) => {
  const { change, writes, read } = await watched(t)
  const ref = newRef()
  const written = await change(ref, count)
  t.match(written, { began: true, changed: true, added: 1, version: { revision: 1 } })
  t.equal(await read(ref, 'n'), '1')
  t.equal(writes.length, 1)
})

t.test('a change of what is there costs two, the first of which tells what that is', async (t) => {
  const { change, put, writes, read } = await watched(t)
  const ref = newRef()
  await put(ref, 'n', '41')
  const seen: (string | undefined)[] = []
  await change(ref, (lookup) => {
    seen.push(lookup('n'))
    return count(lookup)
  })
  t.strictSame(seen, [undefined, '41'])
  t.equal(await read(ref, 'n'), '42')
  t.equal(writes.length, 2)
})

t.test('a change that looks at nothing expects nothing', async (t) => {
  const { change, put, writes, read } = await watched(t)
  const ref = newRef()
  await put(ref, 'n', '1')
  await change(ref, () => set('n', '2'))
  t.equal(await read(ref, 'n'), '2')
  t.equal(writes.length, 1)
  t.equal(writes[0]?.expect?.size, 0)
})

t.test('a hundred at once begin where the one before them ended', async (t) => {
  const { change, put, writes, read } = await watched(t)
  const ref = newRef()
  await put(ref, 'n', '0')
  await Promise.all(Array.from({ length: 100 }, () => change(ref, count)))
  t.equal(await read(ref, 'n'), '100')
  t.equal(writes.length, 101)
})

t.test('two replicas that count at once lose nothing of each other', async (t) => {
  const { change, anotherReplica, read } = await watched(t)
  const ref = newRef()
  const other = anotherReplica()
  await Promise.all(Array.from({ length: 100 }, (_, n) => (n % 2 ? change : other)(ref, count)))
  t.equal(await read(ref, 'n'), '100')
})

t.test('what somebody else writes between two tries is not lost', async (t) => {
  const { change, put, read, beforeWrite } = await watched(t)
  const ref = newRef()
  beforeWrite(async (_write, at) => {
    if (at <= 3) await put(ref, 'n', `${at * 10}`)
  })
  await change(ref, count)
  t.equal(await read(ref, 'n'), '31')
})

t.test('a refusal is never given on a supposition', async (t) => {
  const { change, put, writes, read } = await watched(t)
  const ref = newRef()
  await put(ref, 'n', '"free"')
  await change(ref, claim)
  t.equal(await read(ref, 'n'), '"taken"')
  t.equal(writes.length, 2, 'one to ask, one to write')
  t.match(writes[0], { create: 'never', writes: false }, 'and asking changes nothing')
})

t.test('what is refused is refused for what is there, and has changed nothing', async (t) => {
  const { change, put, writes, read } = await watched(t)
  const ref = newRef()
  await put(ref, 'n', '"occupied"')
  t.equal(await codeOf(change(ref, claim)), 'test_failed')
  t.equal(await read(ref, 'n'), '"occupied"')
  t.equal(writes.length, 1)
})

t.test('a refusal of a session that is missing begins none', async (t) => {
  const { change, state } = await watched(t)
  const ref = newRef()
  t.equal(await codeOf(change(ref, claim)), 'test_failed')
  t.equal(await state(ref), 'missing')
})

t.test('what is there may change between asking and writing', async (t) => {
  const { change, put, read, beforeWrite } = await watched(t)
  const ref = newRef()
  await put(ref, 'n', '"free"')
  beforeWrite(async (_write, at) => {
    if (at === 2) await put(ref, 'n', '"somebody else"')
  })
  t.equal(await codeOf(change(ref, claim)), 'test_failed')
  t.equal(await read(ref, 'n'), '"somebody else"')
})

t.test('what the store refuses comes before what the change refuses', async (t) => {
  const { change, put, end } = await watched(t)
  const ref = newRef()
  t.equal(await codeOf(change(ref, claim, { create: 'never' })), 'session_not_found')
  await put(ref, 'n', '1')
  const stale = { precondition: { ifMatch: [{ revision: 7, tag: 'AAAAAAAA' }] } }
  t.equal(await codeOf(change(ref, claim, stale)), 'precondition_failed')
  t.equal(await codeOf(change(ref, count, stale)), 'precondition_failed')
  await end(ref)
  t.equal(await codeOf(change(ref, claim)), 'session_gone')
  t.equal(await codeOf(change(ref, count)), 'session_gone')
})

t.test('a repeated change answers its first outcome, even where it would be refused by now', async (t) => {
  const { change, put, read } = await watched(t)
  const ref = newRef()
  await put(ref, 'n', '"free"')
  const repeat = { key: '0'.repeat(32), fingerprint: '1'.repeat(32) }
  const first = await change(ref, claim, { repeat })
  const again = await change(ref, claim, { repeat })
  t.strictSame(again, { ...first, repeated: true })
  await change(ref, () => set('n', '1'))
  const sums = await Promise.all([change(ref, claim, { repeat }), change(ref, count), change(ref, count)])
  t.equal(sums[0]?.repeated, true)
  t.equal(await read(ref, 'n'), '3', 'and misleads nobody who comes after it')
})

t.test('a limit is told, and the next change is not held up by it', async (t) => {
  const { change, read } = await watched(t)
  const ref = newRef()
  const codes = await Promise.all([
    codeOf(change(ref, count)),
    codeOf(change(ref, () => set('big', `"${'x'.repeat(1000)}"`))),
    codeOf(change(ref, count)),
  ])
  t.strictSame(codes, ['it was done', 'settings_too_large', 'it was done'])
  t.equal(await read(ref, 'n'), '2')
})

t.test('a fault in computing a change ends it, and not the next one', async (t) => {
  const { change, writes } = await watched(t)
  const ref = newRef()
  const fault = new Error('a fault')
  const faulty = change(ref, () => {
    throw fault
  })
  const next = change(ref, count)
  await t.rejects(faulty, fault)
  t.match(await next, { changed: true })
  t.equal(writes.length, 1)
})

t.test('a store that is away ends a change, and not the next one', async (t) => {
  const { change, read, beforeWrite } = await watched(t)
  const ref = newRef()
  beforeWrite((_write, at) => {
    if (at === 1) throw new StoreUnavailable()
  })
  const codes = await Promise.all([codeOf(change(ref, count)), codeOf(change(ref, count))])
  t.strictSame(codes, ['StoreUnavailable', 'it was done'])
  t.equal(await read(ref, 'n'), '1')
})

t.test('sessions do not wait for each other', async (t) => {
  const { change, beforeWrite, writes } = await watched(t)
  const [held, free] = [newRef(), newRef()]
  let release = (): void => {}
  const holding = new Promise<void>((resolve) => {
    release = resolve
  })
  beforeWrite((_write, at) => (at === 1 ? holding : undefined))
  const first = change(held, count)
  await until(() => writes.length === 1, 'the first is held up')
  t.match(await change(free, count), { changed: true })
  release()
  t.match(await first, { changed: true })
})

t.test('who waited in vain is told so, and is not written after that', async (t) => {
  const { change, read, beforeWrite } = await watched(t)
  const ref = newRef()
  const end = performance.now() + 2200
  beforeWrite((_write, at) => (at === 1 ? until(() => performance.now() > end, 'the first is written') : undefined))
  const [, second] = await Promise.all([codeOf(change(ref, count)), codeOf(change(ref, count))])
  t.equal(second, 'StoreUnavailable')
  await until(async () => (await read(ref, 'n')) !== undefined, 'the first has been written')
  await change(ref, count)
  t.equal(await read(ref, 'n'), '2', 'the first, and who came after the second')
})

t.test('who never wins is told that the store is not to be had, within two seconds', async (t) => {
  const { change, put, beforeWrite } = await watched(t)
  const ref = newRef()
  beforeWrite(async (_write, at) => {
    await put(ref, 'n', `${at * 10}`)
  })
  const started = performance.now()
  await t.rejects(change(ref, count), { name: 'StoreUnavailable' })
  const ms = performance.now() - started
  t.ok(ms < 2000, `after ${Math.round(ms)} ms`)
})
