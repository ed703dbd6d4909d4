/** Redis is there and cannot serve as it should: what can be done is done, and the rest is refused in time. */
import t, { type Test } from 'tap'
import { type Answer, type Api, idOf, newSession } from '../helpers/app.ts'
import { makeDocumentedUser } from '../helpers/documented-acl.ts'
import {
  adminOf,
  begin,
  CALLS,
  comesBack,
  DEADLINE_MS,
  isAsBefore,
  isAway,
  sendAll,
  serveOn,
  timed,
} from '../helpers/outage.ts'
import { until } from '../helpers/until.ts'

t.test('busy in a script of somebody else’s', async (t) => {
  const { server, api, session } = await begin(t, ['--busy-reply-threshold', '50'])
  const [admin, other] = [adminOf(t, server), adminOf(t, server)]
  await Promise.all([admin.ping(), other.ping()])
  const busy = admin.eval('while true do end', 0).catch((error: Error) => error.message)
  await until(async () => (await api.call('GET', session)).status === 503, 'it is busy')
  for (const [n, one] of (await sendAll(api, session)).entries()) isAway(t, one, `${CALLS[n]?.slice(0, 2)}`)
  await other.call('SCRIPT', 'KILL')
  t.match(await busy, /killed/i)
  await comesBack(api, session)
  await isAsBefore(t, api, session)
})

t.test('loading its data', async (t) => {
  const { server, api, session } = await begin(t, ['--key-load-delay', '2000'])
  const admin = adminOf(t, server)
  for (let n = 0; n < 300; n++) await admin.set(`other:${n}`, n)
  admin.disconnect()
  await server.kill()
  let loading = true
  const started = server.start().finally(() => {
    loading = false
  })
  const seen = new Set<number>()
  await until(async () => {
    const { answer, ms } = await timed(api.call('GET', session))
    seen.add(answer.status)
    t.ok(ms < DEADLINE_MS)
    return !loading
  }, 'it has loaded')
  await started
  await comesBack(api, session)
  await isAsBefore(t, api, session)
  t.notOk(
    [...seen].some((status) => status !== 200 && status !== 503),
    `${[...seen]}`,
  )
})

t.test('out of memory', async (t) => {
  const { server, api, session } = await begin(t)
  const [used, shrinking] = [newSession(), newSession()]
  const { json } = await api.call('POST', '/v1/sessions', {
    body: { idleTimeoutSeconds: 5 },
  })
  await api.call('PATCH', `${used}/settings`, { body: { code: 'once', a: 1, b: 1 } })
  await api.call('PATCH', `${shrinking}/settings`, { body: { a: 1, b: 1, c: 1, d: 1 } })
  const admin = adminOf(t, server)
  await admin.config('SET', 'maxmemory', '1')
  const full = { status: 507, json: { code: 'store_full' } }
  const overwrites = { headers: { 'if-match': '*' } }
  for (const [method, path, call] of [
    ['PATCH', '/settings', { body: { a: 2 } }],
    ['PATCH', '/settings', { body: { o: { y: 1 } } }],
    ['PATCH', '/settings', { body: { a: null, c: 1 } }],
    ['PUT', '/settings', { body: { a: 2 }, ...overwrites }],
    ['PUT', '/settings/a', { body: 2 }],
    ['PUT', '/settings/a', { body: 2, ...overwrites }],
    ['POST', '/settings/a/increment', {}],
  ] as const) {
    t.hasStrict(await api.call(method, session + path, call), full, `${method} ${path} ${JSON.stringify(call)}`)
  }
  t.hasStrict(await api.call('POST', '/v1/sessions', { body: {} }), full)
  await isAsBefore(t, api, session)
  t.equal((await api.call('GET', '/readyz')).status, 200)
  const due = `/v1/sessions/${json.id}`
  await until(() => Date.now() > Date.parse(json.lastSeenAt) + 550, 'a use is due to be written down')
  const { lastSeenAt } = (await api.call('GET', due)).json
  t.ok(Date.parse(lastSeenAt) > Date.parse(json.lastSeenAt), 'a use is written down')
  t.equal((await api.call('POST', `${due}/touch`)).status, 200)
  const withKey = { headers: { 'idempotency-key': 'k' } }
  for (let time = 0; time < 2; time++) {
    t.equal((await api.call('POST', `${used}/settings/code/take`, withKey)).text, '{"value":"once"}')
  }
  t.equal((await api.call('DELETE', `${used}/settings/a`)).status, 204)
  for (const [method, call] of [
    ['PATCH', { body: { a: 1, c: null } }],
    ['PATCH', { body: [{ op: 'remove', path: '/d' }], type: 'application/json-patch+json' }],
    ['PUT', { body: { a: 1 }, ...overwrites }],
    ['PUT', { body: {}, ...overwrites }],
  ] as const) {
    const { status } = await api.call(method, `${shrinking}/settings`, call)
    t.equal(status, 204, `what only removes is done: ${method} ${JSON.stringify(call.body)}`)
  }
  const mint = { body: { keys: { read: ['*'] }, scope: 'read' } }
  t.equal((await api.call('POST', `${shrinking}/tokens`, mint)).status, 201, 'a token of a session that lives')
  t.hasStrict(await api.call('POST', `${newSession()}/tokens`, mint), full, 'but none that begins a session')
  t.equal((await api.call('DELETE', `${used}/settings/b`, { headers: { 'if-match': '*' } })).status, 204)
  for (const path of [used, newSession()]) {
    t.equal((await api.call('DELETE', path)).status, 204, 'a log-out works')
    t.equal((await api.call('GET', path)).status, 410)
  }
  await admin.config('SET', 'maxmemory', '0')
  t.equal((await api.call('PATCH', `${session}/settings`, { body: { a: 2 } })).status, 204)
})

