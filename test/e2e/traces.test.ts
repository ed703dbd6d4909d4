/** Traces of the service as it is shipped, sent to a collector: what a trace shows of a call, and what it does not. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { KEYS } from '../helpers/app.ts'
import { startCollector } from '../helpers/collector.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { COMPILED_CLI, startService } from '../helpers/service.ts'
import { folder } from '../scripts/project.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLER = 'b7ad6b7169203331'
/** As OpenTelemetry numbers them. */
const [SERVER, CLIENT] = [2, 3]

t.test('a trace goes on from the caller to Redis, and says nothing but methods, routes and statuses', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const collector = await startCollector(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'sessions', COATCHECK_STORE: redis.url }
  const service = await startService(t, env, COMPILED_CLI)

  const id = randomUUID()
  const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, 'x-request-id': 'render-17' }
  const body = { 'a-secret-name': 'a-secret-value' }
  t.equal((await service.call('PATCH', `/v1/sessions/${id}/settings`, { body, headers })).status, 201)
  t.equal((await service.call('GET', `/v1/sessions/${id}/${id}?name=a-secret-name`)).status, 404)
  for (const path of ['/livez', '/readyz', '/metrics', `/v1/sessions/${id}/events`]) await service.call('GET', path)
  t.equal(await service.end(), 0, 'what was not sent yet is sent at the end')

  const spans = collector.spans()
  t.strictSame([...new Set(spans.map(({ service }) => service))], ['sessions'])
  const ours = spans.filter(({ traceId }) => traceId === TRACE)
  const http = ours.find(({ parent }) => parent === CALLER)
  t.hasStrict(http, {
    name: 'PATCH /v1/sessions/:id/settings',
    kind: SERVER,
    attributes: {
      'http.request.method': 'PATCH',
      'http.route': '/v1/sessions/:id/settings',
      'http.response.status_code': '201',
    },
  })
  const request = ours.find(({ parent }) => parent === http?.id)
  t.equal(request?.attributes['coatcheck.request_id'], 'render-17', 'the log has it, too')
  const [script] = ours.filter(({ kind }) => kind === CLIENT)
  t.match(script?.name, /^EVAL(SHA)?$/i)
  t.match(script?.attributes, { 'db.system.name': 'redis', 'server.port': String(redis.port) })
  const parentOf = new Map(ours.map((span) => [span.id, span.parent]))
  t.equal(parentOf.get(parentOf.get(script?.parent ?? '') ?? ''), http?.id, 'a handler of the call has sent it')

  const names = new Set(spans.map(({ name }) => name))
  t.ok(names.has('GET'), 'a path that is not known has no name of its own')
  for (const name of names) t.notMatch(name, /livez|readyz|metrics|events/, 'probes and streams are not traced')
  for (const secret of [id, 'a-secret', KEYS.shop]) t.notOk(collector.text().includes(secret), secret)
  t.match(service.output(), `"requestId":"render-17","traceId":"${TRACE}"`, 'the line of the call names the trace')
})

t.test('no trace is made where traces are switched off', async (t) => {
  const collector = await startCollector(t)
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SDK_DISABLED: 'true',
    COATCHECK_STORE: `lmdb:${folder(t)}`,
  }
  const service = await startService(t, env, COMPILED_CLI)
  await service.call('GET', `/v1/sessions/${randomUUID()}/settings`)
  t.equal(await service.end(), 0)
  t.strictSame(collector.spans(), [])
  t.notMatch(service.output(), /traceId/)
})
