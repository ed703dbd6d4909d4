/** The doctor, at real stores that are set up badly, and at the same ones when what it says was done. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { openLmdbStore } from '../../src/store/lmdb/store.ts'
import { examineStore, openStore } from '../../src/store/open.ts'
import { KEYS } from '../helpers/app.ts'
import { createAuthority } from '../helpers/authority.ts'
import { documentedAcl } from '../helpers/documented-acl.ts'
import { isHarmless, operatorAt } from '../helpers/operator.ts'
import { startCluster } from '../helpers/redis-cluster.ts'
import { startSentinels } from '../helpers/redis-sentinel.ts'
import { freePort, type RedisServer, type StartOptions, startRedis } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'
import { folder } from '../scripts/project.ts'

type Found = { check: string; level: string; where: string; found: string; todo: string }
type Report = { code: number; ok: boolean; looked: string[]; findings: Found[]; out: string }

const coatcheck = operatorAt(1, { env: { COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}` } })

const doctor = async (env: Readonly<Record<string, string>>): Promise<Report> => {
  const base = { COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}` }
  const { code, out, errors } = await coatcheck('doctor --json', { env: { ...base, ...env } })
  if (errors !== '') throw new Error(errors)
  return { code, ...JSON.parse(out), out }
}

const on = (url: string, more: Readonly<Record<string, string>> = {}): Promise<Report> =>
  doctor({ COATCHECK_STORE: url, ...more })

/** The findings, without the notes: `level check`. */
const grave = ({ findings }: Report): string[] =>
  findings.filter(({ level }) => level !== 'note').map(({ level, check }) => `${level} ${check}`)

const is = (t: Test, report: Report, code: number, expected: readonly string[], what = 'what is found'): void => {
  t.strictSame(grave(report), expected, what)
  t.equal(report.code, code, what)
  t.equal(report.ok, code === 0, what)
  for (const { found, todo } of report.findings) t.ok(found.endsWith('.') && todo.endsWith('.'), `${found} ${todo}`)
}

const begin = async (t: Test, options: StartOptions = {}): Promise<RedisServer> => {
  const server = await startRedis(options)
  t.teardown(() => server.stop())
  return server
}

t.test('a badly set Redis, until all that it says was done; /readyz says the same', async (t) => {
  const bad = ['--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru', '--hash-max-listpack-value', '64']
  const server = await begin(t, { args: bad })
  const store = await openStore({ url: server.url })
  t.teardown(() => store.close())
  const report = await on(server.url)
  is(t, report, 1, ['harms redis-evicts', 'harms redis-persistence', 'harms redis-listpack'])
  t.match(report.looked[1], new RegExp(`^127\\.0\\.0\\.1:${server.port}: (Redis|Valkey) \\d+\\.\\d+.*, master$`))
  const told = report.findings.filter(({ level }) => level !== 'note').map(({ found, todo }) => `${found} ${todo}`)
  t.strictSame((await store.check()).warnings, told)

  await server.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'appendonly', 'yes', 'appendfsync', 'no')
  is(t, await on(server.url), 1, ['harms redis-fsync', 'harms redis-listpack'])
  await server.call('CONFIG', 'SET', 'appendfsync', 'everysec', 'hash-max-listpack-value', '1024')
  const well = await on(server.url)
  is(t, well, 0, [])
  t.match(well.findings, [{ check: 'redis-no-maxmemory', level: 'note' }])
  await server.call('CONFIG', 'SET', 'maxmemory', '1')
  is(t, await on(server.url), 1, ['harms redis-nearly-full'])
  await server.call('CONFIG', 'SET', 'maxmemory', '1gb')
  t.strictSame((await on(server.url)).findings, [])
  const config = join(folder(t), 'coatcheck.json')
  writeFileSync(config, JSON.stringify({ namespaces: { shop: { durability: 'replicated' } } }))
  const alone = await on(server.url, { COATCHECK_CONFIG: config, COATCHECK_STORE_COPIES: '2' })
  is(t, alone, 1, ['harms redis-copies'])
  t.match(alone.findings[0]?.found, /^It has 0 replicas, and COATCHECK_STORE_COPIES asks for 2:/)
})

