/**
 * The dashboard and the alerts, on a real Prometheus that reads two real services: each query answers with something, each
 * alert can be evaluated, is silent while all is well, and fires on the series that it is for.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { TRACE_PACKAGES } from '../../src/process/traces.ts'
import { KEYS } from '../helpers/app.ts'
import { panelsOver } from '../helpers/dashboard.ts'
import { readDocument } from '../helpers/documents.ts'
import { openEvents } from '../helpers/events.ts'
import { ALERTS, promtool, startPrometheus } from '../helpers/prometheus.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'
import { folder, root, write } from '../scripts/project.ts'

/** A little of everything that is counted. */
const use = async (service: Service): Promise<void> => {
  const path = `/v1/sessions/${randomUUID()}`
  await service.call('PATCH', `${path}/settings`, { body: { a: 1 } })
  const reader = await openEvents(service.port, `${path}/events`, { authorization: `Bearer ${KEYS.shop}` })
  await reader.nextOf('snapshot')
  await service.call('PATCH', `${path}/settings`, { body: { a: 2 } })
  await reader.nextOf('change')
  await service.call('GET', `${path}/settings`)
  await service.call('POST', `${path}/tokens`, { body: { keys: { read: ['*'], write: [] } } })
  await service.call('GET', path, { key: null })
  await service.call('DELETE', path)
  await reader.end()
}

