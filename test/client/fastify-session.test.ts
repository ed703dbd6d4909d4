/** The store for sessions of Node under @fastify/session; and what it promises whoever calls it, whatever the framework. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { CoatcheckStore, type CoatcheckStoreOptions, type SessionData } from '../../src/client/express-session.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { startFront } from '../helpers/front.ts'
import { serveFastify } from '../helpers/session-site.ts'
import { until } from '../helpers/until.ts'

const api = await onLmdb(t)
const direct = `http://127.0.0.1:${api.port}`

const openStore = (t: Test, options: Partial<CoatcheckStoreOptions> = {}): CoatcheckStore => {
  const store = new CoatcheckStore({ url: direct, credential: KEYS.shop, ...options })
  t.teardown(() => store.close())
  return store
}

t.test('a session is kept from request to request, with what was removed from it gone', async (t) => {
  for (const options of [{}, { rolling: false }, { saveUninitialized: false, cookiePrefix: 's:' }]) {
    const { visit } = await serveFastify(t, openStore(t), options)
    const visitor = visit()
    await visitor.post('/change', { set: { a: 1, deep: { list: [null, {}] }, goes: 1, none: null } })
    t.strictSame(await visitor.see(), { a: 1, deep: { list: [null, {}] }, goes: 1, none: null })
    await visitor.post('/change', { set: { a: 2 }, remove: ['goes', 'none'] })
    t.strictSame(await visitor.see(), { a: 2, deep: { list: [null, {}] } }, JSON.stringify(options))
    const { settings } = await (await visitor.kept()).view()
    t.strictSame(Object.keys(settings).sort(), ['a', 'cookie', 'deep'], 'and nothing but the session is stored')
    t.notMatch(JSON.stringify(settings), /what was read|sid/)
  }
})

t.test("requests that overlap keep each other's keys, and write nothing else", async (t) => {
  const { visit, gate } = await serveFastify(t, openStore(t), { cookie: { secure: false, maxAge: 60_000 } })
  const visitor = visit()
  await visitor.post('/change', { set: { stays: 1, goes: 1 } })
  const kept = await visitor.kept()
  t.equal((await kept.view()).revision, 1, 'a request that changes nothing writes nothing')
  t.equal((await kept.view()).idleTimeoutSeconds, 60)
  const first = visitor.post('/change', { set: { a: 1 }, hold: 'first' })
  const second = visitor.post('/change', { set: { b: 2 }, remove: ['goes'], hold: 'second' })
  await until(() => gate.waits('first') && gate.waits('second'), 'both have read the session')
  gate.letGo('second')
  await second
  gate.letGo('first')
  await first
  t.strictSame(await visitor.see(), { stays: 1, a: 1, b: 2 })
  t.equal((await kept.view()).revision, 3)
})

t.test('regenerate, save, reload and destroy; and a late save brings nothing back', async (t) => {
  const store = openStore(t, { subject: ({ user }) => user as string | undefined })
  const { visit, gate } = await serveFastify(t, store)
  const visitor = visit()
  await visitor.post('/change', { set: { cart: [1] } })
  const old = await visitor.kept()
  const user = randomUUID()
  await visitor.post('/login', { user, early: true })
  t.strictSame(await visitor.see(), { user, early: true, after: true })
  await t.rejects(old.get(), { code: 'session_gone' })
  await visitor.post('/save')
  t.strictSame(await visitor.see(), { user, after: true, step: 2 })

  const kept = await visitor.kept()
  const late = visitor.post('/change', { set: { late: true }, hold: 'late' })
  await until(() => gate.waits('late'), 'the session was read')
  const other = visit(new Map(visitor.cookies))
  t.equal(await store.client.subject(user).end(), 1)
  gate.letGo('late')
  t.equal((await late).status, 200)
  await t.rejects(kept.get(), { code: 'session_gone' })
  t.strictSame(await other.see(), {})
  await other.post('/logout')
})

t.test('an outage is an error, and logs nobody out', async (t) => {
  const front = await startFront(t, api.port)
  const { visit } = await serveFastify(t, openStore(t, { url: front.url, timeoutMs: 300 }))
  const visitor = visit()
  await visitor.post('/change', { set: { user: 'henrik' } })
  front.harm(() => ({ status: 503, body: '{}' }))
  const { status, text, setCookie } = await visitor.open('/see')
  t.strictSame([status, setCookie], [503, null])
  t.notMatch(text, new URL(front.url).host, 'the visitor is not told where the service is')
  front.harm(() => undefined)
  t.strictSame(await visitor.see(), { user: 'henrik' })
})

/** What JSON shows of it. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** The store's methods, as promises. */
const promised = (store: CoatcheckStore) => {
  const told = <Value>(call: (callback: (error: unknown, value?: Value) => void) => void): Promise<Value | undefined> =>
    new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))))
  return {
    get: (sid: string) => told<SessionData | null>((callback) => store.get<SessionData>(sid, callback)),
    set: (sid: string, session: object) => told((callback) => store.set(sid, session, callback)),
    touch: (sid: string) => told((callback) => store.touch(sid, {}, callback)),
    destroy: (sid: string) => told((callback) => store.destroy(sid, callback)),
    all: () => told<SessionData[]>((callback) => store.all<SessionData>(callback)),
    length: () => told<number>((callback) => store.length(callback)),
    clear: () => told((callback) => store.clear(callback)),
  }
}