t.test('who may what, and a password that is shown nowhere', async (t) => {
  const server = await begin(t, { password: 'canary-right' })
  const { password, rules } = documentedAcl('redis')
  await server.call('ACL', 'SETUSER', 'service', ...rules)
  await server.call('ACL', 'SETUSER', 'half', ...rules.filter((rule) => rule !== '+spublish'))
  const at = (user: string): string => `redis://${user}@127.0.0.1:${server.port}`
  const good = await on(at(`service:${password}`))
  is(t, good, 0, [], 'the documented user')
  const hidden = good.findings.find(({ check }) => check === 'redis-config-hidden')
  t.match(hidden, { found: /hash-max-listpack-value/, todo: /CONFIG GET/ })
  const half = await on(at(`half:${password}`))
  is(t, half, 1, ['stops redis-away'])
  t.match(half.findings[0], { found: /NOPERM: its user may not run spublish/, todo: /docs\/redis\.md/ })
  const wrong = await on(at(':canary-wrong'))
  is(t, wrong, 1, ['stops redis-away'])
  t.match(wrong.findings[0]?.found, /WRONGPASS/)
  is(t, await on(`redis://127.0.0.1:${server.port}`), 1, ['stops redis-away'], 'none where one is wanted')
  const known = [good, half, wrong, await on(`${server.url}/99`)]
  for (const { out } of known) t.notMatch(out, new RegExp(`canary|${password}`))
  t.match(known[3]?.findings[0]?.found, /no database 99/)
})

t.test('a store that is away, frozen, or speaks something else', async (t) => {
  const port = await freePort()
  const none = await on(`redis://127.0.0.1:${port}`)
  is(t, none, 1, ['stops redis-away'])
  t.match(none.findings[0], { where: `127.0.0.1:${port}`, found: /ECONNREFUSED/, todo: /Start the server/ })
  const server = await begin(t)
  is(t, await on(`redis+cluster://127.0.0.1:${server.port}`), 1, ['stops redis-away'])
  t.match((await on(`redis+cluster://127.0.0.1:${server.port}`)).findings[0]?.found, /not a Cluster/)
  const sentinel = await on(`redis+sentinel://127.0.0.1:${server.port}/main`)
  is(t, sentinel, 1, ['stops redis-away'], 'a Redis that is no Sentinel')
  server.freeze()
  const [frozen, tls] = await Promise.all([on(server.url), on(`rediss://127.0.0.1:${server.port}`)])
  for (const one of [frozen, tls]) t.match(one.findings[0]?.found, /ETIMEDOUT|it does not answer/)
  server.thaw()
  is(t, await on(server.url), 0, [])
})

t.test('TLS: another authority, and certificates that end soon', async (t) => {
  const [ours, others] = [await createAuthority(t), await createAuthority(t)]
  const { cert, key } = await ours.issue('redis', 'IP:127.0.0.1')
  const server = await begin(t, { tls: { cert, key, ca: ours.ca, clientAuth: true } })
  const shown = await ours.issue('service', 'IP:127.0.0.1')
  const files = { COATCHECK_STORE_CERT_FILE: shown.cert, COATCHECK_STORE_KEY_FILE: shown.key }
  const soon = await on(server.url, { COATCHECK_STORE_CA_FILE: ours.ca, ...files })
  is(t, soon, 1, ['harms redis-certificate', 'harms redis-certificate'])
  t.match(soon.findings, [{ where: `127.0.0.1:${server.port}` }, { where: 'COATCHECK_STORE_CERT_FILE' }])
  t.match(soon.findings[0]?.found, /expires in 1 days/)
  const wrong = await on(server.url, { COATCHECK_STORE_CA_FILE: others.ca, ...files })
  t.match(wrong.findings[0], { level: 'stops', found: /UNABLE_TO|SELF_SIGNED/, todo: /COATCHECK_STORE_CA_FILE/ })
})

t.test("a clock that is wrong: this machine's or Redis's", async (t) => {
  const server = await begin(t)
  for (const [hours, words] of [
    [1, /behind this machine/],
    [-1, /ahead of this machine/],
  ] as const) {
    const clock = () => Date.now() + hours * 3_600_000
    const { findings } = await examineStore({ url: server.url, clock })
    const [first, ...more] = findings.filter(({ level }) => level !== 'note')
    t.match(first, { check: 'machine-clock', level: 'harms', found: words })
    t.strictSame(more, [])
  }
})

t.test('Sentinels: each of them, the master, and a replica that would fail when it is promoted', async (t) => {
  const { password, line, words } = documentedAcl('sentinel-redis')
  const group = await startSentinels(t, { acl: [line] })
  const url = group.urlAs(words.split(' ')[0] as string, password)
  const well = await on(url)
  is(t, well, 0, [])
  t.equal(well.looked.filter((one) => one.startsWith('Sentinel ')).length, 3)
  t.equal(well.looked.filter((one) => one.endsWith(', master')).length, 1)
  t.equal(well.looked.filter((one) => one.endsWith(', replica')).length, 2)
  t.ok(well.findings.some(({ check }) => check === 'redis-cut-off'))

  const [replica] = await group.replicas()
  await replica?.call('ACL', 'SETUSER', words.split(' ')[0] as string, '-rename')
  await replica?.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
  await group.sentinels[2]?.kill()
  const ill = await on(url)
  is(t, ill, 1, ['harms redis-away', 'harms redis-away', 'harms redis-evicts'])
  t.match(ill.findings[0], { where: `Sentinel 127.0.0.1:${group.sentinels[2]?.port}`, found: /ECONNREFUSED/ })
  t.match(ill.findings[1], { where: `127.0.0.1:${replica?.port}`, found: /NOPERM.*rename/ })

  const other = await on(url.replace(/main$/, 'other'))
  t.ok(other.findings.some(({ level, found }) => level === 'stops' && /no master other/.test(found)))
  const one = await on(url.replace(/@127\.0\.0\.1:(\d+),.*\/main/, '@127.0.0.1:$1/main'))
  t.ok(one.findings.some(({ check }) => check === 'sentinels-unnamed'))
})

