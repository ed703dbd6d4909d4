/** How the service starts, refuses to start, and what it shows on which port. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { hashOf, newApiKey } from '../../src/config/api-keys.ts'
import { freePort } from '../helpers/redis-server.ts'
import { COMPILED_CLI, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'
import { environment, folder, root, runProgram, write } from '../scripts/project.ts'

const coatcheck = (cwd: string, args: string[], env: NodeJS.ProcessEnv) =>
  runProgram(process.execPath, [join(root, 'dist/cli.js'), ...args], { cwd, env: environment(env) })

t.test('beyond loopback, or with Redis, missing API keys stop the start with a clear message', async (t) => {
  for (const env of [{ HOST: '0.0.0.0' }, { COATCHECK_STORE: 'redis://127.0.0.1:1' }]) {
    const { code, output } = await coatcheck(folder(t), ['serve'], { PORT: '0', ...env })
    t.equal(code, 1)
    t.match(output, /COATCHECK_API_KEYS is missing.*coatcheck key new/s)
    t.notMatch(output, / at /, 'no stack')
  }
})

t.test('a wrong configuration is told in full, and a wrong command says what is right', async (t) => {
  const wrong = await coatcheck(folder(t), ['serve'], { PORT: 'x', COATCHECK_LOG_LEVEL: 'x' })
  t.equal(wrong.code, 1)
  t.match(wrong.output, /PORT must be.*COATCHECK_LOG_LEVEL must be one of/s)
  const { code, output } = await coatcheck(folder(t), ['serve', '--nonsense'], {})
  t.equal(code, 2)
  t.match(output, 'Usage: coatcheck serve')
})

t.test('a file says more of a namespace, and its API keys are enough', async (t) => {
  const path = join(folder(t), 'coatcheck.json')
  const signing = join(folder(t), 'jwks.json')
  const [web, reports] = [newApiKey('web'), newApiKey('reports')] as const
  const page = 'https://shop.example'
  const cookieSecrets = ['new', 'old'].map((word) => word.padEnd(32, 'x'))
  const shop = {
    bound: { idleTimeoutSeconds: 60 },
    limits: { settingsBytes: 200_000 },
    browser: { keys: { read: ['theme'] }, origins: [page] },
    settings: { properties: { theme: { enum: ['dark', 'light'] } } },
    apiKeys: [
      { name: 'web', sha256: hashOf(web) },
      { name: 'reports', sha256: hashOf(reports), may: ['read'] },
    ],
  }
  writeFileSync(path, JSON.stringify({ namespaces: { shop } }))
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  writeFileSync(signing, JSON.stringify({ keys: [{ ...jwk, kid: 'ours' }] }))
  const data = folder(t)
  const service = await startService(t, {
    COATCHECK_STORE: `lmdb:${data}`,
    COATCHECK_API_KEYS: '',
    COATCHECK_CONFIG: path,
    COATCHECK_SIGNING_KEYS_FILE: signing,
    COATCHECK_COOKIE_SECRETS: cookieSecrets.join(' , '),
  })
  const settings = '/v1/sessions/9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71/settings'
  const wrong = await service.call('PATCH', settings, { body: { theme: 'pink' }, key: web })
  t.equal(wrong.json.code, 'settings_invalid')
  t.equal((await service.call('PATCH', settings, { body: { page: 'x'.repeat(199_000) }, key: web })).status, 201)
  t.equal((await service.call('GET', settings, { key: reports })).status, 200)
  t.equal((await service.call('PATCH', settings, { body: {}, key: reports })).json.code, 'insufficient_scope')
  const bound = await service.call('POST', '/v1/sessions', { body: { subject: 'u' }, key: web })
  t.equal(bound.json.idleTimeoutSeconds, 60)
  t.throws(() => statSync(join(data, 'authorization.header')), { code: 'ENOENT' }, 'no key was made')

  const { text } = await service.call('GET', '/.well-known/jwks.json', { key: null })
  t.same(
    JSON.parse(text).keys.map(({ kid, x, d }: Record<string, string>) => [kid, x, d]),
    [['ours', jwk.x, undefined]],
    'tokens are signed with the key that was given',
  )
  const keys = { read: ['theme'] }
  const minted = await service.call('POST', settings.replace('settings', 'tokens'), { body: { keys }, key: web })
  const key = JSON.parse(minted.text).access_token
  t.equal((await service.call('GET', '/v1/sessions/current/settings', { key })).status, 200)

  const own = await service.call('POST', settings.replace('settings', 'tokens'), {
    body: { scope: 'cookie' },
    key: web,
  })
  const token = JSON.parse(own.text).access_token
  const given = await service.call('POST', '/v1/cookie', { key: token, headers: { origin: page } })
  t.hasStrict(given, { status: 204, headers: { 'access-control-allow-origin': page } })
  const [, text64 = '', signature = ''] = /=(.*)\.(.*?);/.exec(String(given.headers['set-cookie'])) ?? []
  const expected = createHmac('sha256', String(cookieSecrets[0])).update(text64).digest('base64')
  t.equal(signature, expected.replaceAll('=', ''), 'cookies are signed with the first secret that was given')
  const retired = await service.call('DELETE', '/v1/signing-keys/ours', { key: web })
  t.equal(retired.json.code, 'insufficient_scope', 'who may retire keys has to be said')
  t.equal(await service.end(), 0)
  for (const secret of [web, reports, jwk.d as string, ...cookieSecrets]) t.notOk(service.output().includes(secret))
})

t.test('a file that is at fault stops the start, and every fault is told', async (t) => {
  const path = join(folder(t), 'coatcheck.json')
  writeFileSync(
    path,
    JSON.stringify({ namespaces: { shop: { limits: { keys: 0 }, browser: { keys: {}, origins: ['*'] } } } }),
  )
  const { code, output } = await coatcheck(folder(t), ['serve'], {
    PORT: 'x',
    COATCHECK_CONFIG: path,
    COATCHECK_SIGNING_KEYS: '{"keys":[{"kty":"oct","k":"canary"}]}',
  })
  t.equal(code, 1)
  t.match(
    output,
    /PORT must be.*COATCHECK_CONFIG: namespaces\.shop\.limits\.keys must be.*keys\.0 must be an Ed25519 key/s,
  )
  t.notMatch(output, /canary| at /)
})

t.test('the key of a first start is its owner’s alone, and is there again at the next', async (t) => {
  const data = join(folder(t), 'data')
  const env = { COATCHECK_STORE: `lmdb:${data}`, COATCHECK_API_KEYS: '' }
  const file = join(data, 'authorization.header')
  const first = await startService(t, env)
  const key = readFileSync(file, 'utf8')
  t.match(key, /^Authorization: Bearer ck_first-start_\S{32}\n$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(data).mode & 0o777, 0o700)
  t.notMatch(first.output(), /ck_\w/, 'it is not printed')
  t.equal(await first.end(), 0)
  await startService(t, env)
  t.equal(readFileSync(file, 'utf8'), key)
})

t.test('with an admin port, what is for operators is on that port alone', async (t) => {
  const key = newApiKey('ops')
  const port = await freePort()
  const service = await startService(t, {
    COATCHECK_STORE: `lmdb:${folder(t)}`,
    COATCHECK_API_KEYS: `shop:${hashOf(key)}`,
    COATCHECK_ADMIN_PORT: String(port),
    COATCHECK_TOMBSTONE_SECONDS: '60',
    COATCHECK_OF_THE_APP: 'canary',
  })
  t.match(service.output(), /COATCHECK_TOMBSTONE_SECONDS: .*begun anew by a late write/, 'the doctor says the same')
  t.match(service.output(), /COATCHECK_OF_THE_APP: It is no setting of Coatcheck/)
  t.notMatch(service.output(), /canary/)
  for (const path of ['/docs', '/openapi.json', '/docs/static/swagger-ui.css']) {
    t.equal((await service.call('GET', path, { key: null })).status, 404, path)
    t.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, path)
  }
  t.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200)
  const settings = `http://127.0.0.1:${port}/v1/sessions/9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71/settings`
  t.equal((await fetch(settings)).status, 401, 'calls need their credential there, too')
  t.equal((await fetch(settings, { headers: { authorization: `Bearer ${key}` } })).status, 200)
  t.equal(await service.end(), 0)
})

t.test('a port that is taken, or an address of another machine, is told in one line with what to do', async (t) => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const keys = { COATCHECK_API_KEYS: `shop:${hashOf(newApiKey('ops'))}` }
  const line = (env: NodeJS.ProcessEnv) => coatcheck(folder(t), ['serve'], { ...keys, ...env })
  const [taken, admin, elsewhere] = await Promise.all([
    line({ PORT: String(port) }),
    line({ PORT: '0', COATCHECK_ADMIN_PORT: String(port), COATCHECK_LOG_LEVEL: 'warn' }),
    line({ PORT: '0', HOST: '192.0.2.1' }),
  ])
  const way = 'Stop what listens there, or take another port'
  const of = `The service could not start: port ${port} of 127.0.0.1 is taken. ${way}`
  t.strictSame(taken, { code: 1, output: `${of}: PORT=<port>.\n`, lines: [`${of}: PORT=<port>.`] })
  t.equal(admin.output, `${of}: COATCHECK_ADMIN_PORT=<port>.\n`)
  t.match(elsewhere.output, /^The service could not start: .* has no address 192\.0\.2\.1\..*HOST=<address>\.\n$/)
})

t.test('a folder that this process may not use is told in one line', async (t) => {
  const file = join(folder(t), 'file')
  writeFileSync(file, '')
  const { code, output } = await coatcheck(folder(t), ['serve'], { PORT: '0', COATCHECK_STORE: `lmdb:${file}` })
  t.equal(code, 1)
  t.match(output, /^The configuration has a fault: COATCHECK_STORE: The folder \S+ can't be used.*may write\.\n$/)
})

t.test('a key file of a first start that cannot be read is told in one line', async (t) => {
  const data = folder(t)
  mkdirSync(join(data, 'authorization.header'))
  const { code, output } = await coatcheck(folder(t), ['serve'], { PORT: '0', COATCHECK_STORE: `lmdb:${data}` })
  t.equal(code, 1)
  t.match(output, /^The service could not start: \S+authorization\.header cannot be used \(EISDIR\).*\n$/)
})

t.test('until its first answer the service loads nothing that only later calls need', async (t) => {
  const path = folder(t)
  const noted = join(path, 'loaded.txt')
  const note = `process.on('exit', () => require('node:fs').writeFileSync('${noted}', Object.keys(require.cache).join('\\n')))`
  write(path, { 'note.cjs': note })
  const env = { NODE_OPTIONS: `--require=${join(path, 'note.cjs')}`, COATCHECK_STORE: `lmdb:${path}/data` }
  const service = await startService(t, env, COMPILED_CLI)
  t.equal(await service.end(), 0)
  const loaded = readFileSync(noted, 'utf8')
  t.match(loaded, '/node_modules/fastify/')
  // The compiler of checks comes right after it, since the next call may need that.
  t.notMatch(loaded, /node_modules\/(typebox|@fastify\/(static|swagger-ui|fast-json-stringify-compiler))\//)
})

t.test('a Node that is too old is told so, before any code is loaded that it cannot load', async (t) => {
  const old = "Object.defineProperty(process.versions, 'node', { value: '18.20.8' })"
  const args = ['--import', `data:text/javascript,${encodeURIComponent(old)}`, join(root, 'dist/cli.js'), 'serve']
  const { code, output } = await runProgram(process.execPath, args, { cwd: folder(t), env: environment({}) })
  t.strictSame([code, output], [1, 'Coatcheck needs Node 20.19 or later; this is 18.20.8.\n'])
  const imports = readFileSync(join(root, 'dist/cli.js'), 'utf8').match(/^import .*/gm) ?? []
  t.ok(imports.length === 1 && imports[0]?.includes('node:fs'), 'nothing of ours is imported before that')
})

t.test('the curl lines of a first start work as pasted, whatever the folder is called', async (t) => {
  const cwd = join(folder(t), "my app's $HOME")
  mkdirSync(cwd)
  const service = await startService(t, { COATCHECK_STORE: `lmdb:${join(cwd, 'some data')}`, COATCHECK_API_KEYS: '' })
  await until(() => service.output().includes('and this to read'), 'the lines are printed')
  const lines = service.output().match(/^ +curl .*/gm) ?? []
  t.equal(lines.length, 2)
  for (const line of lines) {
    t.notMatch(line, '--json', 'curl before 7.82 does not know it')
    const { output } = await runProgram('sh', ['-c', line.trim().replace(/^curl/, '"$CURL" --silent')], {
      cwd: root,
      env: environment({ CURL: process.env.CURL ?? 'curl' }),
    })
    t.equal(output, '{"theme":"dark"}', line)
  }
})
