/** Retiring a signing key. */
import t from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { DEFAULT_PERMISSIONS } from '../../src/domain/credentials/permission.ts'
import { createSigningKeys, fixedSigningKeys } from '../../src/domain/credentials/signing-keys.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { KEY, OTHER_KEY, onEachStore } from '../helpers/token-app.ts'

onEachStore(t, async (t, { service, another, store }) => {
  const { call, begin, mint } = service

  t.test('what a retired key signed is void at once, and on the others when they have looked', async (t) => {
    const id = await begin({ theme: 'dark' })
    const token = await mint(id)
    const { kid } = await service.signingKeys.current()
    const path = `/v1/signing-keys/${kid}`
    for (const on of [service, another]) t.equal((await on.call(token, 'GET', '/v1/sessions/current')).status, 200)
    t.equal((await call(token, 'DELETE', path)).status, 403)
    t.equal((await call(OTHER_KEY, 'DELETE', path)).status, 204)
    t.equal((await call(token, 'GET', '/v1/sessions/current')).code, 'invalid_credential')
    await another.signingKeys.refresh()
    t.equal((await another.call(token, 'GET', '/v1/sessions/current')).code, 'invalid_credential')
    const { keys } = (await another.call(null, 'GET', '/.well-known/jwks.json')).json as { keys: { kid: string }[] }
    t.notOk(keys.some((key) => key.kid === kid))
    for (const on of [service, another]) {
      t.equal((await on.call(await on.mint(id), 'GET', '/v1/sessions/current')).status, 200, 'new ones are good')
    }
    for (const unknown of [path, '/v1/signing-keys/unknown', '/v1/signing-keys/..%2Fx', '/v1/signing-keys/%00']) {
      const refused = await call(KEY, 'DELETE', unknown)
      t.equal(refused.status, 404, unknown)
      t.equal(refused.code, 'signing_key_not_found')
    }
  })

  t.test('a mark is left in the place of the key, and nothing secret', async (t) => {
    const marks = [...(await store.secrets('signing-keys')).values()].filter((text) => 'retired' in JSON.parse(text))
    t.equal(marks.length, 1)
    t.same(Object.keys(JSON.parse(String(marks[0]))), ['retired'])
  })
})

t.test('keys from a file are not retired here', async (t) => {
  const made = await onLmdb(t)
  const keys = createSigningKeys(made.store)
  await keys.refresh()
  const [text] = (await made.store.secrets('signing-keys')).values()
  const { key } = JSON.parse(String(text))
  const api = await onLmdb(t, { signingKeys: await fixedSigningKeys([{ ...key, kid: 'mine' }]) })
  const refused = await api.call('DELETE', '/v1/signing-keys/mine')
  t.hasStrict(refused, { status: 409, json: { code: 'signing_keys_fixed' } })
})

t.test('an API key of which nothing is said may not retire what all namespaces share', async (t) => {
  const hash = Buffer.from(hashOf(KEYS.shop), 'hex')
  const api = await onLmdb(t, { apiKeys: [{ namespace: 'shop', hash, permissions: DEFAULT_PERMISSIONS }] })
  t.hasStrict(await api.call('DELETE', '/v1/signing-keys/any'), { status: 403, json: { code: 'insufficient_scope' } })
})
