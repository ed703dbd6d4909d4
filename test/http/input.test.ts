/** What every call makes of input that nobody should send. The calls are those that the description lists. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { type Call, idOf, KEYS, newSession, onLmdb } from '../helpers/app.ts'
import { callOf, isProblem, nameOf, needsKey, operationsOf, PROBLEM, pathOf, takesKey } from '../helpers/operations.ts'
import { exchange, head } from '../helpers/raw-http.ts'

const ID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

const WRONG_IDS = [
  `{${ID}}`,
  `%7B${ID}%7D`,
  `${ID}0`,
  ID.slice(1),
  ID.replaceAll('-', ''),
  `${ID}%0A`,
  `%20${ID}`,
  `urn:uuid:${ID}`,
  ID.replace('9', 'g'),
  'current',
  'x'.repeat(10_000),
  '%00',
]

/** None of these is a credential; null sends no header. */
const WRONG_CREDENTIALS: (string | string[] | null)[] = [
  null,
  '',
  ' ',
  'Bearer',
  'Bearer ',
  `Bearer ${KEYS.shop}x`,
  `Bearer ${KEYS.shop} x`,
  `Bearer x ${KEYS.shop}`,
  `Bearer ${KEYS.shop.slice(0, -1)}`,
  `Bearer ${KEYS.shop.toUpperCase()}`,
  KEYS.shop,
  `Basic ${KEYS.shop}`,
  `Basic ${Buffer.from(`${KEYS.shop}:`).toString('base64')}`,
  `Bearer ${'x'.repeat(12_000)}`,
  `Bearer ck_ÿ`,
  `Bearer ${KEYS.shop}, Bearer ${KEYS.shop}`,
  [`Bearer ${KEYS.shop}`, `Bearer ${KEYS.shop}`],
  [`Bearer ${KEYS.shop}`, 'Bearer x'],
]

// Hardly anything here gets as far as a store, so one will do.
const api = await onLmdb(t)
const operations = operationsOf(api)
const ofSessions = operations.filter(({ template }) => template.includes('{id}'))

t.test('the description lists calls', async (t) => {
  t.ok(operations.length >= 15)
  t.ok(ofSessions.length >= 10)
})

t.test('without a credential that is good no call is done', async (t) => {
  for (const operation of operations.filter(needsKey)) {
    const id = randomUUID()
    for (const authorization of WRONG_CREDENTIALS) {
      const headers: Call['headers'] = authorization === null ? {} : { authorization }
      const answer = await api.call(operation.method, pathOf(operation, id), {
        ...callOf(operation),
        headers,
        key: null,
      })
      const code = authorization === null ? 'credential_required' : 'invalid_credential'
      isProblem(t, operation, answer, code, `${nameOf(operation)} with ${String(authorization).slice(0, 40)}`)
      t.match(answer.headers['www-authenticate'], /^Bearer realm="coatcheck"/)
    }
    t.equal((await api.call('GET', `/v1/sessions/${id}`)).status, 404)
  }
})

t.test('the scheme of a credential is taken in any case', async (t) => {
  for (const scheme of ['bearer', 'BEARER', 'Bearer  ']) {
    const answer = await api.call('POST', '/v1/sessions', { headers: { authorization: `${scheme} ${KEYS.shop}` } })
    t.equal(answer.status, 201, scheme)
  }
})

t.test('a call for browsers takes no API key', async (t) => {
  const forBrowsers = operations.filter((one) => needsKey(one) && !takesKey(one))
  t.equal(forBrowsers.length, 1)
  for (const operation of forBrowsers) {
    const headers = { 'sec-fetch-site': 'same-origin' }
    const answer = await api.call(operation.method, pathOf(operation), { headers })
    isProblem(t, operation, answer, 'insufficient_scope', nameOf(operation))
  }
})

