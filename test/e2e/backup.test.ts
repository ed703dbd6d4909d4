/** A backup of a service that runs, and services that are started on what is restored of it. */
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { KEYS } from '../helpers/app.ts'
import { operatorAt } from '../helpers/operator.ts'
import { freePort } from '../helpers/redis-server.ts'
import { startService } from '../helpers/service.ts'
import { folder } from '../scripts/project.ts'

const place = folder(t)
// The command looks for a store and an API key in the folder that it is run in: this one has none.
process.chdir(place)
const at = (name: string): string => join(place, name)
const configuration = at('coatcheck.json')
writeFileSync(
  configuration,
  JSON.stringify({
    namespaces: {
      shop: {
        browser: { keys: { read: ['*'], write: [] }, origins: [] },
        apiKeys: [{ name: 'operator', sha256: hashOf(KEYS.shopToo), may: ['operate'] }],
      },
    },
  }),
)

const serveOn = (name: string) =>
  startService(t, { COATCHECK_STORE: `lmdb:${at(name)}`, COATCHECK_CONFIG: configuration })
type Running = Awaited<ReturnType<typeof serveOn>>

const settingsOf = async ({ call }: Running, id: string) => (await call('GET', `/v1/sessions/${id}/settings`)).json
const patch = ({ call }: Running, id: string, body: object) => call('PATCH', `/v1/sessions/${id}/settings`, { body })
const mint = async ({ call }: Running, id: string): Promise<string> => {
  const body = { keys: { read: ['*'] }, scope: 'read cookie' }
  return ((await call('POST', `/v1/sessions/${id}/tokens`, { body })).json as unknown as { access_token: string })
    .access_token
}
const seenBy = async ({ call }: Running, key: string): Promise<number> =>
  (await call('GET', '/v1/sessions/current', { key })).status
const nobody = operatorAt(await freePort(), { env: { COATCHECK_URL: '' } })
/** With the environment of a service on this store. */
const beside = (name: string) => ({ env: { COATCHECK_URL: '', COATCHECK_STORE: `lmdb:${at(name)}` } })

const service = await serveOn('data')
const coatcheck = operatorAt(service.port, { env: { COATCHECK_API_KEY: KEYS.shopToo } })
const [kept, ended, over] = [randomUUID(), randomUUID(), randomUUID()]
for (const id of [kept, ended, over]) await patch(service, id, { theme: 'dark', code: 'once' })
const [token, endedToken] = [await mint(service, kept), await mint(service, ended)]
await service.call('DELETE', `/v1/sessions/${over}`)
const { headers } = await service.call('POST', '/v1/cookie', {
  key: token,
  headers: { 'sec-fetch-site': 'same-origin' },
})
const cookie = String(headers['set-cookie']).split(';')[0] ?? ''
const byCookie = async ({ call }: Running): Promise<number> =>
  (await call('GET', '/v1/sessions/current', { key: null, headers: { cookie, 'sec-fetch-site': 'same-origin' } }))
    .status

t.equal(await byCookie(service), 200)

t.test('a backup is a file for its owner alone, and replaces none', async (t) => {
  const { code, out, errors } = await coatcheck('backup monday.mdb')
  t.equal(errors, '')
  t.equal(code, 0)
  t.match(out, `A backup of the running service is in ${at('monday.mdb')}`)
  t.equal(statSync(at('monday.mdb')).mode & 0o777, 0o600)
  const before = readFileSync(at('monday.mdb'))
  const again = await coatcheck('backup monday.mdb')
  t.equal(again.code, 1)
  t.match(again.errors, /is there already, and nothing is overwritten/)
  t.ok(before.equals(readFileSync(at('monday.mdb'))))
  t.strictSame(
    readdirSync(at('data')).filter((name) => name.startsWith('backup.')),
    [],
  )
})

t.test('without the permission, the folder or a service there is none, and no file', async (t) => {
  const refused = await coatcheck('backup other.mdb', { env: { COATCHECK_API_KEY: KEYS.shop } })
  t.equal(refused.code, 1)
  t.match(refused.errors, /operate/)
  const away = await nobody('backup other.mdb', { env: { COATCHECK_URL: `http://127.0.0.1:${await freePort()}` } })
  t.equal(away.code, 4)
  const onRedis = await nobody('backup other.mdb', {
    env: { COATCHECK_URL: '', COATCHECK_STORE: 'redis://127.0.0.1:1' },
  })
  t.equal(onRedis.code, 1)
  t.match(onRedis.errors, /Redis, which makes its own backups/)
  const nowhere = await coatcheck('backup none/other.mdb')
  t.match(nowhere.errors, /could not be written \(ENOENT\); nothing was kept/)
  t.strictSame(
    readdirSync(place).filter((name) => /other|part/.test(name)),
    [],
  )
})

