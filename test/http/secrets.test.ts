/**
 * Nothing that is secret is ever written down or answered where it does not belong: a service that logs, counts and traces
 * everything it can meets successes and failures of all kinds, with planted secrets in them.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { type Answer, type Call, KEYS } from '../helpers/app.ts'
import { startCollector } from '../helpers/collector.ts'
import { openEvents } from '../helpers/events.ts'
import { FORM } from '../helpers/operations.ts'
import { exchange, head } from '../helpers/raw-http.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { COMPILED_CLI, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'

const draw = (what: string) => `${what}${randomBytes(12).toString('hex')}`

const id = randomUUID()
const other = randomUUID()
const value = draw('value')
const subject = draw('subject')
const repeat = draw('repeat')
const repeatToo = draw('repeat')
const origin = draw('origin')
const password = draw('password')
const wrongKey = `ck_wrong_${draw('key')}`

/** Under what name each may be told of; no text may hold one. */
const CANARIES: Record<string, string> = {
  'an API key': KEYS.shop,
  id,
  other,
  value,
  subject,
  repeat,
  repeatToo,
  origin,
  password,
  wrongKey,
}

/** Is added to when the service has made them: what they hold is not drawn here. */
const plant = (what: string, secret: string): string => {
  CANARIES[what] = secret
  return secret
}

const PAGE = 'https://shop.example'

const session = `/v1/sessions/${id}`
const settings = `${session}/settings`
const JSON_PATCH = 'application/json-patch+json'
const body = { v: value }
const withKey = { 'idempotency-key': repeat }

type Sent = readonly [method: string, path: string, call?: Call]

const SUCCESSES: readonly Sent[] = [
  [
    'POST',
    '/v1/sessions',
    { body: { id, subject, settings: { v: value, n: 1, code: value, o: { v: value } } }, headers: withKey },
  ],
  ['GET', session],
  ['GET', settings],
  ['GET', `${settings}/v`],
  ['PUT', `${settings}/v`, { body: value, headers: { 'idempotency-key': repeatToo, 'coatcheck-origin': origin } }],
  ['GET', `${session}/events?exceptOrigin=${origin}`, { headers: { 'last-event-id': value } }],
  ['GET', `/v1/events?ids=${id},${other}`],
  ['PATCH', settings, { body: { o: { w: value } }, headers: { prefer: 'return=representation' } }],
  ['POST', `${settings}/code/take`, { headers: { 'idempotency-key': `${repeatToo}-take` } }],
  ['POST', `${settings}/n/increment`],
  ['POST', `${session}/touch`],
  ['POST', '/v1/sessions/batch', { body: { ids: [id, other] } }],
]

const FAILURES: readonly Sent[] = [
  ['GET', session, { key: null }],
  ['GET', session, { key: wrongKey }],
  ['GET', session, { headers: { authorization: `Basic ${KEYS.shop}` } }],
  ['GET', `/v1/sessions/${other}`],
  ['GET', `${session}?touch=${value}`],
  ['GET', `${session}?unknown=${value}`],
  ['GET', `${session}%zz${value}`],
  ['GET', `/v1/sessions/${value}`],
  ['GET', `/v1/sessions/${other}/events?touch=${value}`],
  ['GET', `${session}/events?exceptOrigin=${value} ${value}`.replaceAll(' ', '%20')],
  ['GET', `${session}/events`, { headers: { 'last-event-id': value.repeat(5) } }],
  ['GET', `/v1/events?ids=${id},${value}`],
  ['GET', `/${value}`],
  ['TRACE', session, { headers: { x: value } }],
  ['GET', `${settings}/none`],
  ['GET', `${settings}/${'k'.repeat(129)}?touch=${value}`],
  ['POST', '/v1/sessions', { body: { id } }],
  ['POST', '/v1/sessions', { body: { subject: subject.repeat(20) } }],
  ['POST', '/v1/sessions', { body: { idleTimeoutSeconds: value } }],
  ['POST', '/v1/sessions', { body: { id: value } }],
  ['POST', '/v1/sessions/batch', { body: { ids: Array.from({ length: 101 }, () => id) } }],
  ['PUT', settings, { body }],
  ['PUT', settings, { body, headers: { 'if-match': `"${value}"` } }],
  ['PUT', settings, { body, headers: { 'if-match': value } }],
  ['PUT', settings, { body, headers: { 'if-none-match': '*' } }],
  ['PUT', `${settings}/v`, { body: 'another', headers: withKey }],
  ['PUT', `${settings}/v`, { body: value, headers: { 'idempotency-key': `${repeat} ${repeat}` } }],
  ['PUT', `${settings}/v`, { text: `"${value}` }],
  ['PUT', `${settings}/v`, { text: `${value}` }],
  ['PUT', `${settings}/v`, { text: `"${value}"`, type: `text/${value}` }],
  ['PUT', `${settings}/v`, { body: value.repeat(3000) }],
  ['PUT', `${settings}/v`, { body: value.repeat(10_000) }],
  ['PATCH', settings, { text: `{"v":"${value}","v":"${value}"}` }],
  ['PATCH', settings, { text: `{"v":{"__proto__":"${value}"}}` }],
  ['PATCH', settings, { body: value }],
  ['PATCH', settings, { body: [{ op: 'test', path: '/v', value: 'guess' }], type: JSON_PATCH }],
  ['PATCH', settings, { body: [{ op: 'test', path: '/n', value }], type: JSON_PATCH }],
  ['PATCH', settings, { body: [{ op: value, path: '/n' }], type: JSON_PATCH }],
  ['PATCH', settings, { body: [{ op: 'remove', path: value }], type: JSON_PATCH }],
  ['POST', `${settings}/v/increment`],
  ['POST', `${settings}/v/increment`, { body: { by: value } }],
  ['POST', `${settings}/none/take`],
]

