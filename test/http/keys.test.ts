import { createHash } from 'node:crypto'
import t from 'tap'
import { KEYS, newSession, onEachStore } from '../helpers/app.ts'

/** Keys as they are, and as a path may spell them. */
const SPELLINGS: [key: string, ...spellings: string[]][] = [
  ['theme', 'theme', '%74heme'],
  ['a/b', 'a%2Fb', 'a%2fb'],
  ['a%2Fb', 'a%252Fb'],
  ['..', '..', '%2e%2e', '.%2E'],
  ['.', '.', '%2E'],
  ['../../x', '..%2F..%2Fx'],
  [' ', '%20'],
  ['a b', 'a%20b'],
  ['a+b', 'a+b', 'a%2Bb'],
  ['😀', '%F0%9F%98%80'],
  ['\0', '%00'],
  ['a\nb', 'a%0Ab'],
  ['?', '%3F'],
  ['#', '%23'],
  ['%', '%25'],
  [':key', ':key', '%3Akey'],
  ['a;b=c', 'a;b=c'],
  ['"\\', '%22%5C'],
  ['take', 'take'],
  ['increment', 'increment'],
  ['toString', 'toString'],
  ['x'.repeat(128), 'x'.repeat(128)],
  ['é'.repeat(64), '%C3%A9'.repeat(64)],
]

const VALUES = [
  '"dark"',
  '""',
  '0',
  '-1.50',
  '1e400',
  'true',
  'false',
  'null',
  '[]',
  '{}',
  '[ null ]',
  '{"a": {"b":1}}',
]

const tagOf = (text: string) => `"${createHash('sha256').update(text).digest().toString('base64url', 0, 16)}"`

