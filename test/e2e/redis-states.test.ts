/**
 * What the service says of a Redis that does not serve: one line of the log for each change of its state, with the cause in
 * Redis's word; and no start with one that could never serve.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { KEYS, newSession } from '../helpers/app.ts'
import { CLI } from '../helpers/cli.ts'
import { documentedAcl } from '../helpers/documented-acl.ts'
import { STEADY_SENTINELS, startSentinels } from '../helpers/redis-sentinel.ts'
import { freePort, type RedisServer, type StartOptions, startRedis } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'

const begin = async (t: Test, options: StartOptions = {}): Promise<RedisServer> => {
  const redis = await startRedis(options)
  t.teardown(() => redis.stop())
  return redis
}

type Line = { readonly level: number; readonly msg: string; readonly cause?: string; readonly server?: string }

/** What the log says of the store's servers, in order. */
const told = (service: Service): string[] =>
  service
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ server }) => server !== undefined)
    .map(({ cause = 'there' }) => cause)

const ready = async (service: Service): Promise<boolean> => (await service.call('GET', '/readyz')).status === 200

t.test('each change of state is one line, with its cause', async (t) => {
  const redis = await begin(t, { args: ['--key-load-delay', '1000'] })
  const service = await startService(t, { COATCHECK_STORE: redis.url })
  await until(() => ready(service), 'it is ready')
  t.strictSame(told(service), ['there'])

  redis.freeze()
  await until(() => told(service).length > 1, 'it is found to be silent')
  redis.thaw()
  await until(() => ready(service), 'it is ready again')
  await until(() => told(service).length > 2, 'that is told')
  t.strictSame(told(service).slice(1), ['it does not answer', 'there'])

  await redis.call('CONFIG', 'SET', 'requirepass', 'another')
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes').catch(() => {})
  await until(() => told(service).includes('NOAUTH'), 'the password is missing')
  await until(async () => (await service.call('GET', newSession())).status === 503, 'calls are refused')
  const { length } = told(service)
  const end = performance.now() + 1500
  await until(() => performance.now() > end, 'it has tried several times more')
  t.equal(told(service).length, length, 'and says so no more')
  t.notMatch(service.output(), /ioredis|another|Unhandled/)
})

/** Starts the service with this store and waits for its end: what it said, and its exit code. */
const refused = async (t: Test, store: string): Promise<{ code: number; said: string }> => {
  const child = spawn(process.execPath, [CLI, 'serve'], {
    env: {
      PATH: process.env.PATH,
      PORT: String(await freePort()),
      COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}`,
      COATCHECK_STORE: store,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const [code] = await once(child, 'exit')
  return { code: code as number, said }
}

t.test('a start that could never serve is refused, and says why', async (t) => {
  const plain = await begin(t)
  const locked = await begin(t, { password: 'right' })
  const cluster = await begin(t, {
    args: ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
  })
  const sentinels = (await startSentinels(t, STEADY_SENTINELS)).url
  const { password, rules } = documentedAcl('redis')
  for (const missing of ['spublish', 'evalsha', 'time']) {
    const words = rules.filter((rule) => rule !== `+${missing}`)
    await plain.call('ACL', 'SETUSER', `no-${missing}`, ...words)
  }
  for (const [name, url, why] of [
    ['a database that is not there', `${plain.url}/99`, /no database 99/],
    ['no password', `redis://127.0.0.1:${locked.port}`, /NOAUTH/],
    ['a wrong password', `redis://:wrong@127.0.0.1:${locked.port}`, /WRONGPASS/],
    ['a node of a Cluster', `redis://127.0.0.1:${cluster.port}`, /redis\+cluster/],
    ['no Cluster', `redis+cluster://127.0.0.1:${plain.port}`, /not a Cluster/],
    ['a wrong password for a Cluster', `redis+cluster://:wrong@127.0.0.1:${locked.port}`, /WRONGPASS/],
    ['a master that Sentinels do not know', sentinels.replace(/main$/, 'other'), /no master other/],
    ['no right to publish', `redis://no-spublish:${password}@127.0.0.1:${plain.port}`, /NOPERM.*spublish/],
    ['no right to run scripts', `redis://no-evalsha:${password}@127.0.0.1:${plain.port}`, /NOPERM.*evalsha/],
    ['no right to ask the time', `redis://no-time:${password}@127.0.0.1:${plain.port}`, /NOPERM/],
  ] as const) {
    const { code, said } = await refused(t, url)
    t.equal(code, 1, name)
    t.match(said, why, name)
    t.match(said, /COATCHECK_STORE/, name)
    t.notMatch(said, new RegExp(`right@|wrong|${password}`), `${name}: no secret`)
  }
})

t.test('a right that is taken away later is an outage, and nothing is done by halves', async (t) => {
  const redis = await begin(t)
  const { password, rules } = documentedAcl('redis')
  await redis.call('ACL', 'SETUSER', 'service', ...rules)
  const service = await startService(t, { COATCHECK_STORE: `redis://service:${password}@127.0.0.1:${redis.port}` })
  await until(() => ready(service), 'it is ready')
  const session = newSession()
  await service.call('PATCH', `${session}/settings`, { body: { n: 1 } })
  await redis.call('ACL', 'SETUSER', 'service', '-spublish')
  const first = await service.call('POST', `${session}/settings/n/increment`)
  t.equal(first.status, 503)
  await until(async () => !(await ready(service)), 'it is not ready')
  await until(() => /^NOPERM: .*spublish/.test(told(service).at(-1) ?? ''), 'the right is named')
  await redis.call('ACL', 'SETUSER', 'service', '+spublish')
  await until(() => ready(service), 'it is ready by itself')
  t.equal((await service.call('POST', `${session}/settings/n/increment`)).status, 200)
})