/** With a token, and with a cookie, where `key` is null. */
const withCredentials = (token: string, cookie: string): readonly Sent[] => {
  const [head = '', payload = '', signature = ''] = token.split('.')
  const bearers = [token, `${token}x`, `${head}.${payload}.${signature.slice(1)}`, `${token} ${token}`]
  const cookies = [
    cookie,
    `${cookie}x`,
    `${cookie}; ${cookie}`,
    `${cookie.replace('shop', 'blog')}`,
    cookie.slice(0, -9),
  ]
  const origin = `https://${value}.example`
  const current = '/v1/sessions/current'
  const calls = (call: Call): Sent[] => [
    ['GET', current, call],
    ['GET', `/v1/sessions/${other}`, call],
    ['GET', `${current}/settings/none`, call],
    ['GET', `${current}/events?exceptOrigin=${value}`, call],
    ['PATCH', `${current}/settings`, { ...call, body: { v: value } }],
    ['PATCH', `${current}/settings`, { ...call, text: '{"v":' }],
    ['POST', `${current}/tokens`, { ...call, body: { scope: 'end' } }],
    ['POST', '/v1/cookie', { ...call, headers: { ...call.headers, origin } }],
    ['DELETE', '/v1/cookie', { ...call, headers: { ...call.headers, origin } }],
    ['POST', '/v1/sessions', call],
  ]
  return [
    ...bearers.flatMap((key) => calls({ key })),
    ...cookies.flatMap((sent) => calls({ key: null, headers: { cookie: sent } })),
    ...cookies.flatMap((sent) => calls({ key: null, headers: { cookie: sent, origin: PAGE } })),
    ...calls({ key: token, headers: { cookie } }),
    ['GET', `${session}?access_token=${token}`, { key: null }],
    ['GET', `/v1/cookie/${token}`, { key: null }],
    ['DELETE', `/v1/signing-keys/${token}`],
    ['POST', '/v1/introspect', { text: `token=${token}&token=${token}`, type: FORM }],
    ['POST', '/v1/introspect', { text: `token=${token}x`, type: FORM }],
    ['POST', '/v1/revoke', { text: `token=${token}`, type: 'text/plain' }],
  ]
}

const RAW = [
  `${value}\r\n\r\n`,
  head(`GET ${session} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${KEYS.shop}`, `X: ${value.repeat(2000)}`),
  head(`GET ${session} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${KEYS.shop}`, `X: a\n${value}`),
  head(`PUT ${settings} HTTP/1.1`, 'Host: x', 'Content-Length: 1', 'Content-Length: 2', `X: ${value}`),
]

