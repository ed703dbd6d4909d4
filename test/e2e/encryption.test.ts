/**
 * Services that are made to encrypt what they store, on Redis in the steps of docs/encryption.md and on LMDB, and what their
 * stores then hold. Nobody is logged out by it.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { KEYS } from '../helpers/app.ts'
import { openEvents } from '../helpers/events.ts'
import { operatorAt } from '../helpers/operator.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { folder } from '../scripts/project.ts'

const place = folder(t)
// The command looks for a store and an API key in the folder that it is run in: this one has none.
process.chdir(place)
const at = (name: string): string => join(place, name)

const newKey = (kid: string) => ({ kty: 'oct', kid, k: randomBytes(32).toString('base64url') })
const [first, second] = [newKey('first'), newKey('second')]
const putKeys = (file: string, ...keys: object[]): string => {
  writeFileSync(at(file), JSON.stringify({ keys }), { mode: 0o600 })
  return at(file)
}

const configuration = at('coatcheck.json')
const apiKeys = [{ name: 'operator', sha256: hashOf(KEYS.shopToo), may: ['operate'] }]
const browser = { keys: { read: ['*'], write: [] }, origins: [] }
writeFileSync(configuration, JSON.stringify({ namespaces: { shop: { browser, apiKeys } } }))

type Env = Readonly<Record<string, string>>
const KEY_FILE = { COATCHECK_ENCRYPTION_KEYS_FILE: putKeys('keys.json', first) }
const base = (store: string): Env => ({ COATCHECK_STORE: store, COATCHECK_CONFIG: configuration })
const serve = (t: Test, store: string, more: Env = {}) => startService(t, { ...base(store), ...more })
const operator = ({ port }: Service) => operatorAt(port, { env: { COATCHECK_API_KEY: KEYS.shopToo } })
const doctor = async (store: string, more: Env = {}) => {
  const env = { COATCHECK_API_KEYS: `shop:${hashOf(KEYS.shop)}`, ...base(store), ...more }
  return JSON.parse((await operatorAt(1, { env })('doctor --json')).out) as { ok: boolean; findings: unknown[] }
}

const AUTH = { authorization: `Bearer ${KEYS.shop}` }

/** A user who is logged in, with a token. */
const begin = async ({ call }: Service) => {
  const id = randomUUID()
  const settings = { theme: 'planted-dark', cart: ['planted-apple'] }
  await call('POST', '/v1/sessions', { body: { id, settings, subject: 'planted-user' } })
  const { json } = await call('POST', `/v1/sessions/${id}/tokens`, { body: { scope: 'read write' } })
  return { id, token: (json as unknown as { access_token: string }).access_token }
}

const sees = async (t: Test, { call }: Service, { id, token }: { id: string; token: string }) => {
  t.match((await call('GET', `/v1/sessions/${id}`)).json, {
    subject: 'planted-user',
    settings: { theme: 'planted-dark' },
  })
  t.match(await call('GET', '/v1/sessions/current/settings', { key: token }), {
    status: 200,
    json: { theme: 'planted-dark' },
  })
  t.match((await call('GET', '/v1/subjects/planted-user/sessions')).json, { sessions: [{ id }] })
}

/** The message of a start that is refused. */
const refusal = (t: Test, store: string, more: Env): Promise<string> =>
  serve(t, store, more).then(
    () => 'it has started',
    (error: Error) => error.message,
  )