await onEachStore(t, async (t, api) => {
  const put = (path: string, body: unknown, headers = {}) => api.call('PUT', path, { body, headers })

  await t.test('a key may be anything, and its path any spelling of it', async (t) => {
    const settings = `${newSession()}/settings`
    for (const [key, ...spellings] of SPELLINGS) {
      for (const spelling of spellings) {
        const path = `${settings}/${spelling}`
        t.equal((await put(path, key)).status, 201, `${JSON.stringify(key)} as ${spelling}`)
        t.strictSame((await api.call('GET', settings)).json, { [key]: key })
        for (const other of spellings)
          t.equal((await api.call('GET', `${settings}/${other}`)).text, JSON.stringify(key))
        t.strictSame((await api.call('POST', `${path}/take`)).json, { value: key })
        t.equal((await api.call('GET', path)).status, 404)
        const session = settings.replace('/settings', '')
        const add = { body: { key, by: 2 } }
        t.strictSame((await api.call('POST', `${session}/increment`, add)).json, { value: 2 })
        t.strictSame((await api.call('GET', settings)).json, { [key]: 2 })
        t.strictSame((await api.call('POST', `${session}/take`, { body: { key } })).json, { value: 2 })
        t.strictSame((await api.call('GET', settings)).json, {})
      }
    }
  })

  await t.test('any JSON value is kept bare, and has an ETag of its text', async (t) => {
    const path = `${newSession()}/settings/v`
    for (const text of VALUES) {
      const written = await api.call('PUT', path, { text })
      t.strictSame([written.text, written.headers.etag], ['', tagOf(text)], text)
      const read = await api.call('GET', path)
      t.strictSame([read.status, read.text, read.headers.etag], [200, text, tagOf(text)])
      t.match(read.headers['content-type'], /^application\/json/)
      t.strictSame((await api.call('HEAD', path)).headers.etag, tagOf(text))
      t.equal((await api.call('GET', path, { headers: { 'if-none-match': `"x", W/${tagOf(text)}` } })).status, 304)
      t.equal((await api.call('GET', path, { headers: { 'if-none-match': '*' } })).status, 304)
      t.equal((await api.call('GET', path, { headers: { 'if-none-match': '"x"' } })).status, 200)
    }
  })

  await t.test('a key is new once', async (t) => {
    const session = newSession()
    const path = `${session}/settings/v`
    t.equal((await put(path, 1)).status, 201, 'with it the settings begin')
    t.equal((await api.call('GET', session)).json.revision, 1)
    t.equal((await put(path, 2)).status, 204)
    t.equal((await put(path, 2)).status, 204)
    t.equal((await api.call('GET', session)).json.revision, 2)
    t.equal((await put(`${session}/settings/w`, null)).status, 201)
    t.strictSame([(await api.call('DELETE', path)).status, (await put(path, 1)).status], [204, 201])
  })

  await t.test('a write leaves the other keys as they are', async (t) => {
    const settings = `${newSession()}/settings`
    await put(`${settings}/a`, 1)
    await put(`${settings}/b`, 2)
    await api.call('DELETE', `${settings}/a`)
    await put(`${settings}/c`, 3)
    t.strictSame((await api.call('GET', settings)).json, { b: 2, c: 3 })
  })

  await t.test('what was written is answered if it is asked for', async (t) => {
    const path = `${newSession()}/settings/v`
    const headers = { prefer: 'return=representation' }
    for (const status of [201, 200, 200]) {
      const answer = await api.call('PUT', path, { text: ' [ 1.0 ] ', headers })
      t.strictSame([answer.status, answer.text, answer.headers.etag], [status, '[ 1.0 ]', tagOf('[ 1.0 ]')])
      t.equal(answer.headers['preference-applied'], 'return=representation')
    }
  })

  await t.test('a precondition on a key is about this key alone', async (t) => {
    const settings = `${newSession()}/settings`
    const path = `${settings}/v`
    await put(path, 1)
    await put(`${settings}/other`, 1)
    const [one, two] = [tagOf('1'), tagOf('2')]
    const steps: [method: string, headers: Record<string, string>, status: number, etag?: string][] = [
      ['PUT', { 'if-none-match': '*' }, 412, one],
      ['PUT', { 'if-match': two }, 412, one],
      ['PUT', { 'if-none-match': one }, 412, one],
      ['PUT', { 'if-match': '"0"' }, 412, one],
      ['DELETE', { 'if-match': two }, 412, one],
      ['PUT', { 'if-match': `"x", ${one}` }, 204, two],
      ['PUT', { 'if-match': one }, 412, two],
      ['PUT', { 'if-match': '*' }, 204, two],
      ['PUT', { 'if-none-match': '"x"' }, 204, two],
      ['DELETE', { 'if-match': two }, 204],
      ['DELETE', { 'if-match': '*' }, 412],
      ['PUT', { 'if-match': '*' }, 412],
      ['PUT', { 'if-match': two }, 412],
      ['PUT', { 'if-none-match': two }, 201, two],
      ['DELETE', { 'if-match': '*' }, 204],
      ['PUT', { 'if-none-match': '*' }, 201, two],
    ]
    for (const [method, headers, status, etag] of steps) {
      const answer = await api.call(method, path, { headers, ...(method === 'PUT' ? { body: 2 } : {}) })
      t.strictSame([answer.status, answer.headers.etag], [status, etag], `${method} ${JSON.stringify(headers)}`)
    }
    t.equal((await put(path, 3, { 'if-match': 'garbage' })).status, 400)
  })

  await t.test('a precondition on a key of a session that is missing', async (t) => {
    t.equal((await put(`${newSession()}/settings/v`, 1, { 'if-match': '*' })).status, 412)
    t.equal((await put(`${newSession()}/settings/v`, 1, { 'if-none-match': '*' })).status, 201)
    const session = newSession()
    const answer = await api.call('DELETE', `${session}/settings/v`, { headers: { 'if-match': '*' } })
    t.hasStrict(answer, { status: 404, json: { code: 'session_not_found' } })
    t.equal((await api.call('GET', session)).status, 404)
  })

  await t.test('of twenty who write if nobody did, one writes', async (t) => {
    for (const text of [undefined, '0']) {
      const path = `${newSession()}/settings/v`
      if (text !== undefined) await api.call('PUT', path, { text })
      const headers = text === undefined ? { 'if-none-match': '*' } : { 'if-match': tagOf(text) }
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => put(path, n + 1, headers)))
      const winners = answers.flatMap(({ status }, n) => (status < 300 ? [n + 1] : []))
      t.strictSame([`${winners[0]}`, winners.length], [(await api.call('GET', path)).text, 1])
      t.ok(answers.every(({ status }) => status < 300 || status === 412))
    }
  })

  await t.test('no session and no key are told apart', async (t) => {
    const missing = `${newSession()}/settings/v`
    const { json } = await api.call('POST', '/v1/sessions')
    const unwritten = `/v1/sessions/${json.id}/settings/v`
    for (const [method, action] of [
      ['GET', ''],
      ['POST', '/take'],
    ] as const) {
      t.hasStrict(await api.call(method, missing + action), { status: 404, json: { code: 'session_not_found' } })
      t.hasStrict(await api.call(method, unwritten + action), { status: 404, json: { code: 'key_not_found' } })
    }
    t.hasStrict(await api.call('DELETE', missing), { status: 404, json: { code: 'session_not_found' } })
    t.equal((await api.call('DELETE', unwritten)).status, 204)
    t.equal((await api.call('GET', missing.replace('/settings/v', ''))).status, 404, 'nothing has begun')
    const { revision, etag } = (await api.call('GET', `/v1/sessions/${json.id}`)).json
    t.strictSame([revision, etag], [0, '0'], 'nor been written')
  })

  await t.test('namespaces do not see each other’s keys', async (t) => {
    const settings = `${newSession()}/settings`
    await put(`${settings}/v`, 1)
    t.equal((await api.call('GET', `${settings}/v`, { key: KEYS.blog })).json.code, 'session_not_found')
    t.equal((await api.call('POST', `${settings}/v/take`, { key: KEYS.blog })).status, 404)
    t.equal((await api.call('POST', `${settings}/v/increment`, { key: KEYS.blog })).text, '{"value":1}')
    t.equal((await api.call('GET', `${settings}/v`)).text, '1')
  })
})
