import { randomUUID } from 'node:crypto'
import t from 'tap'
import { idOf, type Json, KEYS, newSession, onEachStore } from '../helpers/app.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const PRECONDITIONS: Record<string, string>[] = [
  {},
  { 'if-match': '*' },
  { 'if-none-match': '*' },
  { 'if-match': '"0"' },
]

const DAY_MS = 86_400_000

const order = (one: Json, other: Json): number => (one.id < other.id ? -1 : 1)

await onEachStore(t, async (t, api) => {
  const create = (body?: object, key?: string) => api.call('POST', '/v1/sessions', { body, key })

  await t.test('a session begins under an id that is drawn, with the clocks that are configured', async (t) => {
    const before = Date.now()
    const made = await create()
    t.equal(made.status, 201)
    t.match(made.json.id, UUID)
    t.equal(made.headers.location, `/v1/sessions/${made.json.id}`)
    const { id, createdAt, expiresAt, ...rest } = made.json
    t.strictSame(rest, {
      etag: '0',
      revision: 0,
      subject: null,
      lastSeenAt: createdAt,
      idleTimeoutSeconds: 8_640_000,
      lifetimeSeconds: 34_560_000,
      settings: {},
    })
    t.ok(Date.parse(createdAt) >= before - 1 && Date.parse(createdAt) <= Date.now() + 1)
    t.equal(Date.parse(expiresAt), Date.parse(createdAt) + 100 * DAY_MS + 60_000, 'the idle timeout and its slack')
    t.notOk('etag' in made.headers, 'its clocks move, so it has no ETag')
    t.strictSame((await api.call('GET', `/v1/sessions/${id}`)).json, made.json)
    t.not((await create()).json.id, id)
  })

  await t.test('a session begins with everything that was asked for', async (t) => {
    const session = newSession()
    const begin = { id: idOf(session), subject: 'user-42', idleTimeoutSeconds: 60, lifetimeSeconds: 3600 }
    const made = await create({ ...begin, settings: { theme: 'dark', cart: [1] } })
    t.equal(made.status, 201)
    t.hasStrict(made.json, { ...begin, revision: 1, settings: { theme: 'dark', cart: [1] } })
    t.match(made.json.etag, /^1-[\w-]{8}$/)
    t.equal(Date.parse(made.json.expiresAt) - Date.parse(made.json.createdAt), 66_000)
    t.equal(made.headers.location, session)
    t.strictSame((await api.call('GET', session)).json, made.json)
    t.equal((await api.call('GET', `${session}/settings`)).headers.etag, `"${made.json.etag}"`)
  })

  await t.test('a lifetime shorter than the idle timeout is what expiresAt tells', async (t) => {
    const { json } = await create({ idleTimeoutSeconds: 3600, lifetimeSeconds: 60 })
    t.equal(Date.parse(json.expiresAt) - Date.parse(json.createdAt), 60_000)
  })

  await t.test('empty settings make revision 1, none at all leave them unwritten', async (t) => {
    t.equal((await create({ settings: {} })).json.revision, 1)
    t.hasStrict((await create({})).json, { revision: 0, etag: '0' })
  })

  await t.test('settings of a new session are kept as they were sent', async (t) => {
    const text = '{"settings" : {"n":1.10 , "big": [ 12345678901234567890 ],"o":{"2":1,"1":2}}}'
    const made = await api.call('POST', '/v1/sessions', { text })
    t.equal(made.status, 201)
    for (const part of ['"n":1.10', '"big":[ 12345678901234567890 ]', '"o":{"2":1,"1":2}'])
      t.ok(made.text.includes(part))
  })

  await t.test('an id is taken in upper case, of any version, and answered in lower case', async (t) => {
    const id = `0192F0C4-7AAA-7BBB-8CCC-${randomUUID().slice(-12).toUpperCase()}`
    const made = await create({ id, settings: { a: 1 } })
    t.hasStrict(made, { status: 201, headers: { location: `/v1/sessions/${id.toLowerCase()}` } })
    t.equal(made.json.id, id.toLowerCase())
    for (const spelling of [id, id.toLowerCase()]) {
      t.hasStrict((await api.call('GET', `/v1/sessions/${spelling}`)).json, { id: id.toLowerCase(), revision: 1 })
    }
    t.equal((await create({ id: id.toLowerCase() })).json.code, 'session_exists')
  })

  await t.test('an id that is taken is 409, and nothing has changed', async (t) => {
    const { json } = await create({ settings: { a: 1 } })
    t.hasStrict(await create({ id: json.id, settings: { b: 2 } }), { status: 409, json: { code: 'session_exists' } })
    t.strictSame((await api.call('GET', `/v1/sessions/${json.id}`)).json, json)
  })

  await t.test('an unwritten session counts as one that exists', async (t) => {
    const { json } = await create()
    t.equal((await create({ id: json.id })).status, 409)
  })

  await t.test('of twenty who begin a session under one id, one does', async (t) => {
    const id = randomUUID()
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => create({ id, settings: { n } })))
    t.strictSame(made.map(({ status }) => status).sort(), [201, ...Array(19).fill(409)])
    const winner = made.find(({ status }) => status === 201)
    t.strictSame((await api.call('GET', `/v1/sessions/${id}`)).json, winner?.json)
  })

  await t.test('a subject has its limit, in bytes', async (t) => {
    t.equal((await create({ subject: 'é'.repeat(128) })).json.subject, 'é'.repeat(128))
    t.hasStrict(await create({ subject: 'é'.repeat(129) }), {
      status: 422,
      json: { code: 'limit_exceeded', limit: 256 },
    })
    t.equal((await create({ subject: '' })).status, 400)
  })

  await t.test('a subject that has no form in UTF-8 is refused, since it would come back as another', async (t) => {
    const made = await api.call('POST', '/v1/sessions', { text: '{"subject":"user-\\ud800"}' })
    t.hasStrict(made, { status: 400, json: { code: 'invalid_request', errors: [{ pointer: '#/subject' }] } })
  })

  await t.test('clocks are whole seconds from 1 on', async (t) => {
    for (const wrong of [0, -1, 1.5, '60', null, 4_000_000_001]) {
      for (const clock of ['idleTimeoutSeconds', 'lifetimeSeconds']) {
        const answer = await create({ [clock]: wrong })
        t.hasStrict(answer, { status: 400, json: { code: 'invalid_request' } }, `${clock} ${wrong}`)
        t.equal(answer.json.errors[0]?.pointer, `#/${clock}`)
      }
    }
    t.equal((await create({ idleTimeoutSeconds: 4_000_000_000, lifetimeSeconds: 4_000_000_000 })).status, 201)
  })

  await t.test('a missing session is 404, and reading it makes none', async (t) => {
    const session = newSession()
    t.hasStrict(await api.call('GET', session), { status: 404, json: { code: 'session_not_found' } })
    t.hasStrict(await api.call('POST', `${session}/touch`), { status: 404, json: { code: 'session_not_found' } })
    t.equal((await api.call('GET', `${session}/settings`)).status, 200)
    t.equal((await api.call('GET', session)).status, 404)
  })

  await t.test('touch answers the session without its settings', async (t) => {
    const { json } = await create({ settings: { a: 1 }, subject: 's' })
    const { settings, ...clocks } = json
    for (const call of [undefined, {}, { body: {} }]) {
      const touched = await api.call('POST', `/v1/sessions/${json.id}/touch`, call)
      t.strictSame([touched.status, touched.json], [200, clocks])
    }
  })

  await t.test('an end leaves a tombstone, and every call tells why and when', async (t) => {
    const before = Date.now()
    const { json } = await create({ settings: { a: 1 } })
    const session = `/v1/sessions/${json.id}`
    const ended = await api.call('DELETE', session)
    t.strictSame([ended.status, ended.text], [204, ''])
    const { endedAt } = (await api.call('GET', session)).json
    t.ok(Date.parse(endedAt) >= before - 1 && Date.parse(endedAt) <= Date.now() + 1)
    const calls: [string, string, object?][] = [
      ['GET', ''],
      ['HEAD', ''],
      ['POST', '/touch'],
      ['GET', '/settings'],
      ['HEAD', '/settings'],
      ['PUT', '/settings', {}],
      ['PATCH', '/settings', { a: 2 }],
      ['PATCH', '/settings', { a: { b: 2 } }],
      ['GET', '/settings/a'],
      ['PUT', '/settings/a', {}],
      ['DELETE', '/settings/a'],
      ['POST', '/settings/a/take'],
      ['POST', '/settings/a/increment'],
    ]
    for (const [method, path, body] of calls) {
      for (const headers of PRECONDITIONS) {
        const isPlain = Object.keys(headers).length === 0
        if (isPlain ? method === 'PUT' && path === '/settings' : path === '/touch') continue
        const answer = await api.call(method, session + path, { body, headers })
        t.equal(answer.status, 410, `${method} ${path} ${JSON.stringify(headers)}`)
        if (method !== 'HEAD') t.hasStrict(answer.json, { code: 'session_gone', reason: 'deleted', endedAt })
      }
    }
    t.hasStrict(await create({ id: json.id }), { status: 410, json: { reason: 'deleted', endedAt } })
    t.equal((await api.call('DELETE', session)).status, 204, 'ended twice is ended')
    t.equal((await api.call('GET', session)).json.endedAt, endedAt, 'once')
  })

  await t.test('an end may come before the beginning', async (t) => {
    const session = newSession()
    t.equal((await api.call('DELETE', session)).status, 204)
    t.hasStrict(await api.call('PATCH', `${session}/settings`, { body: { a: 1 } }), {
      status: 410,
      json: { code: 'session_gone', reason: 'deleted' },
    })
    t.equal((await create({ id: idOf(session) })).status, 410)
  })

  await t.test('namespaces do not see each other', async (t) => {
    const id = randomUUID()
    const session = `/v1/sessions/${id}`
    t.equal((await create({ id, settings: { whose: 'shop' } })).status, 201)
    t.equal((await api.call('GET', session, { key: KEYS.blog })).status, 404)
    t.equal((await create({ id, settings: { whose: 'blog' } }, KEYS.blog)).status, 201)
    t.equal((await api.call('DELETE', session, { key: KEYS.blog })).status, 204)
    t.strictSame((await api.call('GET', session, { key: KEYS.shopToo })).json.settings, { whose: 'shop' })
    const batch = { body: { ids: [id] } }
    t.strictSame(Object.keys((await api.call('POST', '/v1/sessions/batch', batch)).json.sessions), [id])
    t.hasStrict((await api.call('POST', '/v1/sessions/batch', { ...batch, key: KEYS.blog })).json, { sessions: {} })
  })

  await t.test('all living sessions of a namespace are listed, part by part, as they are', async (t) => {
    const key = KEYS.blog
    const begin = async (body: object): Promise<Json> => (await api.call('POST', '/v1/sessions', { body, key })).json
    const subject = randomUUID()
    const living = [await begin({}), await begin({ settings: { theme: 'dark', n: [1.5] }, subject })]
    for (let i = 0; i < 3; i++) living.push(await begin({ settings: { i } }))
    const over = await begin({})
    await api.call('DELETE', `/v1/sessions/${over.id}`, { key })
    await create({ settings: { of: 'another namespace' } })

    const list = (query: string) => api.call('GET', `/v1/sessions${query}`, { key })
    type Page = { sessions: Json[]; next?: string }
    const found: Json[] = []
    for (let query = '?limit=2'; ; ) {
      const { status, json, headers } = await list(query)
      t.equal(status, 200)
      t.equal(headers['cache-control'], 'private, no-cache')
      const { sessions, next } = json as unknown as Page
      t.ok(sessions.length <= 2)
      found.push(...sessions)
      if (next === undefined) break
      query = `?limit=2&cursor=${next}`
    }
    const byId = (all: readonly Json[]) => new Map(all.map((one) => [one.id, one]))
    t.strictSame([...byId(found).values()].sort(order), living.sort(order))
    for (const query of ['?limit=0', '?limit=101', '?limit=x', '?cursor=', '?cursor=a.b', `?cursor=${'x'.repeat(65)}`])
      t.equal((await list(query)).json.code, 'invalid_request', query)
    t.equal((await list('?cursor=x')).status, 200, 'a cursor that is none of ours begins somewhere')
  })
})
