import t from 'tap'
import { KEYS, newSession, onLmdb } from '../helpers/app.ts'

t.test('who fails too often has to wait, and keeps nobody with a good key from anything', async (t) => {
  const api = await onLmdb(t, { failuresPerMinute: 3 })
  const session = newSession()
  for (let time = 0; time < 3; time++) t.equal((await api.call('GET', session, { key: 'ck_x_wrong' })).status, 401)
  for (const key of ['ck_x_wrong', null]) {
    const held = await api.call('GET', session, { key })
    t.hasStrict(held, { status: 429, json: { code: 'rate_limited' } })
    const seconds = Number(held.headers['retry-after'])
    t.ok(seconds >= 1 && seconds <= 60, `${seconds} s`)
    t.equal((await api.call('PATCH', `${session}/settings`, { body: {} })).status, key === null ? 204 : 201)
  }
})

t.test('the description is behind an API key where it is said to be', async (t) => {
  const api = await onLmdb(t, { docs: { kind: 'api-key' } })
  for (const path of ['/openapi.json', '/docs', '/docs/static/index.html']) {
    t.equal((await api.call('GET', path, { key: null })).status, 401, path)
    t.ok((await api.call('GET', path, { key: KEYS.blog })).status < 400, path)
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