t.test('a Cluster: every node, its slots and its settings', async (t) => {
  const cluster = await startCluster(t)
  const well = await on(cluster.url)
  is(t, well, 0, [])
  t.equal(well.looked.filter((one) => one.endsWith(', master')).length, 3)
  t.equal(well.looked.filter((one) => one.endsWith(', replica')).length, 3)

  const [first, second] = cluster.servers as [RedisServer, RedisServer]
  const replica = await cluster.replicaOf(second)
  await first.call('CONFIG', 'SET', 'cluster-require-full-coverage', 'yes')
  await replica.kill()
  const ill = await on(cluster.url)
  t.strictSame(grave(ill).sort(), ['harms redis-away', 'harms redis-full-coverage'], 'one is away, one set badly')
  t.equal(ill.code, 1)
  const away = ill.findings.find(({ check }) => check === 'redis-away')
  t.match(away, { where: `127.0.0.1:${replica.port}`, found: /ECONNREFUSED/ })
  await second.kill()
  await until(async () => {
    const { findings } = await on(cluster.url)
    return findings.some(({ where, level }) => where === `127.0.0.1:${second.port}` && level === 'harms')
  }, 'the master is found to be away, which stops its own part alone')
})

t.test('LMDB: a folder in use, open to others, damaged, or none', async (t) => {
  const path = join(folder(t), 'data')
  const at = (): Promise<Report> => on(`lmdb:${path}`)
  const before = await at()
  is(t, before, 0, [])
  t.match(before.looked[1], /made at the first start/)
  const store = await openLmdbStore({ path })
  const running = await at()
  is(t, running, 0, [])
  t.match(
    running.findings.filter(({ check }) => check !== 'container-disk'),
    [{ check: 'folder-in-use', found: new RegExp(`pid ${process.pid}`) }],
  )
  await store.close()
  t.notOk((await at()).findings.some(({ check }) => check === 'folder-in-use'))
  const late = await examineStore({ url: `lmdb:${path}`, clock: () => Date.now() - 3_600_000 })
  t.ok(late.findings.some(({ check, level }) => check === 'machine-clock' && level === 'harms'))
  chmodSync(path, 0o755)
  is(t, await at(), 1, ['harms folder-open'])
  chmodSync(path, 0o700)
  writeFileSync(join(path, 'data.mdb'), 'x'.repeat(9000))
  is(t, await at(), 1, ['stops data-file'])
  const file = join(folder(t), 'file')
  writeFileSync(file, '')
  is(t, await on(`lmdb:${file}/data`), 1, ['stops folder-unusable'])
})

t.test('what stops a start is all told, with the store that it can still look at', async (t) => {
  const server = await begin(t, { args: ['--appendonly', 'no'] })
  const report = await on(server.url, { PORT: 'x', COATCHECK_TRUSTPROXY: 'off', COATCHECK_API_KEYS: 'canary' })
  is(t, report, 1, ['stops configuration', 'stops configuration', 'stops configuration', 'harms redis-persistence'])
  t.strictSame(
    report.findings.slice(0, 3).map(({ where }) => where),
    ['PORT', 'COATCHECK_TRUSTPROXY', 'COATCHECK_API_KEYS'],
  )
  t.notMatch(report.out, /canary/)
  const blind = await on('canary://x')
  is(t, blind, 1, ['stops configuration'])
  t.match(blind.looked[1], /not looked at/)
})

t.test('for people it is paragraphs, for pipes lines of four fields; a wrong line is misuse', async (t) => {
  const data = join(folder(t), 'data')
  mkdirSync(data)
  chmodSync(data, 0o777)
  const env = { COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}`, COATCHECK_STORE: `lmdb:${data}` }
  const piped = await coatcheck('doctor', { env })
  t.equal(piped.code, 1)
  const line = piped.out.split('\n').find((one) => one.startsWith('harms'))
  t.strictSame(line?.split('\t'), [
    'harms',
    data,
    `Others may enter the folder ${data}.`,
    'chmod it to 0700; its files are closed to them in any case.',
  ])
  const shown = await coatcheck('doctor', { env, isTerminal: true })
  t.match(shown.out, /^Looked at\n {2}the configuration: .*\n.*\n\nThese do harm\n/)
  isHarmless(t, shown.out)
  t.equal((await coatcheck('doctor --nonsense')).code, 2)
  t.equal((await coatcheck('doctor twice')).code, 2)
})
