/** `coatcheck copy`, as an operator uses it: from LMDB to Redis, and on to a Cluster while services run. */
import { spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openTransfer } from '../../src/store/open.ts'
import { putMany } from '../copy/everything.ts'
import { CLI } from '../helpers/cli.ts'
import { operatorAt } from '../helpers/operator.ts'
import { STEADY_CLUSTER, startCluster } from '../helpers/redis-cluster.ts'
import { freePort, startRedis } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { LATE, until } from '../helpers/until.ts'
import { folder } from '../scripts/project.ts'

/** Enough for a copy to take a while. */
const MANY = 4000
const KILLS = Number(process.env.COPY_KILLS ?? 3)

const place = folder(t)
process.chdir(place)
const at = (name: string): string => join(place, name)
writeFileSync(
  at('coatcheck.json'),
  JSON.stringify({ namespaces: { shop: { browser: { keys: { read: ['*'], write: ['theme'] }, origins: [] } } } }),
)
const redis = await startRedis()
t.teardown(() => redis.stop())
const SOURCE = 'lmdb:./data'

const serveOn = (t: Test, store: string): Promise<Service> =>
  startService(t, { COATCHECK_STORE: store, COATCHECK_CONFIG: at('coatcheck.json') })
const coatcheck = operatorAt(await freePort(), { env: { COATCHECK_URL: '' } })
const copy = (from: string, to: string, ...more: string[]) => coatcheck(['copy', '--from', from, '--to', to, ...more])

const [kept, ended] = [randomUUID(), randomUUID()]
const settings = { theme: 'dark', cart: [1, 2] }
const repeated = {
  body: 'blue',
  headers: { 'idempotency-key': 'once', 'if-match': '*', prefer: 'return=representation' },
}
type Held = { token: string; endedToken: string; cookie: string; code: string; key: string }

/** What a visitor and a service hold before the move. */
const hold = async ({ call }: Service): Promise<Held> => {
  const mint = async (id: string): Promise<string> => {
    await call('PATCH', `/v1/sessions/${id}/settings`, { body: settings })
    const body = { keys: { read: ['*'], write: ['theme'] }, scope: 'read write cookie events' }
    const { json } = await call('POST', `/v1/sessions/${id}/tokens`, { body })
    return (json as unknown as { access_token: string }).access_token
  }
  const [token, endedToken] = [await mint(kept), await mint(ended)]
  await call('DELETE', `/v1/sessions/${ended}`)
  const exchanged = await call('POST', '/v1/cookie', { key: token, headers: { 'sec-fetch-site': 'same-origin' } })
  const handoff = await call('POST', `/v1/sessions/${kept}/handoffs`, { body: { payload: 'p', expiresInSeconds: 600 } })
  const { code } = handoff.json as unknown as { code: string }
  const keys = (await call('GET', '/.well-known/jwks.json')).text
  return { token, endedToken, cookie: String(exchanged.headers['set-cookie']).split(';')[0] ?? '', code, key: keys }
}

/** That all of it goes on. The hand-off is spent by it. */
const goesOn = async (t: Test, { call }: Service, held: Held): Promise<void> => {
  t.strictSame((await call('GET', `/v1/sessions/${kept}/settings`)).json, settings)
  t.equal((await call('GET', '/v1/sessions/current', { key: held.token })).status, 200, 'the token')
  t.equal((await call('GET', '/v1/sessions/current', { key: held.endedToken })).status, 410, 'a log-out is one still')
  t.equal((await call('GET', `/v1/sessions/${ended}`)).status, 410)
  const headers = { cookie: held.cookie, 'sec-fetch-site': 'same-origin' }
  t.equal((await call('GET', '/v1/sessions/current', { key: null, headers })).status, 200, 'the cookie')
  const written = await call('PATCH', '/v1/sessions/current/settings', { key: null, headers, body: { theme: 'dark' } })
  t.equal(written.status, 204, 'and writes')
  t.equal((await call('GET', '/.well-known/jwks.json')).text, held.key)
}

/** It writes what is there already: the write before a refusal changes nothing either. */
const isMoving = async ({ call }: Service): Promise<boolean> => {
  const { status, json } = await call('PUT', `/v1/sessions/${kept}/settings/theme`, { body: settings.theme })
  return status === 503 && json.code === 'moving'
}

const first = await serveOn(t, SOURCE)
const held = await hold(first)

t.test('a wrong command line is said, with nothing of a password', async (t) => {
  for (const [words, code, said] of [
    ['copy --to redis://127.0.0.1:1', 2, /--from is missing/],
    [`copy --from ${SOURCE}`, 2, /--to is missing/],
    [`copy --reopen --from ${SOURCE} --to x`, 2, /--reopen takes --from alone/],
    ['copy --from http://secret:secret@x --to lmdb:./b', 1, /--from is no store: lmdb:<folder>/],
    ['copy --from lmdb:./none --to lmdb:./b', 1, /there is no store in \.\/none/],
    ['copy --from @none.url --to lmdb:./b', 1, /The file of --from cannot be read \(ENOENT\)/],
    [`copy --from ${SOURCE} --to ${redis.url}`, 1, /a service has \.\/data open\. Stop it first/],
    [`copy --from redis://:secret@127.0.0.1:${await freePort()} --to ${redis.url}`, 4, /Redis cannot be used/],
  ] as const) {
    const done = await coatcheck(words)
    t.strictSame([done.code, done.out], [code, ''], words)
    t.match(done.errors, said)
    t.notMatch(done.errors, /secret/)
  }
})