t.test('a replica that only reads', async (t) => {
  const { server, api, session } = await begin(t)
  const admin = adminOf(t, server)
  await admin.replicaof('127.0.0.1', 1)
  for (const [n, one] of (await sendAll(api, session, CALLS.slice(3))).entries()) {
    isAway(t, one, `${CALLS[n + 3]?.slice(0, 2)}`)
  }
  await admin.replicaof('NO', 'ONE')
  await until(async () => (await api.call('POST', `${session}/touch`)).status === 200, 'it can be written again')
  await isAsBefore(t, api, session)
})

t.test('connections killed under load lose no write that was answered, and repeat none', async (t) => {
  const { server, api, session } = await begin(t)
  const admin = adminOf(t, server)
  let working = true
  const killing = (async () => {
    while (working) {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await until(async () => (await api.call('GET', session)).status === 200, 'it serves again')
    }
  })()
  const statuses = new Set<number>()
  const workers = Array.from({ length: 10 }, async (_, worker) => {
    for (let n = 0; n < 30; n++) {
      const headers = { 'idempotency-key': `${worker}-${n}` }
      await until(async () => {
        const { status } = await api.call('POST', `${session}/settings/n/increment`, { headers })
        statuses.add(status)
        return status === 200
      }, 'an increment is answered')
    }
  })
  await Promise.all(workers)
  working = false
  await killing
  t.equal((await api.call('GET', `${session}/settings/n`)).text, '300')
  t.ok(
    [...statuses].every((status) => status === 200 || status === 503),
    `${[...statuses]}`,
  )
})

/** Everything that binds, lists and ends. */
const logsInAndOut = async (t: Test, api: Api): Promise<void> => {
  const isDone = async (method: string, path: string, body?: object): Promise<Answer> => {
    const answer = await api.call(method, path, body === undefined ? {} : { body })
    t.ok(answer.status < 300, `${method} ${path.replace(/[-0-9a-f]{36}/, 'id')}: ${answer.status}`)
    return answer
  }
  const session = newSession()
  const { json } = await isDone('POST', `${session}/handoffs`, { subject: 'user-42' })
  const redeemed = await isDone('POST', '/v1/handoffs/redeem', { code: json.code, sessionId: idOf(session) })
  const { id } = (redeemed.json as unknown as { session: { id: string } }).session
  await isDone('POST', `/v1/sessions/${id}/rotate`, {})
  await isDone(
    'DELETE',
    `/v1/sessions/${(await isDone('POST', '/v1/sessions', { subject: 'user-42' })).json.id}/tokens`,
  )
  for (const limit of [1, 1, 2]) {
    const { next } = (await isDone('GET', `/v1/subjects/user-42/sessions?limit=${limit}`)).json as { next?: string }
    if (next !== undefined) await isDone('GET', `/v1/subjects/user-42/sessions?cursor=${next}`)
  }
  await isDone('GET', '/v1/sessions')
  await isDone('DELETE', '/v1/subjects/user-42/sessions')
}

t.test('a user who may do what docs/redis.md says, and no more, is enough', async (t) => {
  const { server } = await begin(t)
  const admin = adminOf(t, server)
  const { user, password } = await makeDocumentedUser(admin, 'redis')
  // The user has to be able to keep the first signing key, too.
  await admin.call('DEL', 'cc:{keys}:signing-keys')
  const api = await serveOn(t, `redis://${user}:${password}@127.0.0.1:${server.port}`)
  const session = newSession()
  const settings = { a: 1, o: { x: 1 } }
  for (const [method, path, call] of CALLS) {
    await api.call('PATCH', `${session}/settings`, {
      body: settings,
      headers: { 'idempotency-key': `${method}-${path}` },
    })
    const { status } = await api.call(method, session + path, call)
    t.ok(status < 300, `${method} ${path}: ${status}`)
    if (method === 'DELETE' && path === '') t.equal((await api.call('GET', session)).status, 410)
  }
  t.strictSame([await api.store.sweep(), await api.store.count()], [0, 1])
  const minted = await api.call('POST', `${newSession()}/tokens`, { body: { keys: { read: ['*'] } } })
  t.equal(minted.status, 201, 'a signing key can be kept')
  await logsInAndOut(t, api)
  t.hasStrict(await api.call('GET', '/readyz'), { status: 200, json: { warnings: [] } })
})
