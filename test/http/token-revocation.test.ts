/** Taking back: what ends a token, that it ends at once and for good, and what others are told of it. */
import fc from 'fast-check'
import t from 'tap'
import { drawId } from '../../src/store/layout/partition.ts'
import { type Answer, FORM, KEY, OTHER_KEY, onEachStore, type Service } from '../helpers/token-app.ts'

const SCOPE = 'read write take touch end renew'
const TYPE = { 'content-type': FORM }

/** Every kind of call that a token can make. */
const CALLS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', ''],
  ['GET', '/settings'],
  ['GET', '/settings/theme'],
  ['PATCH', '/settings', { theme: 'late' }],
  ['PATCH', '/settings', { theme: { nested: 'late' } }],
  ['PUT', '/settings/theme', '"late"'],
  ['DELETE', '/settings/theme'],
  ['POST', '/settings/theme/take'],
  ['POST', '/settings/count/increment', {}],
  ['POST', '/touch'],
  ['POST', '/tokens', {}],
]

onEachStore(t, async (t, { service, another, elapse }) => {
  const { call, begin, mint } = service

  const everyCall = async (on: Service, token: string, check: (answer: Answer, title: string) => void) => {
    for (const [method, path, body] of CALLS) {
      check(await on.call(token, method, `/v1/sessions/current${path}`, body), `${method} ${path}`)
    }
  }

  const is = (t: Tap, status: number, code: string) => (answer: Answer, title: string) => {
    t.equal(answer.status, status, title)
    t.equal(answer.code, code, title)
  }
  type Tap = Parameters<Parameters<typeof onEachStore>[1]>[0]

  t.test('a token that one instance minted is good on another', async (t) => {
    const token = await mint(await begin({ theme: 'dark' }), { scope: SCOPE })
    t.same((await another.call(token, 'GET', '/v1/sessions/current/settings')).json, { theme: 'dark' })
  })

  t.test('DELETE of the tokens makes all of them void at once, on every instance; the session lives on', async (t) => {
    const id = await begin({ theme: 'dark', count: 1 })
    const tokens = [await mint(id, { scope: SCOPE }), await mint(id, { scope: SCOPE })]
    for (const token of tokens) t.equal((await another.call(token, 'GET', '/v1/sessions/current')).status, 200)
    t.equal((await call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)).status, 204)
    for (const token of tokens) {
      await everyCall(service, token, is(t, 401, 'invalid_credential'))
      await everyCall(another, token, is(t, 401, 'invalid_credential'))
      is(t, 401, 'invalid_credential')(await call(token, 'DELETE', '/v1/sessions/current'), 'end')
    }
    t.same((await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json, { theme: 'dark', count: 1 })
    t.equal((await call(await mint(id), 'GET', '/v1/sessions/current')).status, 200, 'a new one is good')
  })

  t.test('the tokens of a session that is not there cannot be made void', async (t) => {
    t.equal((await call(KEY, 'DELETE', `/v1/sessions/${drawId()}/tokens`)).status, 404)
    const id = await begin()
    await call(KEY, 'DELETE', `/v1/sessions/${id}`)
    t.equal((await call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)).status, 410)
  })

  t.test('after the session was ended every call with its tokens is 410', async (t) => {
    const id = await begin({ theme: 'dark' })
    const token = await mint(id, { scope: SCOPE })
    t.equal((await another.call(token, 'GET', '/v1/sessions/current')).status, 200)
    t.equal((await call(KEY, 'DELETE', `/v1/sessions/${id}`)).status, 204)
    await everyCall(service, token, is(t, 410, 'session_gone'))
    await everyCall(another, token, is(t, 410, 'session_gone'))
    t.equal((await call(KEY, 'POST', `/v1/sessions/${id}/tokens`, { keys: { read: ['*'] } })).status, 410)
  })

  t.test('a token may end its own session', async (t) => {
    const id = await begin({ theme: 'dark' })
    const token = await mint(id, { scope: 'end' })
    t.equal((await call(token, 'DELETE', '/v1/sessions/current')).status, 204)
    t.equal((await call(token, 'DELETE', '/v1/sessions/current')).status, 204, 'also the second time')
    t.equal((await call(KEY, 'GET', `/v1/sessions/${id}`)).status, 410)
  })

  if (elapse)
    t.test('a token of an old life never works on a new one under the same id', async (t) => {
      const id = await begin({ theme: 'dark' }, { idleTimeoutSeconds: 60 })
      const token = await mint(id, { scope: SCOPE })
      elapse(120_000)
      t.equal((await call(KEY, 'PUT', `/v1/sessions/${id}/settings/theme`, '"new"')).status, 201)
      await everyCall(service, token, is(t, 401, 'session_over'))
      is(t, 401, 'session_over')(await call(token, 'DELETE', '/v1/sessions/current'), 'end')
      t.same((await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json, { theme: 'new' })
    })

  t.test('a key that is retired takes its tokens along at once, and on the others when they have looked', async (t) => {
    const id = await begin({ theme: 'dark' })
    const token = await mint(id)
    t.equal((await another.call(token, 'GET', '/v1/sessions/current')).status, 200)
    await service.signingKeys.retire((await service.signingKeys.current()).kid)
    t.equal((await call(token, 'GET', '/v1/sessions/current')).status, 401)
    await another.signingKeys.refresh()
    t.equal((await another.call(token, 'GET', '/v1/sessions/current')).status, 401)
    t.equal((await another.call(await mint(id), 'GET', '/v1/sessions/current')).status, 200)
  })

  t.test('no write lands after a revocation was answered', async (t) => {
    for (let round = 0; round < 20; round++) {
      const id = await begin({ count: 0 })
      const token = await mint(id, { scope: SCOPE })
      let landed = 0
      let isOver = false
      const writer = async (on: Service): Promise<void> => {
        for (let i = 0; i < 50; i++) {
          const begunAfter = isOver
          const { status } = await on.call(token, 'POST', '/v1/sessions/current/settings/count/increment', {})
          if (status === 200) landed += 1
          if (status === 200 && begunAfter) throw new Error('A write landed after the revocation was answered.')
          if (status !== 200) return t.equal(status, 401) ? undefined : Promise.reject(new Error(String(status)))
        }
      }
      const revoke = async (): Promise<unknown> => {
        const { status } = await call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)
        isOver = true
        t.equal(status, 204)
        return (await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json.count
      }
      const [seen] = await Promise.all([revoke(), writer(service), writer(another)])
      const { count } = (await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json
      t.equal(count, seen, 'what was there right after is what stays')
      t.equal(count, landed, 'and every write that was answered 200 is in it')
    }
  })

  const introspect = async (key: string, token: string, on = service) =>
    (await on.call(key, 'POST', '/v1/introspect', new URLSearchParams({ token }).toString(), TYPE)).json

  t.test('introspection tells a service what a token is good for', async (t) => {
    const id = await begin({ theme: 'dark' }, { subject: 'user-1' })
    const keys = { read: ['theme'], write: [] }
    const token = await mint(id, { scope: 'read', keys })
    const answer = await call(KEY, 'POST', '/v1/introspect', `token=${token}&token_type_hint=access_token`, TYPE)
    t.equal(answer.status, 200)
    t.match(answer.json, { active: true, scope: 'read', sid: id, keys, exp: Number })
    t.equal(answer.headers['cache-control'], 'no-store')
  })

  t.test('of a token that is not good introspection says that alone', async (t) => {
    const id = await begin({ theme: 'dark' })
    const token = await mint(id)
    t.same(await introspect(OTHER_KEY, token), { active: false }, 'of another namespace')
    for (const text of ['x', 'a.b.c', `${token}x`, KEY, 'x'.repeat(9000)]) {
      t.same(await introspect(KEY, text), { active: false }, text.slice(0, 10))
    }
    await call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)
    t.same(await introspect(KEY, token), { active: false }, 'revoked')
    t.same(await introspect(KEY, token, another), { active: false }, 'revoked, on another instance')
    const ended = await mint(id)
    await call(KEY, 'DELETE', `/v1/sessions/${id}`)
    t.same(await introspect(KEY, ended), { active: false }, 'of a session that was ended')
    if (!elapse) return
    const expired = await mint(await begin(), { expiresInSeconds: 5 })
    elapse(5000)
    t.same(await introspect(KEY, expired), { active: false }, 'expired')
  })

  t.test("revocation of one token takes the session's others along", async (t) => {
    const id = await begin({ theme: 'dark' })
    const [one, two] = [await mint(id), await mint(id)]
    const foreign = await call(OTHER_KEY, 'POST', '/v1/revoke', `token=${one}`, TYPE)
    t.equal(foreign.status, 200)
    t.equal((await call(one, 'GET', '/v1/sessions/current')).status, 200, 'another namespace revokes nothing')
    const revoked = await call(KEY, 'POST', '/v1/revoke', `token=${one}`, TYPE)
    t.equal(revoked.status, 200)
    t.equal(revoked.body, '')
    for (const token of [one, two]) t.equal((await another.call(token, 'GET', '/v1/sessions/current')).status, 401)

    const fresh = await mint(id)
    t.equal((await call(KEY, 'POST', '/v1/revoke', `token=${one}`, TYPE)).status, 200)
    t.equal((await call(fresh, 'GET', '/v1/sessions/current')).status, 200, 'a void token revokes nothing')
  })

  t.test('what is no token is void already', async (t) => {
    for (const token of ['x', 'a.b.c', 'x'.repeat(9000), '%00']) {
      t.equal((await call(KEY, 'POST', '/v1/revoke', `token=${token}`, TYPE)).status, 200)
    }
  })

  for (const path of ['/v1/introspect', '/v1/revoke']) {
    t.test(`${path} takes forms and nothing else`, async (t) => {
      t.equal((await call(KEY, 'POST', path, { token: 'x' })).status, 415)
      t.equal((await call(KEY, 'POST', path, 'token=x', { 'content-type': 'text/plain' })).status, 415)
      const charset = { 'content-type': `${FORM}; charset=utf-8` }
      t.equal((await call(KEY, 'POST', path, 'token=x', charset)).status, 200)
      for (const body of ['other=x', 'token=x&token=y']) {
        t.equal((await call(KEY, 'POST', path, body, TYPE)).status, 400, body)
      }
      t.equal((await call(KEY, 'POST', path, undefined, TYPE)).status, 400, 'no body')
      t.equal((await call(KEY, 'POST', path, `token=${'x'.repeat(1_000_000)}`, TYPE)).status, 413)
      t.equal((await call(KEY, 'POST', path, 'token=x&__proto__=y', TYPE)).status, 200)
    })
  }

  t.test('no other call takes a form', async (t) => {
    const id = await begin()
    t.equal((await call(KEY, 'PATCH', `/v1/sessions/${id}/settings`, 'theme=x', TYPE)).status, 415)
    t.equal((await call(KEY, 'POST', `/v1/sessions/${id}/tokens`, 'scope=read', TYPE)).status, 415)
  })

  t.test('the public keys are there for everybody, for five minutes, and nothing private is in them', async (t) => {
    const answer = await service.app.inject('/.well-known/jwks.json')
    t.equal(answer.statusCode, 200)
    t.match(String(answer.headers['cache-control']), /\bmax-age=300\b/)
    const { keys } = answer.json() as { keys: Record<string, unknown>[] }
    t.ok(keys.length > 0)
    for (const key of keys) {
      t.match(key, { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: String, x: String })
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) t.notOk(member in key, member)
    }
    const kid = JSON.parse(Buffer.from((await mint(await begin())).split('.')[0] as string, 'base64url').toString()).kid
    t.ok(keys.some((key) => key.kid === kid))
  })

  t.test('a bad token is never taken for anybody, and two credentials are none', async (t) => {
    const token = await mint(await begin())
    for (const text of ['', 'x', `${token} ${token}`, `${KEY},${token}`, 'x'.repeat(9000)]) {
      const refused = await call(text, 'GET', '/v1/sessions/current')
      t.equal(refused.status, 401, text.slice(0, 10))
      t.match(String(refused.headers['www-authenticate']), 'Bearer')
    }
  })

  /** What may happen to a session, and whether its tokens are void after, also if there is a session. */
  const EVENTS: Record<string, { isEnd?: true; happen: (id: string) => Promise<unknown> }> = {
    write: { happen: (id) => call(KEY, 'PATCH', `/v1/sessions/${id}/settings`, { theme: 'dark' }) },
    overwrite: {
      happen: (id) => call(KEY, 'PUT', `/v1/sessions/${id}/settings`, {}, { 'if-match': '*' }),
    },
    revoke: { isEnd: true, happen: (id) => another.call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`) },
    end: { isEnd: true, happen: (id) => another.call(KEY, 'DELETE', `/v1/sessions/${id}`) },
    rotate: { isEnd: true, happen: (id) => another.call(KEY, 'POST', `/v1/sessions/${id}/rotate`, {}) },
    begin: { happen: (id) => call(KEY, 'POST', '/v1/sessions', { id, idleTimeoutSeconds: 60 }) },
    ...(elapse && {
      expire: { happen: async () => elapse(90_000) },
      // The tokens expire as well.
      lapse: { isEnd: true, happen: async () => elapse(86_400_000) },
    }),
  }

  t.test('no sequence of endings and rewritings lets a token of an old life in', async (t) => {
    const events = fc.array(fc.constantFrom(...Object.keys(EVENTS)), { minLength: 1, maxLength: 8 })
    let wereGood = 0
    await fc.assert(
      fc.asyncProperty(events, async (names) => {
        const id = await begin({ theme: 'light' }, { idleTimeoutSeconds: 60 })
        const tokens = [{ token: await mint(id, { scope: 'read write', expiresInSeconds: 86_400 }), isGood: true }]
        for (const name of names) {
          const event = EVENTS[name]
          await event?.happen(id)
          // What is not the same session any more never is again, whatever comes after.
          const isThere = (await call(KEY, 'GET', `/v1/sessions/${id}?touch=false`)).status === 200
          for (const one of tokens) if (event?.isEnd || !isThere) one.isGood = false
          for (const { token, isGood } of tokens) {
            const on = isGood ? service : another
            const { status } = await on.call(token, 'PATCH', '/v1/sessions/current/settings', { late: name })
            if (isGood ? status >= 300 : status !== 401 && status !== 410) throw new Error(`${name}: ${status}`)
            if (isGood) wereGood++
          }
          if (isThere) {
            const fresh = await mint(id, { scope: 'read write', expiresInSeconds: 86_400 })
            tokens.push({ token: fresh, isGood: true })
          }
        }
      }),
      { numRuns: 40 },
    )
    t.ok(wereGood > 20, `${wereGood} writes of good tokens`)
  })
})
