/** Retiring a signing key: over HTTP, and with the command of an operator at a terminal. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hashOf } from '../../src/api-key.ts'
import { DEFAULT_PERMISSIONS } from '../../src/domain/permission.ts'
import { createSigningKeys, fixedSigningKeys } from '../../src/domain/signing-keys.ts'
import { apiKeyFrom, OperatorError, retireSigningKey, serviceUrl, signingKeyNames } from '../../src/operator.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { KEY, OTHER_KEY, onEachStore } from '../helpers/token-app.ts'

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname

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

/** Runs the command in a folder, with nothing but this in its environment. */
const runIn = async (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [...process.execArgv, CLI, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = ['', '']
  for (const [i, stream] of [child.stdout, child.stderr].entries()) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      texts[i] += text
    })
  }
  const [code] = await once(child, 'close')
  return { code: code as number, out: String(texts[0]), errors: String(texts[1]) }
}

const folderFor = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'coatcheck-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

t.test('the command lists keys and retires one, with the API key of a first start', async (t) => {
  const api = await onLmdb(t)
  const folder = await folderFor(t)
  const url = `http://127.0.0.1:${api.port}`
  const listed = await runIn(folder, ['signing-key', 'list', '--url', url])
  t.match(listed, { code: 0, errors: '' })
  const [kid = '', ...more] = listed.out.trim().split('\n')
  t.match(kid, /^\w+$/)
  t.same(more, [])

  const env = { COATCHECK_URL: `${url}/` }
  const retire = ['signing-key', 'retire', kid]
  const [without, half] = await Promise.all([runIn(folder, retire, env), runIn(folder, retire.slice(0, 2), env)])
  t.equal(without.code, 1)
  t.match(without.errors, 'No API key: set COATCHECK_API_KEY')
  t.notMatch(without.errors, /\n +at /, 'without a stack')
  t.equal(half.code, 2)
  t.match(half.errors, 'the name of one key')

  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'data/authorization.header'), `Authorization: Bearer ${KEYS.shop}\n`)
  t.match(await runIn(folder, retire, env), { code: 0, errors: '' })
  t.notOk((await signingKeyNames(url)).includes(kid))
  await t.rejects(retireSigningKey(url, KEYS.shop, kid), { message: /There is no such signing key/ })
})

t.test('an operator is told what is wrong, and no secret', async (t) => {
  const api = await onLmdb(t)
  const folder = await folderFor(t)
  const url = `http://127.0.0.1:${api.port}`
  const file = join(folder, 'key')
  await writeFile(file, `${KEYS.shop}\n`)
  t.equal(serviceUrl(undefined, {}), 'http://127.0.0.1:3000')
  t.equal(serviceUrl('https://x.example/prefix/', { COATCHECK_URL: 'x' }), 'https://x.example/prefix')
  t.equal(apiKeyFrom({ COATCHECK_API_KEY_FILE: file }), KEYS.shop)
  t.equal(apiKeyFrom({ COATCHECK_API_KEY: ` ${KEYS.shop} ` }), KEYS.shop)

  const cases: [says: string, attempt: () => unknown][] = [
    ['--url', () => serviceUrl('secret', {})],
    ['COATCHECK_URL', () => serviceUrl(undefined, { COATCHECK_URL: 'ftp://secret' })],
    ['a password', () => serviceUrl('http://user:secret@127.0.0.1', {})],
    ['unset one', () => apiKeyFrom({ COATCHECK_API_KEY: 'ck_secret', COATCHECK_API_KEY_FILE: file })],
    ['ENOENT', () => apiKeyFrom({ COATCHECK_API_KEY_FILE: join(folder, 'none') })],
    ['begins with ck_', () => apiKeyFrom({ COATCHECK_API_KEY: 'secret' })],
    ['401', () => retireSigningKey(url, 'ck_secret', 'any')],
    ['404', () => retireSigningKey(url, KEYS.shop, '../secret')],
    ['does not answer', () => signingKeyNames('http://127.0.0.1:1')],
    ['404', () => signingKeyNames(`${url}/prefix`)],
  ]
  for (const [says, attempt] of cases) {
    const error = await Promise.resolve()
      .then(attempt)
      .then(
        () => undefined,
        (one: unknown) => one,
      )
    t.ok(error instanceof OperatorError, says)
    t.match(String(error), says)
    t.notMatch(String(error), 'secret')
  }
})