t.test('killed at any moment and run again, from LMDB to Redis', async (t) => {
  t.equal(await first.end(), 0)
  const source = await openTransfer({ url: SOURCE })
  await putMany(source, MANY)
  await source.close()
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [CLI, 'copy', '--from', SOURCE, '--to', redis.url], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let told = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      // Comparing takes as long again.
      if (!told.includes('Copying') && text.includes('Copying')) setTimeout(() => child.kill('SIGKILL'), randomInt(300))
      told += text
    })
    const [, signal] = await once(child, 'close')
    t.equal(signal, 'SIGKILL', told)
    t.equal(await redis.call('HEXISTS', 'cc:{keys}:copy', 'target'), 1, 'the target stays marked')
  }
  const refused = spawn(process.execPath, [CLI, 'serve'], {
    env: { COATCHECK_STORE: redis.url, COATCHECK_API_KEYS: `shop:${'0'.repeat(64)}`, PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  refused.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  t.equal((await once(refused, 'close'))[0], 1)
  t.equal(errors.trim().split('\n').length, 1, 'one line')
  t.match(errors, /COATCHECK_STORE: This store is the target of a copy that is not finished/)
  const done = await copy(SOURCE, redis.url, '--json')
  t.equal(done.code, 0, done.errors)
  const { source: there, target: here } = JSON.parse(done.out)
  t.strictSame(there, here)
  t.equal(here.session, MANY + 1)
  t.match(done.errors, /Both hold the same\.|Comparing both stores/)
  const again = await copy(SOURCE, redis.url)
  t.strictSame([again.code, again.out], [1, ''])
  t.match(again.errors, /^The target is not empty/)
})

t.test('the store that was left is read and not changed, until it is opened again', async (t) => {
  const left = await serveOn(t, SOURCE)
  t.strictSame((await left.call('GET', `/v1/sessions/${kept}/settings`)).json, settings)
  t.ok(await isMoving(left))
  await until(() => left.output().includes('closed by `coatcheck copy`'), 'the log says so')
  t.equal(await left.end(), 0)
  const { code, out, errors } = await coatcheck(['copy', '--reopen', '--from', SOURCE])
  t.strictSame([code, out], [0, 'lmdb:./data is open for writes again.\n'])
  t.match(errors, /Its copy was finished/)
  const open = await serveOn(t, SOURCE)
  t.notOk(await isMoving(open))
  t.equal(await open.end(), 0)
})

t.test('from Redis to a Cluster while services run', async (t) => {
  const cluster = await startCluster(t, STEADY_CLUSTER)
  writeFileSync(at('cluster.url'), `${cluster.url}\n`)
  const replicas = [await serveOn(t, redis.url), await serveOn(t, redis.url)]
  for (const replica of replicas) await goesOn(t, replica, held)
  await replicas[0]?.call('PUT', `/v1/sessions/${kept}/settings/theme`, repeated)
  await replicas[0]?.call('PUT', `/v1/sessions/${kept}/settings/theme`, { body: settings.theme })

  let early = ''
  const copying = copy(redis.url, '@cluster.url')
  copying.then(({ errors }) => {
    early = errors
  }, t.fail)
  const marked = async (): Promise<boolean> => {
    if (early !== '') throw new Error(early)
    return Number(await redis.call('HEXISTS', 'cc:{keys}:copy', 'source')) === 1
  }
  await until(marked, 'the source is closed')
  const since = performance.now()
  for (const replica of replicas) await until(() => isMoving(replica), 'the replica refuses writes', 5000 * LATE)
  t.comment(`both refused writes after ${Math.round(performance.now() - since)} ms`)
  for (const { call } of replicas) t.equal((await call('GET', `/v1/sessions/${kept}/settings`)).status, 200)
  const { code, out, errors } = await copying
  t.equal(code, 0, errors)
  t.ok(performance.now() - since > 14_000, 'it waits for those that look late')
  t.match(out, new RegExp(`^sessions\t${MANY + 1}\t${MANY + 1}\nended sessions\t1\t1\n`))

  const after = await serveOn(t, cluster.url)
  await goesOn(t, after, held)
  const repeat = await after.call('PUT', `/v1/sessions/${kept}/settings/theme`, repeated)
  t.equal(repeat.status, 200)
  t.strictSame((await after.call('GET', `/v1/sessions/${kept}/settings`)).json, settings, 'a repeat writes nothing')
  const redeeming = { body: { code: held.code, sessionId: kept } }
  t.equal((await after.call('POST', '/v1/handoffs/redeem', redeeming)).status, 200)
  t.equal((await after.call('POST', '/v1/handoffs/redeem', redeeming)).status, 410, 'once')
})
