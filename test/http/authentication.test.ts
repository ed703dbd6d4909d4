import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../src/store/lmdb/store.ts'
import { KEYS, newSession, onLmdb, serve } from '../helpers/app.ts'

const WRONG = 'ck_x_wrong'

t.test('who fails too often has to wait, and keeps nobody with a good key from anything', async (t) => {
  const api = await onLmdb(t, { failuresPerMinute: 3 })
  const session = newSession()
  for (let time = 0; time < 3; time++) t.equal((await api.call('GET', session, { key: WRONG })).status, 401)
  for (const status of [201, 204]) {
    const held = await api.call('GET', session, { key: WRONG })
    t.hasStrict(held, { status: 429, json: { code: 'rate_limited' } })
    const seconds = Number(held.headers['retry-after'])
    t.ok(seconds >= 1 && seconds <= 60, `${seconds} s`)
    t.equal((await api.call('PATCH', `${session}/settings`, { body: {} })).status, status)
  }
})

t.test('what was never a guess is no failure: no credential, one that has run out, two cookies', async (t) => {
  let ahead = 0
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-lmdb-'))
  const store = await openLmdbStore({ path, clock: () => Date.now() + ahead })
  t.teardown(async () => {
    await store.close()
    await rm(path, { recursive: true })
  })
  const api = await serve(t, store, { failuresPerMinute: 1 })
  const session = newSession()
  const token = async () => {
    const body = { keys: { read: ['*'], write: ['*'] }, expiresInSeconds: 60 }
    const { json } = await api.call('POST', `${session}/tokens`, { body })
    return String((json as unknown as { access_token: string }).access_token)
  }
  const [used, unused] = [await token(), await token()]
  t.equal((await api.call('GET', session, { key: used })).status, 200)
  ahead = 61_000
  const cookie = '__Host-coatcheck-shop=x; __Host-coatcheck-blog=y'
  for (let time = 0; time < 3; time++) {
    for (const key of [used, unused, null])
      t.equal((await api.call('GET', session, { key })).status, 401, `${key?.slice(0, 9)}, time ${time}`)
    t.equal((await api.call('GET', session, { key: null, headers: { cookie } })).status, 401)
  }
  const forged = `${unused.slice(0, -4)}AAAA`
  t.equal((await api.call('GET', session, { key: forged })).status, 401)
  t.equal((await api.call('GET', session, { key: forged })).status, 429, 'an old token with another signature is one')
})

t.test('a failure counts for an address, however a proxy spells it', async (t) => {
  const api = await onLmdb(t, { failuresPerMinute: 3, trustProxy: ['127.0.0.1'] })
  const fail = async (address: string): Promise<number> => {
    const headers = { 'x-forwarded-for': address }
    return (await api.call('GET', newSession(), { key: WRONG, headers })).status
  }
  /** Each is one and the same. */
  const spellings: Record<string, readonly string[]> = {
    'IPv4 with ports': ['192.0.2.1', '192.0.2.1:1', '192.0.2.1:65535', '::ffff:192.0.2.1'],
    'IPv6 with ports': ['2001:db8::1', '[2001:db8::1]', '[2001:db8::1]:1', '2001:DB8:0:0::1'],
    'one subscriber': ['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:1:ffff::', '[2001:db8:0:1:1::]:2'],
    'no address, so the peer': ['x', 'y:1', '192.0.2.1.5', '[::x]:1'],
  }
  for (const [what, addresses] of Object.entries(spellings)) {
    const statuses: number[] = []
    for (const address of addresses) statuses.push(await fail(address))
    t.strictSame(statuses, [401, 401, 401, 429], what)
  }
  t.equal(await fail('192.0.2.2'), 401)
  t.equal(await fail('2001:db8:0:2::1'), 401)
})

t.test('who tries codes that cannot be redeemed has to wait, and whoever has a good one does not', async (t) => {
  const api = await onLmdb(t, { failuresPerMinute: 3 })
  const session = newSession()
  const redeem = (code: string) =>
    api.call('POST', '/v1/handoffs/redeem', { body: { code, sessionId: session.slice('/v1/sessions/'.length) } })
  const { json } = await api.call('POST', `${session}/handoffs`, { body: {} })
  const wrong = `${json.code.slice(0, -4)}AAAA`
  const statuses: number[] = []
  for (let time = 0; time < 5; time++) statuses.push((await redeem(wrong)).status)
  t.strictSame(statuses, [410, 410, 410, 429, 429])
  t.equal((await redeem(json.code)).status, 200)
  t.equal((await api.call('GET', session, { key: WRONG })).status, 401, 'the two are counted apart')
})

t.test('the description is behind an API key where it is said to be', async (t) => {
  const api = await onLmdb(t, { docs: { kind: 'api-key' } })
  for (const path of ['/openapi.json', '/docs/json', '/docs/yaml']) {
    t.equal((await api.call('GET', path, { key: null })).status, 401, path)
    t.equal((await api.call('GET', path, { key: KEYS.blog })).status, 200, path)
  }
  for (const path of ['/docs/', '/docs/static/swagger-ui.css', '/docs/static/theme/coatcheck.js']) {
    const { status, text } = await api.call('GET', path, { key: null })
    t.equal(status, 200, `${path} asks for the key`)
    t.notMatch(text, '/v1/', 'and tells nothing of the service')
  }
  t.equal((await api.call('GET', '/livez', { key: null })).status, 200)
})

t.test('the description is not there but on the port that is said', async (t) => {
  const api = await onLmdb(t, { docs: { kind: 'port', port: 1 } })
  for (const path of ['/openapi.json', '/docs', '/docs/static/index.html']) {
    t.hasStrict(await api.call('GET', path), { status: 404, json: { code: 'not_found' } }, path)
  }
})

t.test('a Location is where the service is said to be', async (t) => {
  for (const publicUrl of ['https://example.org/coatcheck', 'https://example.org/coatcheck/']) {
    const api = await onLmdb(t, { publicUrl })
    const { json, headers } = await api.call('POST', '/v1/sessions')
    t.equal(headers.location, `https://example.org/coatcheck/v1/sessions/${json.id}`)
  }
})