t.test('calls that need no credential look at none', async (t) => {
  for (const operation of operations.filter((one) => !needsKey(one))) {
    for (const authorization of [[], 'Bearer x']) {
      const headers = { authorization }
      const { status } = await api.call(operation.method, pathOf(operation), { headers, key: null })
      t.ok(status === 200 || status === 204, `${nameOf(operation)}: ${status}`)
    }
  }
})

t.test('a query member that is not known is refused', async (t) => {
  for (const operation of operations.filter(takesKey)) {
    for (const query of ['unknown=1', 'touch=maybe', 'touch=', 'touch=true&touch=false', 'Touch=true', '__proto__=1']) {
      const answer = await api.call(operation.method, `${pathOf(operation)}?${query}`, callOf(operation))
      isProblem(t, operation, answer, 'invalid_request', `${nameOf(operation)}?${query}`)
      t.match(answer.json.errors?.[0]?.pointer, /^#\/query/)
    }
  }
})

t.test('an id that is no UUID is refused', async (t) => {
  for (const operation of ofSessions) {
    for (const id of WRONG_IDS) {
      const answer = await api.call(operation.method, pathOf(operation, id), callOf(operation))
      isProblem(t, operation, answer, 'invalid_request', `${nameOf(operation)} of ${id.slice(0, 50)}`)
    }
  }
})

t.test('a path that cannot be decoded is refused', async (t) => {
  for (const operation of ofSessions) {
    for (const id of [`${ID}%`, '%zz', '%ff', '%c3%28', '%ed%a0%80']) {
      const answer = await api.call(operation.method, pathOf(operation, id), callOf(operation))
      isProblem(t, operation, answer, 'invalid_request', `${nameOf(operation)} of ${id}`)
    }
  }
  for (const operation of ofSessions.filter(({ template }) => template.includes('{key}'))) {
    for (const key of ['%', '%zz', '%ff', '%ed%a0%80']) {
      const answer = await api.call(operation.method, pathOf(operation, ID, key), callOf(operation))
      isProblem(t, operation, answer, 'invalid_request', `${nameOf(operation)} of key ${key}`)
    }
  }
})

t.test('a key that is empty, or of ten thousand characters, is refused', async (t) => {
  for (const operation of ofSessions.filter(({ template }) => template.includes('{key}'))) {
    for (const key of ['', 'x'.repeat(4000), 'x'.repeat(10_000)]) {
      const answer = await api.call(operation.method, pathOf(operation, ID, key), callOf(operation))
      t.ok([400, 404, 422].includes(answer.status), `${nameOf(operation)}: ${answer.status}`)
      t.match(answer.headers['content-type'], PROBLEM)
    }
  }
})

t.test('a method that a path does not take is told which it takes', async (t) => {
  for (const template of new Set(operations.map(({ template }) => template))) {
    const path = pathOf({ template } as (typeof operations)[number])
    const isOf = (other: string) => new RegExp(`^${other.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
    const allowed = new Set(operations.filter(({ template }) => isOf(template)).map(({ method }) => method))
    if (allowed.has('GET')) allowed.add('HEAD')
    for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY']) {
      if (allowed.has(method)) continue
      for (const key of [KEYS.shop, null]) {
        const answer = await api.call(method, path, { key })
        isProblem(t, undefined, answer, 'method_not_allowed', `${method} ${template}`)
        t.equal(answer.headers.allow, [...allowed].sort().join(', '))
      }
    }
  }
})

t.test('a path that is not there is 404, to everybody', async (t) => {
  const paths = ['/', '/v1', '/v2/sessions', `/v1/sessions/${ID}/`, `/v1/sessions/${ID}/else`, '//v1/sessions']
  for (const path of [...paths, `/v1/sessions/${ID}/settings/a/b`, '/V1/SESSIONS', `/${'x'.repeat(10_000)}`]) {
    for (const key of [KEYS.shop, null]) {
      isProblem(t, undefined, await api.call('GET', path, { key }), 'not_found', path.slice(0, 50))
    }
  }
})

t.test('also a refusal is the caller’s alone', async (t) => {
  const refusals: [status: number, method: string, path: string, call?: Call][] = [
    [400, 'GET', '/v1/sessions/current'],
    [400, 'GET', '/v1/sessions/%zz'],
    [401, 'GET', newSession(), { key: null }],
    [404, 'GET', newSession()],
    [404, 'GET', '/v1/else'],
    [405, 'PUT', newSession()],
    [413, 'POST', '/v1/sessions', { text: 'x'.repeat(300_000) }],
    [415, 'POST', '/v1/sessions', { text: 'x', type: 'text/plain' }],
  ]
  for (const [status, method, path, call] of refusals) {
    const answer = await api.call(method, path, call)
    const { 'cache-control': caching, vary } = answer.headers
    t.strictSame([answer.status, caching, vary], [status, 'private, no-cache', 'Authorization, Cookie, Origin'], path)
  }
})

t.test('what is sent to where no call is does not matter', async (t) => {
  const { template = '' } = ofSessions[0] ?? {}
  for (const [text, type] of [
    ['a=b', 'application/x-www-form-urlencoded'],
    ['{', 'application/json'],
    ['x'.repeat(1_000_000), 'application/json'],
  ] as const) {
    isProblem(t, undefined, await api.call('POST', '/v1/else', { text, type }), 'not_found', type)
    const path = template.replace('{id}', ID)
    isProblem(t, undefined, await api.call('PUT', path, { text, type }), 'method_not_allowed', type)
  }
})

t.test('however a path is spelled, its answer is the caller’s alone', async (t) => {
  const session = newSession()
  await api.call('PATCH', `${session}/settings`, { body: { a: 1 } })
  const lines = ['Host: x', `Authorization: Bearer ${KEYS.shop}`, 'Connection: close']
  const path = `${session}/settings`
  for (const spelling of [path, `/%761${path.slice(3)}`, `http://x${path}`, `${path}?touch=false`]) {
    const answer = await exchange(api.port, head(`GET ${spelling} HTTP/1.1`, ...lines))
    t.equal(answer.text, '{"a":1}', spelling)
    t.match(answer.head, /\r\ncache-control: private, no-cache\r\n/i, spelling)
    t.match(answer.head, /\r\nvary: Authorization, Cookie, Origin\r\n/i)
  }
})

t.test('what is no HTTP, and a head that is too large, is refused, and the server goes on', async (t) => {
  const line = `GET /v1/sessions/${idOf(newSession())} HTTP/1.1`
  const lines = ['Host: x', 'Connection: close']
  const cases: [what: string, status: number, bytes: string][] = [
    ['a header of 64 KB', 431, head(line, ...lines, `X: ${'x'.repeat(65_536)}`)],
    ['a credential of 1 MB', 431, head(line, ...lines, `Authorization: Bearer ${'x'.repeat(1_048_576)}`)],
    ['a path of 64 KB', 431, head(`GET /${'x'.repeat(65_536)} HTTP/1.1`, ...lines)],
    ['5,000 headers', 431, head(line, ...lines, ...Array.from({ length: 5000 }, (_, n) => `X-${n}: x`))],
    ['no HTTP', 400, 'hello\r\n\r\n'],
    ['a header with a newline', 400, head(line, ...lines, 'X-Request-Id: a\nb')],
    ['two lengths', 400, head(line, ...lines, 'Content-Length: 1', 'Content-Length: 2')],
    ['a length and chunks', 400, head(line, ...lines, 'Content-Length: 1', 'Transfer-Encoding: chunked')],
  ]
  for (const [what, status, bytes] of cases) {
    const answer = await exchange(api.port, bytes)
    t.equal(answer.status, status, what)
    t.match(answer.head, /\r\ncontent-type: application\/problem\+json/i, what)
    t.hasStrict(JSON.parse(answer.text || '{}'), { status }, what)
    t.match(answer.head, /\r\ncoatcheck-version: 1(\r\n|$)/i, what)
    t.equal((await api.call('GET', '/livez')).status, 200)
  }
})
