/** The store for sessions of Node in Express, 4 and 5, with express-session itself, against the service. */
import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import express from 'express'
import expressSession, { type Session, type SessionData } from 'express-session'
import t, { type Test } from 'tap'
import { CoatcheckStore, type CoatcheckStoreOptions, uuidOf } from '../../src/client/express-session.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { OURS, startFront } from '../helpers/front.ts'
import { serveExpress } from '../helpers/session-site.ts'
import { until } from '../helpers/until.ts'

const api = await onLmdb(t)
/** It has the types of the other. */
const express4: typeof express = createRequire(import.meta.url)('express-4')

const direct = `http://127.0.0.1:${api.port}`

const openStore = (t: Test, options: Partial<CoatcheckStoreOptions> = {}): CoatcheckStore => {
  const store = new CoatcheckStore({ url: direct, credential: KEYS.shop, ...options })
  t.teardown(() => store.close())
  return store
}

for (const [name, make] of Object.entries({ 'Express 5': express, 'Express 4': express4 })) {
  t.test(`${name}: a session is kept from request to request, under a hash of its id`, async (t) => {
    const store = openStore(t)
    const { visit } = await serveExpress(t, { store, make })
    const visitor = visit()
    const value = { username: 'hénrik', n: 1.5, none: null, deep: { list: [1, { a: [] }], 'a/b~c': '' } }
    t.match(await visitor.post('/change', { set: value }), { status: 200, setCookie: /^connect\.sid=/ })
    t.strictSame(await visitor.see(), value)
    await visitor.post('/change', { set: { n: 2 }, remove: ['none', 'username'] })
    t.strictSame(await visitor.see(), { n: 2, deep: value.deep })

    const sid = (await visitor.open('/id')).text
    t.match(uuidOf(sid), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const { settings } = await store.client.session(uuidOf(sid)).view()
    const cookie = { originalMaxAge: null, httpOnly: true, path: '/' }
    t.strictSame(settings, { cookie, n: 2, deep: value.deep }, 'and nothing but the session is stored')
    t.strictSame(await visit(new Map([['connect.sid', encodeURIComponent(`s:${uuidOf(sid)}`)]])).see(), {})
  })

  t.test(`${name}: requests that overlap keep each other's keys`, async (t) => {
    const { visit, gate } = await serveExpress(t, { store: openStore(t), make })
    const visitor = visit()
    await visitor.post('/change', { set: { stays: 1, goes: 1, both: 0 } })
    const first = visitor.post('/change', { set: { a: 1, both: 1 }, hold: 'first' })
    const second = visitor.post('/change', { set: { b: 2, both: 2 }, remove: ['goes'], hold: 'second' })
    await until(() => gate.waits('first') && gate.waits('second'), 'both have read the session')
    gate.letGo('second')
    await second
    gate.letGo('first')
    await first
    t.strictSame(await visitor.see(), { stays: 1, a: 1, b: 2, both: 1 })
  })
}

t.test('what another process writes meanwhile is kept, too', async (t) => {
  const { visit, gate } = await serveExpress(t, { store: openStore(t) })
  const visitor = visit()
  await visitor.post('/change', { set: { theme: 'light' } })
  const kept = await visitor.kept()
  const held = visitor.post('/change', { set: { a: 1 }, hold: 'it' })
  await until(() => gate.waits('it'), 'the session was read')
  await kept.patch({ theme: 'dark', of: 'the socket' })
  gate.letGo('it')
  await held
  t.strictSame(await visitor.see(), { theme: 'dark', of: 'the socket', a: 1 })
})

t.test('a late save never brings back a session that was ended, and is no error', async (t) => {
  const store = openStore(t, { subject: ({ user }) => user as string | undefined })
  const { visit, gate, failures } = await serveExpress(t, { store })
  const user = randomUUID()
  const ends = {
    'a log-out': (visitor: ReturnType<typeof visit>) => visitor.post('/logout'),
    'a log-out everywhere': () => store.client.subject(user).end(),
  }
  for (const [how, end] of Object.entries(ends)) {
    const visitor = visit()
    await visitor.post('/change', { set: { cart: [1] } })
    await visitor.post('/login', { user })
    t.strictSame(await visitor.see(), { user })
    const kept = await visitor.kept()
    const late = visitor.post('/change', { set: { late: true }, hold: how })
    await until(() => gate.waits(how), 'the session was read')
    await end(visit(visitor.cookies))
    gate.letGo(how)
    t.equal((await late).status, 200, how)
    await t.rejects(kept.get(), { code: 'session_gone' }, how)
    t.strictSame(await visitor.see(), {}, 'the visitor begins anew')
  }
  t.strictSame(failures, [])
})

t.test('regenerate, reload and save do what express-session says of them', async (t) => {
  const { visit } = await serveExpress(t, { store: openStore(t) })
  const visitor = visit()
  await visitor.post('/change', { set: { cart: [1] } })
  const old = await visitor.kept()
  await visitor.post('/login', { user: 'henrik' })
  t.strictSame(await visitor.see(), { user: 'henrik' })
  t.not((await visitor.kept()).id, old.id)
  await t.rejects(old.get(), { code: 'session_gone' })

  await visitor.post('/save')
  t.strictSame(await visitor.see(), { user: 'henrik', step: 2, early: true })
  await visitor.post('/change', { remove: ['step', 'early'] })
  await visitor.post('/reload')
  t.strictSame(await visitor.see(), { user: 'henrik', reloaded: true }, 'what was not saved before is lost')
  await visitor.post('/logout')
  t.strictSame(await visitor.see(), {})
})

t.test("an app's own ids and cookies are asked for, and no session gets another's", async (t) => {
  const store = openStore(t)
  const genid = ({ headers }: express.Request) =>
    `${headers['content-type'] === undefined ? 'see' : 'app'}-${randomUUID()}`
  const { visit } = await serveExpress(t, { store, options: { genid } })
  const visitor = visit()
  await visitor.post('/change', { set: { a: 1 } })
  const id = await visitor.id()
  t.match(id, /^app-/)
  const again = await serveExpress(t, { store: openStore(t), options: { genid } })
  const returned = again.visit(visitor.cookies)
  t.strictSame(await returned.see(), { a: 1 }, 'also where it is the first that a process sees')
  t.equal(await returned.id(), id)
})

t.test('a session is stored when express-session says so', async (t) => {
  const store = openStore(t)
  const lazy = (await serveExpress(t, { store })).visit()
  t.equal((await lazy.open('/see')).setCookie, null)
  const eager = (await serveExpress(t, { store, options: { saveUninitialized: true } })).visit()
  const { setCookie } = await eager.open('/see')
  t.match(setCookie, /^connect\.sid=/)
  t.strictSame(Object.keys(await (await eager.kept()).get()), ['cookie'])
})

t.test('what a request does not change it does not write, whatever is said of saving', async (t) => {
  const store = openStore(t)
  for (const options of [
    { resave: true, rolling: true, cookie: { maxAge: 600_000 } },
    { resave: true },
    { rolling: true, cookie: { maxAge: 600_000 } },
  ]) {
    const { visit } = await serveExpress(t, { store, options })
    const visitor = visit()
    await visitor.post('/change', { set: { a: { b: 1 } } })
    const kept = await visitor.kept()
    for (let i = 0; i < 3; i++) await visitor.open('/see')
    t.equal((await kept.view()).revision, 1, JSON.stringify(options))
    await visitor.post('/change', { set: { a: { b: 1 } } })
    t.equal((await kept.view()).revision, 1)
    await visitor.post('/change', { set: { a: { b: 2 } } })
    t.strictSame(await kept.get('a'), { b: 2 })
    t.equal((await kept.view()).revision, 2)
  }
})

t.test("the cookie's age is the session's idle timeout, and each request slides it", async (t) => {
  const store = openStore(t)
  const { visit } = await serveExpress(t, { store, options: { cookie: { maxAge: 3000 } } })
  const visitor = visit()
  await visitor.post('/change', { set: { a: 1 } })
  const kept = await visitor.kept()
  const before = await kept.view({ touch: false })
  t.equal(before.idleTimeoutSeconds, 3)
  await until(async () => {
    await visitor.open('/see')
    return (await kept.view({ touch: false })).lastSeenAt > before.lastSeenAt
  }, 'a request was a use')
  const { cookie } = JSON.parse((await visitor.open('/see')).text)
  // express-session works the age out from two looks at the clock, so that each request may take a millisecond off it.
  t.ok(cookie.originalMaxAge > 2900 && cookie.originalMaxAge <= 3000, `${cookie.originalMaxAge} ms`)
  const left = Date.parse(cookie.expires) - Date.now()
  t.ok(left > 1000 && left <= 3000, `${left} ms`)

  const others = (await serveExpress(t, { store })).visit()
  await others.post('/change', { set: { a: 1 } })
  t.equal((await (await others.kept()).view()).idleTimeoutSeconds, 8_640_000, "without one it is the namespace's")
})

t.test('an outage is an error, and logs nobody out', async (t) => {
  const front = await startFront(t, api.port)
  const { visit, failures } = await serveExpress(t, { store: openStore(t, { url: front.url, timeoutMs: 300 }) })
  const visitor = visit()
  await visitor.post('/change', { set: { user: 'henrik' } })
  const away = { status: 503, headers: { 'retry-after': '1' }, body: '{}' }
  front.harm(() => away)
  t.match(await visitor.open('/see'), { status: 503, setCookie: null })
  t.match(failures, [{ name: 'SessionStoreError', status: 503, code: 'unreachable', cause: { status: 503 } }])
  front.harm(({ method }) => (method === 'GET' ? undefined : away))
  await visitor.post('/change', { set: { late: 1 } })
  t.match(failures[1], { status: 503 }, 'a save that failed says so')
  const body = '{"code":"invalid_credential","detail":"The API key is not known."}'
  front.harm(() => ({ status: 401, headers: OURS, body }))
  t.equal((await visitor.open('/see')).status, 500, 'what will not pass is not told the visitor')
  t.notMatch(String((failures[2] as Error).message), /127\.0\.0\.1|credential/)
  front.harm(() => undefined)
  t.strictSame(await visitor.see(), { user: 'henrik' })
})

t.test('a session is bound to its user when it begins, and is not kept as anybody else', async (t) => {
  const { visit, failures } = await serveExpress(t, {
    store: openStore(t, { subject: ({ user }) => user as string | undefined }),
  })
  const visitor = visit()
  const user = randomUUID()
  await visitor.post('/login', { user })
  t.equal((await (await visitor.kept()).view()).subject, user)
  await visitor.post('/change', { set: { user: 'another' } })
  t.match((failures[0] as Error).message, /regenerate/)
  t.strictSame(await visitor.see(), { user })
})

t.test('it is a store of express-session', async (t) => {
  const store = openStore(t)
  t.ok(store instanceof EventEmitter)
  const sid = randomUUID()
  const expires = new Date(Date.now() + 60_000)
  await new Promise<void>((resolve) =>
    store.set(sid, { cookie: { expires, originalMaxAge: 60_000, httpOnly: false, path: '/x' }, a: 1 }, () => resolve()),
  )
  const load = (id = sid) =>
    new Promise<Session & SessionData>((resolve, reject) =>
      store.load<Session & SessionData>(id, (error, found) => (found ? resolve(found) : reject(error))),
    )
  await t.rejects(load(), { message: /hand it to session\(\{ store \}\)/ }, 'which has the classes of sessions')
  expressSession({ store, secret: 'x', resave: false, saveUninitialized: false })
  t.equal(await load(randomUUID()).catch((error) => error), undefined)
  const loaded = await load()
  t.equal(loaded.id, sid)
  t.match(loaded.cookie, { originalMaxAge: 60_000, httpOnly: false, path: '/x' })
  t.type(loaded.cookie.expires, Date)
  t.equal(loaded.a, 1)
  loaded.b = 2
  await new Promise<void>((resolve) => loaded.save(() => resolve()))
  t.match(await store.client.session(uuidOf(sid)).get(), { a: 1, b: 2 })
})