t.test('what is missing or over is null, or nothing to touch, save or destroy', async (t) => {
  const store = openStore(t)
  const { get, set, touch, destroy } = promised(store)
  const sid = randomUUID()
  t.equal(await get(sid), null)
  await touch(sid)
  await set(sid, { cookie: {}, a: 1 })
  const read = await get(sid)
  t.match(read, { a: 1, cookie: {} })
  await destroy(sid)
  await destroy(sid)
  t.equal(await get(sid), null)
  await touch(sid)
  await set(sid, { ...read, a: 2 })
  await set(sid, { cookie: {}, a: 3 })
  t.equal(await get(sid), null, 'destroyed for good')
  store.set(sid, {})
  store.touch(sid, {})
  store.destroy(sid)

  await set('over', { cookie: { originalMaxAge: -1, expires: new Date(0) }, a: 1 })
  t.equal(await get('over'), null, 'what is over when it is saved is ended')
  await t.rejects(set(sid, Object.assign([])), { name: 'SessionStoreError' })
  await t.rejects(set(randomUUID(), { cookie: {}, big: 1n }), { name: 'SessionStoreError', cause: TypeError })
  await t.rejects(set(randomUUID(), { cookie: {}, big: 'x'.repeat(70_000) }), {
    code: 'settings_too_large',
    status: 500,
  })
})

t.test('a session whose clock ran out is not begun again by a late save', async (t) => {
  const { get, set } = promised(openStore(t))
  const sid = randomUUID()
  const onADay = randomUUID()
  await set(sid, { cookie: { originalMaxAge: 1000 }, a: 1 })
  await set(onADay, { cookie: { expires: new Date(Date.now() + 1000), originalMaxAge: null }, a: 1 })
  const reads = await Promise.all([sid, onADay].map(async (one) => [one, await get(one)] as const))
  for (const [one, read] of reads) {
    t.equal(read?.a, 1)
    await until(async () => (await get(one)) === null, 'it is over')
    await set(one, Object.assign(read ?? {}, { a: 2 }))
    t.equal(await get(one), null)
  }
})