t.test('no secret is in the log, in metrics or traces, nor in the answer to a call that fails', async (t) => {
  const server = await startRedis({ args: ['--requirepass', password] })
  t.teardown(() => server.stop())
  const admin = new Redis({ port: server.port, password, retryStrategy: () => 50 })
  admin.on('error', () => {})
  t.teardown(() => admin.disconnect())
  const folder = await mkdtemp(join(tmpdir(), 'coatcheck-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const config = join(folder, 'config.json')
  const browser = { keys: { read: ['*'], write: ['*'] }, origins: [PAGE] }
  await writeFile(config, JSON.stringify({ namespaces: { shop: { browser } } }))
  const collector = await startCollector(t)
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    COATCHECK_CONFIG: config,
    COATCHECK_STORE: `redis://:${password}@127.0.0.1:${server.port}`,
    COATCHECK_LOG_LEVEL: 'trace',
    COATCHECK_RATE_LIMIT: '1000',
  }
  const service = await startService(t, env, COMPILED_CLI)
  await until(async () => (await service.call('GET', '/readyz')).status === 200, 'Redis is there')

  const statuses = new Set<number>()
  const failed: string[] = []
  const note = ({ status, text, headers }: Answer) => {
    statuses.add(status)
    if (status >= 400) failed.push(`${JSON.stringify(headers)}\n${text}`)
  }
  const sendAll = async (calls: readonly Sent[]) => {
    for (const [method, path, call] of calls) note(await service.call(method, path, call))
  }

  for (const [method, path, call] of SUCCESSES) {
    const { status } = await service.call(method, path, call)
    t.ok(status < 300, `${method}: ${status}`)
  }
  await sendAll(FAILURES)

  const minted = await service.call('POST', `${session}/tokens`, {
    body: { scope: 'read write renew cookie events', keys: { read: ['*'], write: [] } },
  })
  t.equal(minted.status, 201)
  const token = plant('a token', (minted.json as unknown as { access_token: string }).access_token)
  plant('the signature of a token', token.split('.')[2] ?? '')
  const keptIn = async (place: string) =>
    JSON.parse(Object.values(await admin.hgetall(`cc:{keys}:${place}`))[0] as string).key
  plant('a signing key', (await keptIn('signing-keys')).d)
  const given = await service.call('POST', '/v1/cookie', { key: token, headers: { origin: PAGE } })
  t.equal(given.status, 204)
  // Only now: the first cookie may be what makes the first secret.
  plant('a cookie secret', await keptIn('cookie-secrets'))
  const [cookie = ''] = String(given.headers['set-cookie']).split(';', 1)
  const signed = plant('a cookie', cookie.slice(cookie.indexOf('=') + 1))
  plant('the signature of a cookie', signed.split('.')[1] ?? '')
  const held = { key: null, headers: { cookie } }
  t.equal((await service.call('GET', '/v1/sessions/current/settings', held)).status, 200)
  t.equal((await service.call('GET', '/v1/sessions/current/settings', { key: token })).status, 200)
  const credentials = withCredentials(token, cookie)
  await sendAll(credentials)

  // Streams that are open while all that follows is done, and told of it.
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
  const streams = await Promise.all([
    openEvents(service.port, `${session}/events?touch=true`, bearer(KEYS.shop)),
    openEvents(service.port, `${session}/events`, bearer(token)),
    openEvents(service.port, `${session}/events`, { cookie }),
    openEvents(service.port, '/v1/events', bearer(KEYS.shop)),
  ])
  for (const stream of streams) t.equal(stream.status, 200)
  await service.call('PUT', `${settings}/v`, { body: value.repeat(50), headers: { 'coatcheck-origin': origin } })
  for (const stream of streams) await stream.until(() => stream.text().includes(value.repeat(50)), 'it is told')
  await service.call('PUT', `${settings}/v`, { body: value })

  for (const bytes of RAW) {
    const { head, text } = await exchange(service.port, bytes)
    failed.push(`${head}\n${text}`)
  }

  await t.test('while what Redis holds is damaged', async (t) => {
    const [key = Buffer.alloc(0)] = await admin.keysBuffer('cc:*:s:*')
    const record = (await admin.hgetBuffer(key, 'r')) ?? Buffer.alloc(0)
    await admin.hset(key, 'r', `${value}${value}${value}`)
    await sendAll(SUCCESSES.slice(1))
    await admin.hset(key, 'r', record)
    await admin.rename(key, 'kept')
    await admin.set(key, value)
    await sendAll(SUCCESSES.slice(1))
    await admin.del(key)
    await admin.rename('kept', key)
    t.ok(statuses.has(500))
  })

  await t.test('while Redis is away', async (t) => {
    await server.kill()
    await sendAll([...SUCCESSES, ...FAILURES, ...credentials])
    t.ok(statuses.has(503))
    await server.start()
    await until(async () => (await service.call('GET', session)).status === 200, 'it serves again')
  })

  await t.test('while Redis has another password', async () => {
    await admin.config('SET', 'requirepass', 'another')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await until(async () => (await service.call('GET', session)).status === 503, 'it is refused')
    await sendAll(SUCCESSES)
    await admin.config('SET', 'requirepass', password)
    await until(async () => (await service.call('GET', session)).status === 200, 'it serves again')
  })

  await sendAll([['DELETE', session], ...SUCCESSES])
  for (const stream of streams.slice(0, 3)) {
    await stream.end()
    t.match(stream.events.at(-1), { event: 'ended' }, 'its streams have seen it through')
  }
  const metrics = (await service.call('GET', '/metrics', { key: null })).text
  t.equal(await service.end(), 0)

  for (const status of [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 428, 500, 503])
    t.ok(statuses.has(status), `${status}`)
  const log = service.output()
  t.ok(log.split('\n').length > 100 && log.includes('"route":"/v1/sessions/:id"'), 'it has logged')
  t.match(metrics, /_count\{method="GET",route="\/v1\/sessions\/:id",status="503"\} \d/, 'it has counted')
  const traces = collector.text()
  t.ok(
    collector.spans().length > 500 && traces.includes('HGETALL') && traces.includes('/v1/sessions/:id'),
    'and traced',
  )
  for (const [what, canary] of Object.entries(CANARIES)) {
    for (const [form, text] of Object.entries({
      'as it is': canary,
      'in base64': Buffer.from(canary).toString('base64').slice(0, 20),
      'in hex': Buffer.from(canary).toString('hex'),
    })) {
      t.notOk(log.includes(text), `${what} is not in the log ${form}`)
      t.notOk(metrics.includes(text), `${what} is not in the metrics ${form}`)
      t.notOk(traces.includes(text), `${what} is not in the traces ${form}`)
      t.notOk(
        failed.some((answer) => answer.includes(text)),
        `${what} is in no answer that fails, ${form}`,
      )
    }
  }
})
