/** Several workers on one port: to callers, to Prometheus and to whoever ends them, they are one service. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { KEYS } from '../helpers/app.ts'
import { openEvents } from '../helpers/events.ts'
import { samplesIn, sumOf } from '../helpers/metrics.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { COMPILED_CLI, type Service, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'
import { environment, folder, runProgram } from '../scripts/project.ts'

const WORKERS = 2
const redis = await startRedis()
t.teardown(() => redis.stop())
const begin = () =>
  startService(t, { COATCHECK_STORE: redis.url, COATCHECK_WORKERS: String(WORKERS), COATCHECK_RATE_LIMIT: '5' })
const service = await begin()

type Line = Readonly<Record<string, unknown>> & { readonly pid: number; readonly msg: string }
const linesOf = ({ output }: Service): Line[] =>
  output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
const workersOf = (of: Service): number[] =>
  linesOf(of).flatMap(({ msg, pid }) => (msg === 'Coatcheck serves' ? [pid] : []))
const allServe = (of: Service, count = WORKERS) => until(() => workersOf(of).length >= count, 'all workers serve')
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Each over a connection of its own: they go to the workers in turns. */
const fetchOver = async (path: string, { key = KEYS.shop, ...init }: RequestInit & { key?: string } = {}) => {
  const headers = { authorization: `Bearer ${key}`, connection: 'close', 'content-type': 'application/json' }
  return fetch(`http://127.0.0.1:${service.port}${path}`, { ...init, headers })
}
const counted = async (name: string, labels = {}): Promise<number> =>
  sumOf(samplesIn(await (await fetchOver('/metrics')).text()), name, labels) ?? 0

await allServe(service)

t.test('both serve, and one tells what the other does', async (t) => {
  const id = randomUUID()
  await service.call('PATCH', `/v1/sessions/${id}/settings`, { body: { n: 0 } })
  const readers = await Promise.all(
    [1, 2, 3, 4].map(() =>
      openEvents(service.port, `/v1/sessions/${id}/events`, { authorization: `Bearer ${KEYS.shop}` }),
    ),
  )
  t.teardown(() => {
    for (const { close } of readers) close()
  })
  await Promise.all(readers.map((one) => one.nextOf('snapshot')))
  const put = await fetchOver(`/v1/sessions/${id}/settings/n`, { method: 'PUT', body: '1' })
  t.equal(put.status, 204)
  for (const one of readers) t.match(JSON.stringify(await one.nextOf('change')), /"n\\?":1/)
  t.equal(await counted('coatcheck_streams_open', { of: 'session' }), 4)
  const callers = new Set(linesOf(service).flatMap(({ msg, pid }) => (msg === 'call' ? [pid] : [])))
  t.strictSame([...callers].sort(), workersOf(service).sort(), 'each has answered calls')
})

t.test('the metrics are those of all, whoever is asked', async (t) => {
  const put = { method: 'PUT', route: '/v1/sessions/:id/settings/:key' }
  const before = await counted('http_request_duration_seconds_count', put)
  const id = randomUUID()
  for (let n = 1; n <= 10; n++) {
    await fetchOver(`/v1/sessions/${id}/settings/n`, { method: 'PUT', body: String(n) })
    t.equal(await counted('http_request_duration_seconds_count', put), before + n)
  }
  t.equal(await counted('coatcheck_workers'), WORKERS)
})

t.test('wrong credentials count in all of them', async (t) => {
  const statuses: number[] = []
  for (let n = 0; n < 8; n++) statuses.push((await fetchOver('/v1/sessions', { key: `wrong-${n}` })).status)
  t.strictSame(statuses, [401, 401, 401, 401, 401, 429, 429, 429])
  t.equal((await fetchOver('/v1/sessions')).status, 200, 'who comes with the right one is served')
})

t.test(
  'a worker that ends is followed by another; nothing that was counted is lost, and others are served',
  async (t) => {
    const before = await counted('coatcheck_problems_total')
    const [first = 0, other] = workersOf(service)
    process.kill(first, 'SIGKILL')
    await until(() => linesOf(service).some(({ worker }) => worker === first), 'it is told')
    t.equal((await fetchOver('/v1/sessions')).status, 200)
    t.equal(await counted('coatcheck_problems_total'), before)
    await allServe(service, WORKERS + 1)
    await until(async () => (await counted('coatcheck_workers')) === WORKERS, 'both count')
    t.equal(await counted('coatcheck_problems_total'), before)
    t.ok(isAlive(other as number), 'the other one went on')
  },
)

t.test('SIGTERM ends all of them, in order', async (t) => {
  t.equal(await service.end(), 0)
  for (const pid of workersOf(service)) t.notOk(isAlive(pid))
  const closing = linesOf(service).filter(({ msg }) => msg === 'closing' || msg === 'draining')
  t.equal(new Set(closing.map(({ pid }) => pid)).size, WORKERS + 1)
})

t.test('where the primary is killed no worker stays', async (t) => {
  const doomed = await begin()
  await allServe(doomed)
  process.kill(doomed.pid, 'SIGKILL')
  await until(() => !workersOf(doomed).some(isAlive), 'they have ended')
  t.pass()
})

t.test('what stops the start is said once', async (t) => {
  const start = (env: NodeJS.ProcessEnv) => {
    const keys = { COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}` }
    return runProgram(process.execPath, [COMPILED_CLI, 'serve'], {
      cwd: folder(t),
      env: environment({ ...keys, ...env }),
    })
  }
  const embedded = await start({ COATCHECK_WORKERS: 'auto', COATCHECK_STORE: `lmdb:${join(folder(t), 'data')}` })
  t.equal(embedded.code, 1)
  t.match(embedded.output, 'COATCHECK_WORKERS must be 1 with an embedded store')
  const taker = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taker.close())
  await once(taker, 'listening')
  const { port } = taker.address() as { port: number }
  const taken = await start({ COATCHECK_WORKERS: '3', COATCHECK_STORE: redis.url, PORT: String(port) })
  t.equal(taken.code, 1)
  t.equal(taken.output.match(new RegExp(`\\b${port}\\b.*`, 'g'))?.length, 1, taken.output)
})