t.test('a cookie is written again only where the app changed it', async (t) => {
  const store = openStore(t)
  const { get, set } = promised(store)
  const sid = randomUUID()
  await set(sid, { cookie: { originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000) }, a: 1 })
  const kept = store.client.session(store.uuidOf(sid))
  for (const [originalMaxAge, revision] of [
    [59_999, 1],
    [30_000, 2],
  ]) {
    const read = (await get(sid)) ?? { cookie: {} }
    read.cookie.originalMaxAge = originalMaxAge
    await set(sid, read)
    t.equal((await kept.view()).revision, revision, 'setting an age takes a millisecond off at times')
  }
})

t.test('an object that the store did not give is written whole, and removes nothing', async (t) => {
  const { get, set } = promised(openStore(t))
  const sid = randomUUID()
  await set(sid, { cookie: { path: '/' }, a: 1, b: 1 })
  await set(sid, { cookie: { path: '/' }, b: 2, c: 2 })
  t.strictSame(json(await get(sid)), { cookie: { path: '/' }, a: 1, b: 2, c: 2 })
  const read = await get(sid)
  const { a: _, ...copy } = read ?? { cookie: {} }
  await set(sid, copy)
  t.strictSame(
    json(await get(sid)),
    { cookie: { path: '/' }, b: 2, c: 2 },
    'a copy of what it gave is known by its cookie',
  )

  const warned = once(process, 'warning')
  await set(sid, json({ ...(await get(sid)), b: 3 }) as SessionData)
  t.match(await warned, [{ code: 'COATCHECK_UNKNOWN_SESSION' }], 'what is saved without being known is told')
  t.match(await get(sid), { b: 3, c: 2 })
})

t.test('saves of one object come one after the other', async (t) => {
  const { get, set } = promised(openStore(t))
  const sid = randomUUID()
  const session: SessionData = { cookie: {}, n: 0 }
  const saves = Array.from({ length: 10 }, (_, i) => {
    session.n = i
    if (i % 2) delete session.odd
    else session.odd = i
    return set(sid, session)
  })
  await Promise.all(saves)
  t.strictSame(json(await get(sid)), { cookie: {}, n: 9 })
})

t.test('a session that a socket began is there for the page, and is kept from then on', async (t) => {
  const store = openStore(t)
  const { get, set } = promised(store)
  for (const begin of [
    (id: string) => store.client.session(id).set('theme', 'dark'),
    (id: string) => store.client.session(id).token({ keys: { read: ['*'], write: ['*'] } }),
  ]) {
    const sid = randomUUID()
    await begin(store.uuidOf(sid))
    const read = (await get(sid)) ?? { cookie: { missing: true } }
    t.strictSame(json(read.cookie), {})
    await set(sid, Object.assign(read, { user: 'henrik' }))
    t.match(await get(sid), { user: 'henrik' })
    const other = randomUUID()
    await begin(store.uuidOf(other))
    await set(other, { cookie: {}, user: 'hanna' })
    t.match(await get(other), { user: 'hanna' }, 'also where it was not read before')
  }
})

t.test('all, length and clear are for what such stores keep in the namespace', async (t) => {
  const store = openStore(t, { credential: KEYS.blog })
  const { set, destroy, all, length, clear } = promised(store)
  t.strictSame([await all(), await length()], [[], 0])
  await clear()
  const other = await store.client.create({ settings: { cookie: { of: 'another' } } })
  const sids = Array.from({ length: 45 }, () => randomUUID())
  await Promise.all(sids.map((sid, i) => set(sid, { cookie: { originalMaxAge: 60_000 }, i })))
  await destroy(sids.pop() ?? '')
  t.equal(await length(), 44)
  const found = ((await all()) ?? []).sort((one, two) => Number(one.i) - Number(two.i))
  t.strictSame(
    found.map(({ i }) => i),
    sids.map((_, i) => i),
  )
  t.match(found[0]?.cookie, { originalMaxAge: 60_000, expires: /^20/ })
  await clear()
  t.strictSame([await all(), await length()], [[], 0])
  t.strictSame(await store.client.session(other.id).get(), { cookie: { of: 'another' } }, 'others stay')
})
