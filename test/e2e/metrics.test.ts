/** What a service that runs tells an operator: metrics, and lines of the log. */
import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import t, { type Test } from 'tap'
import { KEYS } from '../helpers/app.ts'
import { openEvents } from '../helpers/events.ts'
import { samplesIn, sumOf } from '../helpers/metrics.ts'
import { freePort, startRedis } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'
import { folder } from '../scripts/project.ts'

const embedded = (t: Test, env = {}): Promise<Service> =>
  startService(t, { COATCHECK_STORE: `lmdb:${folder(t)}`, ...env })

const scrape = async (service: Pick<Service, 'call'>) => {
  const { status, text, headers } = await service.call('GET', '/metrics', { key: null })
  if (status !== 200) throw new Error(`${status} ${text}`)
  const samples = samplesIn(text)
  return {
    text,
    type: headers['content-type'],
    samples,
    value: (name: string, labels?: Readonly<Record<string, string>>) => sumOf(samples, name, labels),
  }
}

type Line = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string }

const linesOf = (service: Service): Line[] =>
  service
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

const [DEBUG, INFO, ERROR] = [20, 30, 50]

/** Waits for that many lines of calls: they come a moment after the answers. */
const calledLines = async (service: Service, count: number, isMeant: (line: Line) => boolean): Promise<Line[]> => {
  const found = (): Line[] => linesOf(service).filter((line) => line.msg === 'call' && isMeant(line))
  await until(() => found().length >= count, 'the lines are there')
  return found()
}

const service = await embedded(t, { COATCHECK_LOG_LEVEL: 'debug' })

t.test('what happens is counted, and the log has a line for each call', async (t) => {
  const [first, second] = [randomUUID(), randomUUID()]
  const settings = `/v1/sessions/${first}/settings`
  await service.call('PATCH', settings, { body: { theme: 'dark' } })
  const reader = await openEvents(service.port, `/v1/sessions/${first}/events`, {
    authorization: `Bearer ${KEYS.shop}`,
  })
  await reader.nextOf('snapshot')
  await service.call('PATCH', settings, { body: { theme: 'light' } })
  await reader.nextOf('change')
  for (let n = 0; n < 3; n++) await service.call('GET', settings)
  await service.call('POST', `/v1/sessions/${first}/tokens`, { body: { keys: { read: ['*'], write: [] } } })
  await service.call('POST', '/v1/sessions', { body: { id: second } })
  await service.call('DELETE', `/v1/sessions/${second}`)
  await service.call('GET', settings, { key: 'ck_wrong_key' })
  await service.call('GET', settings, { key: null })

  const { value, type } = await scrape(service)
  t.match(type, /^text\/plain; version=0\.0\.4/)
  const route = '/v1/sessions/:id/settings'
  const calls = (labels: object) => value('http_request_duration_seconds_count', { route, ...labels })
  t.equal(calls({ method: 'GET', status: '200' }), 3)
  t.equal(calls({ method: 'GET', status: '401' }), 2)
  t.equal(calls({ method: 'PATCH', status: '204' }), 1)
  t.equal(value('http_request_duration_seconds_bucket', { route, method: 'GET', status: '200', le: '+Inf' }), 3)
  const spent = value('http_request_duration_seconds_sum', { route, method: 'GET', status: '200' }) ?? 0
  t.ok(spent > 0 && spent < 30, 'in seconds')
  t.equal(value('coatcheck_store_duration_seconds_count', { operation: 'write', outcome: 'done' }), 4)
  t.ok((value('coatcheck_store_duration_seconds_count', { operation: 'read', outcome: 'done' }) ?? 0) >= 4)
  t.equal(value('coatcheck_sessions_live'), 1)
  t.equal(value('coatcheck_sessions_created_total'), 2)
  t.equal(value('coatcheck_sessions_ended_total', { reason: 'deleted' }), 1)
  t.equal(value('coatcheck_sessions_ended_total'), 1)
  t.equal(value('coatcheck_credentials_minted_total', { kind: 'token' }), 1)
  t.equal(value('coatcheck_authentication_failures_total', { credential: 'api-key', reason: 'wrong' }), 1)
  t.equal(value('coatcheck_authentication_failures_total', { credential: 'none', reason: 'missing' }), 1)
  t.equal(value('coatcheck_problems_total', { code: 'invalid_credential' }), 1)
  t.equal(value('coatcheck_streams_open', { of: 'session' }), 1)
  t.equal(value('coatcheck_events_sent_total', { event: 'change' }), 1)
  t.equal(value('coatcheck_change_delay_seconds_count'), 1)
  t.equal(value('coatcheck_store_up'), 1)
  t.ok((value('coatcheck_disk_free_bytes') ?? 0) > 1_000_000)
  t.equal(value('coatcheck_build_info', { store: 'lmdb' }), 1)
  t.ok((value('process_resident_memory_bytes') ?? 0) > 10_000_000, "Node's own are there")
  t.ok(value('nodejs_eventloop_lag_p99_seconds') !== undefined)
  reader.close()
  await until(async () => (await scrape(service)).value('coatcheck_streams_open') === 0, 'the stream is closed')

  const served = linesOf(service).find(({ msg }) => msg === 'Coatcheck serves')
  t.match(served, { level: INFO, version: /^\d+\.\d+/, store: /^lmdb:/, namespaces: ['shop'], port: service.port })
  const logged = await calledLines(service, 11, ({ level }) => level === INFO)
  t.equal(logged.length, 11, 'probes are not among them, and the stream is')
  t.match(logged[0], { method: 'PATCH', route, status: 201, ms: Number, namespace: 'shop', apiKey: 'shop' })
  t.equal(new Set(logged.map(({ requestId }) => requestId)).size, logged.length)
  t.notMatch(service.output(), first)
})