/** The names of metrics in an expression. */
const namesIn = (expression: string): string[] => [
  ...new Set(expression.match(/\b(?:up|(?:coatcheck|http_request|process|nodejs)_\w+)(?=[{[])/g) ?? []),
]

t.test('on services that run', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const env = { COATCHECK_SWEEP_INTERVAL_SECONDS: '1' }
  const services = [
    await startService(t, { ...env, COATCHECK_STORE: redis.url }),
    await startService(t, { ...env, COATCHECK_STORE: `lmdb:${folder(t)}` }),
  ]
  const prometheus = await startPrometheus(
    t,
    services.map(({ port }) => port),
  )
  const panels = panelsOver('10s')
  t.ok(panels.length > 15)

  const isSilent = async (expression: string): Promise<boolean> => (await prometheus.query(expression)).length === 0
  for (const { title, queries } of panels) {
    for (const { expression } of queries) {
      // A rate takes two looks: what is counted for the first time after one has no rate yet.
      const shows = async (): Promise<boolean> => {
        await Promise.all(services.map(use))
        return !(await isSilent(expression))
      }
      await until(shows, `"${title}" shows something: ${expression}`)
      t.pass(title)
    }
  }

  await t.test('every alert can be evaluated, and none speaks while all is well', async (t) => {
    const rules = await prometheus.rules()
    t.ok(rules.length > 10)
    for (const { name, health, state, lastError } of rules) {
      t.equal(health, 'ok', `${name}: ${lastError}`)
      t.not(state, 'firing', name)
    }
  })

  await t.test('every metric that the alerts and the dashboard name is one of those that are there', async (t) => {
    const expressions = [
      readFileSync(ALERTS, 'utf8'),
      ...panels.flatMap(({ queries }) => queries.map((one) => one.expression)),
    ]
    const names = [...new Set(expressions.flatMap(namesIn))]
    t.ok(names.length > 15)
    for (const name of names) {
      // What only goes up when something is wrong is there from the beginning, or was made to happen above.
      t.notOk(await isSilent(`{__name__="${name}"}`), name)
    }
  })
})

const ALERT_NAMES = [...readFileSync(ALERTS, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string)

/** For each alert, series on which it has to fire after these minutes; `x` times what stands before it, a minute each. */
const FIRES: Readonly<Record<string, { readonly after: number; readonly series: Readonly<Record<string, string>> }>> = {
  CoatcheckDown: { after: 3, series: { 'up{job="coatcheck",instance="a"}': '0x20' } },
  CoatcheckStoreAway: { after: 3, series: { 'coatcheck_store_up{job="coatcheck"}': '1 0x20' } },
  CoatcheckStorePartAway: {
    after: 5,
    series: { 'coatcheck_store_up{job="coatcheck"}': '1x20', 'coatcheck_store_parts_away{job="coatcheck"}': '1x20' },
  },
  CoatcheckStoreComesAndGoes: {
    after: 12,
    series: { 'coatcheck_store_node_up{job="coatcheck",node="a"}': '1 0 1 0 1 0 1 0 1 0 1 1x20' },
  },
  CoatcheckErrors: {
    after: 15,
    series: {
      'http_request_duration_seconds_count{job="coatcheck",route="/v1/a",status="200"}': '0+970x20',
      'http_request_duration_seconds_count{job="coatcheck",route="/v1/a",status="503"}': '0+30x20',
    },
  },
  CoatcheckSlow: {
    after: 20,
    series: {
      'http_request_duration_seconds_bucket{job="coatcheck",route="/v1/a",le="0.5"}': '0+90x30',
      'http_request_duration_seconds_bucket{job="coatcheck",route="/v1/a",le="1"}': '0+100x30',
      'http_request_duration_seconds_bucket{job="coatcheck",route="/v1/a",le="+Inf"}': '0+100x30',
    },
  },
  CoatcheckStoreSlow: {
    after: 20,
    series: {
      'coatcheck_store_duration_seconds_bucket{job="coatcheck",operation="read",le="0.25"}': '0+90x30',
      'coatcheck_store_duration_seconds_bucket{job="coatcheck",operation="read",le="1"}': '0+100x30',
      'coatcheck_store_duration_seconds_bucket{job="coatcheck",operation="read",le="+Inf"}': '0+100x30',
    },
  },
  CoatcheckStoreFull: {
    after: 5,
    series: { 'coatcheck_problems_total{job="coatcheck",code="store_full"}': '0 0 0 1 1 1x20' },
  },
  CoatcheckDiskFilling: { after: 20, series: { 'coatcheck_disk_free_bytes{job="coatcheck"}': '200000000x30' } },
  CoatcheckStoreSetup: { after: 15, series: { 'coatcheck_store_warnings{job="coatcheck"}': '1x30' } },
  CoatcheckOverloaded: {
    after: 6,
    series: { 'coatcheck_problems_total{job="coatcheck",code="overloaded",instance="a"}': '0+5x20' },
  },
  CoatcheckLoopHeld: { after: 10, series: { 'nodejs_eventloop_lag_p99_seconds{job="coatcheck"}': '0.4x20' } },
  CoatcheckWrongCredentials: {
    after: 20,
    series: {
      'coatcheck_authentication_failures_total{job="coatcheck",credential="api-key",reason="wrong"}': '0+60x30',
      'coatcheck_authentication_failures_total{job="coatcheck",credential="api-key",reason="limited"}': '0+60x30',
    },
  },
  CoatcheckChangesLate: {
    after: 20,
    series: {
      'coatcheck_change_delay_seconds_bucket{job="coatcheck",le="2.5"}': '0+90x30',
      'coatcheck_change_delay_seconds_bucket{job="coatcheck",le="5"}': '0+100x30',
      'coatcheck_change_delay_seconds_bucket{job="coatcheck",le="+Inf"}': '0+100x30',
    },
  },
  CoatcheckReadersCutOff: { after: 15, series: { 'coatcheck_readers_cut_off_total{job="coatcheck"}': '0+1x30' } },
  CoatcheckNotSwept: {
    after: 20,
    series: { 'coatcheck_last_sweep_timestamp_seconds{job="coatcheck"}': '1x30' },
  },
}

t.test('the document has every alert, and a configuration that Prometheus takes', async (t) => {
  const { text, blocks } = readDocument('docs/metrics.md')
  const rows = [...text.matchAll(/^\| `(Coatcheck\w+)` \|/gm)].map(([, name]) => name)
  t.strictSame(rows, ALERT_NAMES)
  const dir = folder(t)
  const config = blocks.find(({ language }) => language === 'yaml')?.text ?? ''
  write(dir, { 'prometheus.yml': config })
  const { code, output } = await promtool(['check', 'config', '--syntax-only', 'prometheus.yml'], dir)
  t.equal(code, 0, output)
})

t.test(
  'the packages that the document has installed are those that traces need, in the versions that are tried',
  async (t) => {
    const [, listed = ''] = /npm install (@fastify\/otel.*)/.exec(readDocument('docs/metrics.md').text) ?? []
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const tried = (name: string): string => devDependencies[name].replace(/^[~^](\d+\.\d+).*/, '$1')
    t.strictSame(
      listed.split(' '),
      TRACE_PACKAGES.map((name) => `${name}@${tried(name)}`),
    )
  },
)

t.test('each alert fires on the series that it is for, and not at their beginning', async (t) => {
  const dir = folder(t)
  t.strictSame(Object.keys(FIRES), ALERT_NAMES, 'each has its series')
  const tests = Object.entries(FIRES).map(([name, { after, series }]) => ({
    interval: '1m',
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) > bool 0`,
        eval_time: `${after}m`,
        exp_samples: [{ labels: '{}', value: 1 }],
      },
      { expr: `ALERTS{alertname="${name}",alertstate="firing"}`, eval_time: '0m', exp_samples: [] },
    ],
  }))
  // JSON is YAML.
  write(dir, { 'tests.yml': JSON.stringify({ rule_files: [ALERTS], evaluation_interval: '1m', tests }) })
  const { code, output } = await promtool(['test', 'rules', 'tests.yml'], dir)
  t.equal(code, 0, output)
})