t.test('what happens after it is not in it', async () => {
  await service.call('DELETE', `/v1/sessions/${ended}`)
  await patch(service, kept, { theme: 'light' })
  await service.call('DELETE', `/v1/sessions/${kept}/tokens`)
})

t.test('a service on what is restored goes on as at the time of the backup', async (t) => {
  t.equal(await seenBy(service, token), 401)
  const done = await nobody('restore monday.mdb', beside('restored'))
  t.strictSame([done.code, done.out], [0, `2 sessions are in ${at('restored')} again.\n`])
  t.match(done.errors, /^READ THIS\n.*log-outs too/)
  t.match(done.errors, /that were ended since then live again/)
  t.match(done.errors, /--revoke-tokens/)
  const restored = await serveOn('restored')
  t.strictSame(await settingsOf(restored, kept), { theme: 'dark', code: 'once' })
  t.equal((await restored.call('GET', `/v1/sessions/${over}`)).status, 410, 'a log-out of before is one still')
  t.strictSame([await seenBy(restored, token), await seenBy(restored, endedToken)], [200, 200], 'as it was said')
  t.equal(await byCookie(restored), 200)
  t.equal((await patch(restored, kept, { theme: 'blue' })).status, 204)
  t.equal((await restored.call('POST', `/v1/sessions/${kept}/settings/code/take`)).status, 200)

  const inUse = await nobody('restore monday.mdb', beside('restored'))
  t.equal(inUse.code, 1)
  t.match(inUse.errors, /in use by another process/)
  await restored.end()
  const full = await nobody('restore monday.mdb', beside('restored'))
  t.equal(full.code, 1)
  t.match(full.errors, /is not empty/)
})

t.test('--revoke-tokens makes every token and cookie void, and no setting is lost', async (t) => {
  const done = await nobody('restore --revoke-tokens --json monday.mdb', beside('revoked'))
  t.strictSame(JSON.parse(done.out), { folder: at('revoked'), sessions: 2, tokensRevoked: true })
  t.match(done.errors, /All tokens and cookies are void/)
  const revoked = await serveOn('revoked')
  t.strictSame(
    [await seenBy(revoked, token), await seenBy(revoked, endedToken), await byCookie(revoked)],
    [401, 401, 401],
  )
  t.strictSame(await settingsOf(revoked, kept), { theme: 'dark', code: 'once' })
  t.equal(await seenBy(revoked, await mint(revoked, kept)), 200, 'a new one is good')
  await revoked.end()
})

t.test('keys that are configured cannot be drawn anew in the store', async (t) => {
  const env = { ...beside('configured').env, COATCHECK_COOKIE_SECRETS: 'x'.repeat(32) }
  const done = await nobody('restore --revoke-tokens monday.mdb', { env })
  t.equal(done.code, 1)
  t.match(done.errors, /COATCHECK_COOKIE_SECRETS come/)
  t.notOk(existsSync(at('configured')))
})

t.test('without a service the folder is read, and with one that does not answer it is not', async (t) => {
  const unanswered = await nobody('backup tuesday.mdb', { env: { ...beside('data').env, COATCHECK_API_KEY: 'ck_x' } })
  t.not(unanswered.code, 0, 'a service has the folder open')
  t.equal(await service.end(), 0)
  const { code, out } = await nobody('backup tuesday.mdb --json', beside('data'))
  t.equal(code, 0)
  t.hasStrict(JSON.parse(out), { from: 'folder', file: at('tuesday.mdb') })
  t.equal((await nobody('restore tuesday.mdb', beside('again'))).code, 0)
  const again = await serveOn('again')
  t.strictSame(await settingsOf(again, kept), { theme: 'light', code: 'once' })
  t.strictSame([await seenBy(again, token), await seenBy(again, endedToken)], [401, 410])
  await again.end()
})

t.test('a Redis is no place for a restore', async (t) => {
  const done = await nobody('restore monday.mdb', { env: { COATCHECK_STORE: 'redis://127.0.0.1:1' } })
  t.equal(done.code, 1)
  t.match(done.errors, /a backup is restored into a folder/)
})