t.test('on Redis, while replicas serve', async (t) => {
  const redis = await startRedis({ args: ['--rdbcompression', 'no'] })
  t.teardown(() => redis.stop())
  const dump = async (): Promise<Buffer> => {
    await redis.call('SAVE')
    return readFileSync(join(redis.dir, 'dump.rdb'))
  }
  const plain = await serve(t, redis.url)
  const [session, other] = [await begin(plain), randomUUID()]
  t.ok((await dump()).includes('planted'), 'the search finds what is plain')
  t.match(await operator(plain)('reencrypt'), { code: 1, errors: /not to be encrypted/ })
  t.match(await doctor(redis.url, KEY_FILE), { ok: true, findings: [{ check: 'encryption-begins' }] })

  const prepared = await serve(t, redis.url, { ...KEY_FILE, COATCHECK_ENCRYPTION: 'prepared' })
  await plain.end()
  await sees(t, prepared, session)
  const on = await serve(t, redis.url, KEY_FILE)
  await sees(t, on, session)

  // A view on the one replica hears of a change on the other, which passes through Redis without its text.
  const reader = await openEvents(prepared.port, `/v1/sessions/${other}/events`, AUTH)
  await reader.nextOf('snapshot')
  await on.call('PATCH', `/v1/sessions/${other}/settings`, { body: { theme: 'planted-light' } })
  t.match(await reader.nextOf('change'), { set: { theme: 'planted-light' } })
  reader.close()
  await prepared.call('PATCH', `/v1/sessions/${other}/settings`, { body: { n: 1 } })
  t.match((await on.call('GET', `/v1/sessions/${other}/settings`)).json, { theme: 'planted-light', n: 1 })

  await prepared.end()
  t.match(await on.call('POST', '/v1/reencrypt', { body: {} }), { status: 403, json: { code: 'insufficient_scope' } })
  const { code, out, errors } = await operator(on)('reencrypt')
  t.match(
    { code, errors, out },
    { code: 0, errors: '', out: /^[1-9]\d* of \d+ sessions, lists and secrets were encrypted anew/ },
  )
  await sees(t, on, session)
  t.notOk((await dump()).includes('planted'))
  t.ok((await dump()).includes('theme'))
  t.notOk((await dump()).includes('"d":'), 'nor a private signing key')

  const required = await serve(t, redis.url, { ...KEY_FILE, COATCHECK_ENCRYPTION: 'required' })
  await on.end()
  await sees(t, required, session)
  t.notMatch(required.output(), /planted/)

  t.match(await doctor(redis.url), { ok: false, findings: [{ check: 'encryption-keys' }] })
  const wrong = { COATCHECK_ENCRYPTION_KEYS_FILE: putKeys('wrong.json', second) }
  t.match(await doctor(redis.url, wrong), { ok: false, findings: [{ check: 'encryption-keys' }] })
  t.match(await refusal(t, redis.url, {}), /encrypted \(first\), and no encryption keys are configured/)
  t.match(await refusal(t, redis.url, wrong), /encrypted under first, none of which is configured/)

  // Another master key: known to all first, then in front.
  const both = await serve(t, redis.url, { COATCHECK_ENCRYPTION_KEYS_FILE: putKeys('both.json', second, first) })
  await required.end()
  t.match(await operator(both)('reencrypt'), { code: 0 })
  await both.end()
  const later = await serve(t, redis.url, { ...wrong, COATCHECK_ENCRYPTION: 'required' })
  await sees(t, later, session)
  t.match((await later.call('DELETE', '/v1/subjects/planted-user/sessions')).json, { ended: 1 })
  t.equal((await later.call('GET', `/v1/sessions/${session.id}`)).status, 410)
})

t.test('on LMDB', async (t) => {
  const store = `lmdb:${at('data')}`
  const holds = (text: string): boolean => readFileSync(at('data/data.mdb')).includes(text)
  const plain = await serve(t, store)
  const session = await begin(plain)
  await plain.end()
  t.ok(holds('planted'))
  t.match(
    await refusal(t, store, { ...KEY_FILE, COATCHECK_ENCRYPTION: 'prepared' }),
    /prepared is for replicas on Redis/,
  )

  const on = await serve(t, store, KEY_FILE)
  await sees(t, on, session)
  t.match(await operator(on)('reencrypt --json'), { code: 0, out: /"changed":[1-9]/ })
  const again = await on.call('POST', '/v1/reencrypt', { key: KEYS.shopToo, body: {} })
  t.match(again, { status: 200, json: { changed: 0, next: 'secrets' } })
  const coatcheck = operator(on)
  t.match(await coatcheck(['backup', at('monday.mdb')]), { code: 0 })
  await on.end()
  const required = await serve(t, store, { ...KEY_FILE, COATCHECK_ENCRYPTION: 'required' })
  await sees(t, required, session)
  await required.end()
  t.ok(holds('theme'))
  t.notOk(holds('planted'), 'not even in a page that was freed')
  t.notOk(holds('"d":'), 'nor a private signing key')
  t.match(await refusal(t, store, {}), /encrypted \(first\), and no encryption keys are configured/)

  const restored = `lmdb:${at('restored')}`
  const restore = operatorAt(1, { env: { ...base(restored), ...KEY_FILE } })
  t.match(await restore(['restore', at('monday.mdb')]), { code: 0 })
  await sees(t, await serve(t, restored, KEY_FILE), session)
  const without = operatorAt(1, { env: base(`lmdb:${at('without')}`) })
  t.match(await without(['restore', at('monday.mdb')]), { code: 1, errors: /no encryption keys are configured/ })
})