t.test('callers can make up as much as they like: there are no more series for it', async (t) => {
  const made = (n: number) => `made-up-${n}-${randomUUID()}`
  const send = async (n: number): Promise<void> => {
    await service.call('GET', `/${made(n)}`)
    await service.call('GET', `/v1/sessions/${made(n)}`)
    await service.call('PUT', `/v1/sessions/${randomUUID()}/settings/${made(n)}`, { body: 1 })
    await service.call('OPTIONS', `/${made(n)}`)
    await service.call('PROPFIND', `/${made(n)}`)
    await service.call('MKCOL', `/v1/sessions/${made(n)}`)
    await service.call('GET', `/%zz${made(n)}`)
    await service.call('GET', '/livez', { key: made(n), headers: { 'x-request-id': made(n) } })
  }
  await send(0)
  await scrape(service)
  const before = await scrape(service)
  for (let n = 1; n <= 20; n++) await send(n)
  const after = await scrape(service)
  // Of Node's own, such as a kind of garbage collection, more may come.
  const seriesOf = ({ samples }: typeof after) =>
    new Set(
      samples
        .filter(({ name }) => /^(http|coatcheck)_/.test(name))
        .map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`),
    )
  t.strictSame(
    [...seriesOf(after)].filter((one) => !seriesOf(before).has(one)),
    [],
  )
  t.notMatch(after.text, /made-up/)
  t.equal(after.value('http_request_duration_seconds_count', { route: 'unknown', method: 'other' }), 42)
})

t.test('a call keeps the name that its caller gave it, if that can do no harm', async (t) => {
  const named = async (sent: string | string[]): Promise<string> => {
    const { headers } = await service.call('GET', '/v1/subjects/%20/sessions?limit=none', {
      headers: { 'x-request-id': sent },
    })
    return String(headers['x-request-id'])
  }
  const sane = ['render-17', randomUUID(), 'a.b:c+d/e=f@g_h', 'x'.repeat(128)]
  for (const one of sane) t.equal(await named(one), one)
  const insane = ['', 'a b', 'a,b', 'ü', '"}', 'x'.repeat(129), '{"level":60}', ['one', 'two']]
  const made = []
  for (const one of insane) made.push(await named(one))
  t.equal(new Set(made).size, insane.length)
  for (const one of made) t.match(one, /^[\w-]{8}-[a-z\d]+$/)
  const route = '/v1/subjects/:subject/sessions'
  const logged = await calledLines(service, sane.length + made.length, (line) => line.route === route)
  t.strictSame(
    logged.map(({ requestId }) => requestId),
    [...sane, ...made],
  )
  await service.call('GET', '/readyz')
  t.match(await calledLines(service, 1, (line) => line.route === '/readyz'), [{ level: DEBUG, status: 200 }])
})

t.test('metrics are for operators', async (t) => {
  const beyond = await embedded(t, { HOST: '0.0.0.0' })
  t.equal((await beyond.call('GET', '/metrics', { key: null })).status, 401)
  t.equal((await beyond.call('GET', '/metrics', { key: 'ck_wrong_key' })).status, 401)
  t.equal((await beyond.call('GET', '/metrics')).status, 200)

  const port = await freePort()
  const apart = await embedded(t, { HOST: '0.0.0.0', COATCHECK_ADMIN_PORT: String(port) })
  t.equal((await apart.call('GET', '/metrics')).status, 404)
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/metrics' }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })
  t.equal(status, 200)
})

t.test('while Redis is away metrics are answered at once, with what was known', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const service = await startService(t, { COATCHECK_STORE: redis.url })
  await until(async () => (await service.call('GET', '/readyz')).status === 200, 'it is ready')
  await service.call('PATCH', `/v1/sessions/${randomUUID()}/settings`, { body: { a: 1 } })
  const node = `127.0.0.1:${redis.port}`
  const before = await scrape(service)
  t.equal(before.value('coatcheck_store_node_up', { node }), 1)
  t.equal(before.value('coatcheck_sessions_live'), 1)
  t.equal(before.value('coatcheck_disk_free_bytes'), undefined, 'it has no disk')

  redis.freeze()
  await until(
    async () => (await service.call('GET', `/v1/sessions/${randomUUID()}`)).status === 503,
    'calls are refused',
  )
  await until(
    async () => (await scrape(service)).value('coatcheck_store_node_up', { node }) === 0,
    'its breaker is open',
  )
  const since = performance.now()
  const during = await scrape(service)
  t.ok(performance.now() - since < 1000)
  t.equal(during.value('coatcheck_sessions_live'), 1)
  t.ok(
    (during.value('coatcheck_store_duration_seconds_count', { operation: 'read', outcome: 'unavailable' }) ?? 0) >= 1,
  )
  t.ok((during.value('coatcheck_problems_total', { code: 'store_unavailable' }) ?? 0) >= 1)
  t.match(await calledLines(service, 1, ({ status }) => status === 503), [{ level: ERROR }])
  redis.thaw()
  await until(async () => (await scrape(service)).value('coatcheck_store_node_up', { node }) === 1, 'it is there again')
})
