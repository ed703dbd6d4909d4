/** Minting, renewing, and what a token is good for; see also token-scopes, token-keys and token-revocation. */
import t from 'tap'
import { drawId } from '../../src/store/layout/partition.ts'
import { POLICY } from '../helpers/app.ts'
import { ALL, KEY, onEachStore } from '../helpers/token-app.ts'

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())

onEachStore(t, async (t, { service, store, elapse }) => {
  const { call, begin, mint } = service
  const mintAnswer = (id: string, body: unknown) => call(KEY, 'POST', `/v1/sessions/${id}/tokens`, body)

  t.test('a token is answered as OAuth answers one, and kept by nobody', async (t) => {
    const minted = await mintAnswer(await begin(), { keys: ALL })
    t.equal(minted.status, 201)
    t.match(minted.json, { token_type: 'Bearer', expires_in: 900, scope: 'read write touch' })
    t.equal(minted.headers['cache-control'], 'no-store')
  })

  t.test('a token must say which keys it is for', async (t) => {
    const id = await begin()
    for (const body of [undefined, {}, { scope: 'read' }]) {
      const refused = await mintAnswer(id, body)
      t.equal(refused.status, 422)
      t.equal(refused.code, 'keys_required')
    }
    const half = await mint(id, { keys: { read: ['*'] } })
    t.equal((await call(half, 'PATCH', '/v1/sessions/current/settings', { theme: 'dark' })).code, 'key_not_allowed')
  })

  t.test('what is no request for a token is refused, and begins no session', async (t) => {
    const id = drawId()
    for (const [body, status] of [
      [{ keys: ALL, scope: 'read admin' }, 400],
      [{ keys: ALL, scope: '' }, 400],
      [{ keys: ALL, scope: ' ' }, 400],
      [{ keys: { read: 'theme' } }, 400],
      [{ keys: { read: [''] } }, 400],
      [{ keys: { all: ['*'] } }, 400],
      [{ keys: ALL, expiresInSeconds: 0 }, 400],
      [{ keys: ALL, expiresInSeconds: 1.5 }, 400],
      [{ keys: ALL, expiresInSeconds: 86_401 }, 400],
      [{ keys: ALL, more: true }, 400],
      [{ scope: 'read' }, 422],
    ] as const) {
      t.equal((await mintAnswer(id, body)).status, status, JSON.stringify(body))
    }
    t.equal((await call(KEY, 'GET', `/v1/sessions/${id}`)).status, 404)
  })

  t.test('a token that would be too long to be sent is not minted', async (t) => {
    const read = Array.from({ length: 64 }, (_, i) => `${i}-`.padEnd(250, 'x'))
    const refused = await mintAnswer(await begin(), { keys: { read } })
    t.equal(refused.status, 422)
    t.equal(refused.code, 'limit_exceeded')
  })

  t.test('a token lives as long as asked, and never longer than its session', async (t) => {
    const id = await begin({}, { lifetimeSeconds: 100 })
    t.equal((await mintAnswer(id, { keys: ALL, expiresInSeconds: 30 })).json.expires_in, 30)
    const longest = Number((await mintAnswer(id, { keys: ALL, expiresInSeconds: 3600 })).json.expires_in)
    t.ok(longest > 95 && longest <= 100, `${longest} s`)
    const renewable = claimsOf(await mint(id, { scope: 'renew', expiresInSeconds: 10 }))
    t.ok(Number(renewable.renewUntil) <= Number(renewable.iat) + 100, 'nor is it renewed beyond it')
  })

  t.test('the subject is in a token only if that was asked for, and no token is shown it otherwise', async (t) => {
    const id = await begin({ theme: 'dark' }, { subject: 'user-1@example.com' })
    const token = await mint(id)
    t.notMatch(claimsOf(token), { sub: String })
    t.equal(claimsOf(await mint(id, { subject: true })).sub, 'user-1@example.com')
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/touch'],
      ['GET', '/settings'],
    ] as const) {
      const answer = await call(token, method, `/v1/sessions/current${path}`)
      t.equal(answer.status, 200)
      t.notOk(answer.body.includes('user-1'), `${method} ${path}`)
      t.notOk('subject' in answer.json)
    }
    t.match((await call(KEY, 'GET', `/v1/sessions/${id}`)).json, { subject: 'user-1@example.com' })
  })

  t.test('a token for somebody else is not taken here', async (t) => {
    const token = await mint(await begin(), { audience: 'billing' })
    t.equal(claimsOf(token).aud, 'billing')
    t.equal((await call(token, 'GET', '/v1/sessions/current')).status, 401)
  })

  t.test('current is the session of the token; any other is not there, whether it is or not', async (t) => {
    const id = await begin({ theme: 'dark' })
    const another = await begin({ theme: 'light' })
    const token = await mint(id, { scope: 'read write take touch end renew' })
    t.match((await call(token, 'GET', '/v1/sessions/current')).json, { id, settings: { theme: 'dark' } })
    t.match((await call(token, 'GET', `/v1/sessions/${id.toUpperCase()}`)).json, { id })
    for (const other of [another, drawId()]) {
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['DELETE', '', undefined],
        ['POST', '/touch', undefined],
        ['POST', '/tokens', {}],
        ['GET', '/settings', undefined],
        ['PATCH', '/settings', { theme: 'x' }],
        ['GET', '/settings/theme', undefined],
        ['PUT', '/settings/theme', '"x"'],
        ['POST', '/settings/theme/take', undefined],
      ] as const) {
        const refused = await call(token, method, `/v1/sessions/${other}${path}`, body)
        t.equal(refused.status, 404, `${method} ${path}`)
        t.equal(refused.code, 'session_not_found')
      }
    }
    t.match((await call(KEY, 'GET', `/v1/sessions/${another}/settings`)).json, { theme: 'light' })
    t.equal((await call(KEY, 'GET', '/v1/sessions/current')).status, 400, 'an API key is of no session')
  })

  t.test('a session made by minting is unwritten and lives an hour unused, until its first write', async (t) => {
    const id = drawId()
    const token = await mint(id)
    t.match((await call(KEY, 'GET', `/v1/sessions/${id}`)).json, { revision: 0, etag: '0', idleTimeoutSeconds: 3600 })
    const first = await call(token, 'PATCH', '/v1/sessions/current/settings', { theme: 'dark' }, { 'if-match': '"0"' })
    t.equal(first.status, 201)
    t.match((await call(KEY, 'GET', `/v1/sessions/${id}`)).json, {
      revision: 1,
      idleTimeoutSeconds: POLICY.clocks.anonymous.idleTimeoutSeconds,
    })
    const long = drawId()
    await mint(long, { expiresInSeconds: 7200 })
    t.match((await call(KEY, 'GET', `/v1/sessions/${long}`)).json, { idleTimeoutSeconds: 7200 })
  })

  if (elapse)
    t.test('a token slides the idle clock only if it has touch', async (t) => {
      const id = await begin({ theme: 'dark' })
      const [user, watcher] = [await mint(id, { scope: 'read write touch' }), await mint(id, { scope: 'read write' })]
      const seen = async () => (await call(KEY, 'GET', `/v1/sessions/${id}?touch=false`)).json.lastSeenAt
      const before = await seen()
      elapse(120_000)
      await call(watcher, 'GET', '/v1/sessions/current/settings')
      await call(watcher, 'PATCH', '/v1/sessions/current/settings', { theme: 'light' })
      t.equal(await seen(), before)
      await call(user, 'GET', '/v1/sessions/current/settings')
      t.not(await seen(), before)
    })

  t.test('a token is renewed for the same', async (t) => {
    const id = await begin({ theme: 'dark' })
    const keys = { read: ['theme', 'cart-*'], write: ['theme'] }
    const token = await mint(id, { scope: 'read write renew', keys })
    for (const body of [undefined, {}, { scope: 'read write renew', keys }]) {
      const renewed = await call(token, 'POST', '/v1/sessions/current/tokens', body)
      t.equal(renewed.status, 201)
      t.equal(renewed.json.scope, 'read write renew')
      const claims = claimsOf(String(renewed.json.access_token))
      t.match(claims, { keys, renewUntil: claimsOf(token).renewUntil }, 'also until the same time')
      t.not(claims.jti, claimsOf(token).jti)
    }
  })

  t.test('a token is renewed for less, and what was given up does not come back', async (t) => {
    const id = await begin({ theme: 'dark' })
    const token = await mint(id, { scope: 'read write renew', keys: { read: ['cart-*', 'theme'], write: ['theme'] } })
    const less = await call(token, 'POST', '/v1/sessions/current/tokens', {
      scope: 'read renew',
      keys: { read: ['cart-1*'], write: [] },
    })
    t.equal(less.status, 201)
    const narrow = String(less.json.access_token)
    for (const body of [
      { scope: 'read write renew' },
      { keys: { read: ['cart-*'] } },
      { keys: { read: ['theme'] } },
      { keys: { write: ['theme'] } },
    ]) {
      t.equal((await call(narrow, 'POST', '/v1/sessions/current/tokens', body)).status, 403, JSON.stringify(body))
    }
  })

  t.test('a token is never renewed for more', async (t) => {
    const id = await begin({ theme: 'dark' }, { subject: 'user-1' })
    const token = await mint(id, { scope: 'read renew', keys: { read: ['cart-*', 'a**'], write: ['theme'] } })
    for (const body of [
      { scope: 'read write' },
      { scope: 'end' },
      { keys: ALL },
      { keys: { read: ['*'] } },
      { keys: { read: ['cart*'] } },
      { keys: { read: ['cart-*', 'role'] } },
      { keys: { read: ['a*'] } },
      { keys: { write: ['theme*'] } },
      { audience: 'billing' },
      { subject: true },
    ]) {
      const refused = await call(token, 'POST', '/v1/sessions/current/tokens', body)
      t.equal(refused.status, 403, JSON.stringify(body))
      t.equal(refused.code, 'insufficient_scope')
    }
  })

  if (elapse)
    t.test('a token is not renewed beyond a day after it was minted', async (t) => {
      let token = await mint(await begin(), { scope: 'read renew', expiresInSeconds: 50_000 })
      const { renewUntil } = claimsOf(token)
      elapse(49_000_000)
      const renewed = await call(token, 'POST', '/v1/sessions/current/tokens', { expiresInSeconds: 86_400 })
      token = String(renewed.json.access_token)
      t.equal(claimsOf(token).exp, renewUntil, 'nor does it live longer')
      elapse(Number(renewUntil) * 1000 - store.now())
      t.equal((await call(token, 'POST', '/v1/sessions/current/tokens')).status, 401)
    })

  if (elapse)
    t.test('a token of a session that has expired is of a life that is over, and begins none', async (t) => {
      const id = await begin({ theme: 'dark' }, { idleTimeoutSeconds: 60 })
      const token = await mint(id, { scope: 'read write take touch end renew' })
      elapse(120_000)
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['GET', '/settings', undefined],
        ['PATCH', '/settings', { theme: 'x' }],
        ['PUT', '/settings/theme', '"x"'],
        ['DELETE', '/settings/theme', undefined],
        ['POST', '/settings/n/increment', {}],
        ['POST', '/settings/theme/take', undefined],
        ['POST', '/touch', undefined],
        ['POST', '/tokens', {}],
        ['DELETE', '', undefined],
      ] as const) {
        const refused = await call(token, method, `/v1/sessions/current${path}`, body)
        t.equal(refused.status, 401, `${method} ${path}`)
        t.equal(refused.code, 'session_over')
        t.match(String(refused.headers['www-authenticate']), 'error="invalid_token"')
      }
      t.equal((await call(KEY, 'GET', `/v1/sessions/${id}`)).status, 404)
    })
})
