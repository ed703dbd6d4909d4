/** Cookies: how a browser gets one, what it is good for, what ends it, and what is never taken for one. */
import { createHmac } from 'node:crypto'
import t from 'tap'
import { createCookieSecrets, fixedCookieSecrets } from '../../src/domain/credentials/cookie-secrets.ts'
import { drawId } from '../../src/store/layout/partition.ts'
import { exchange as exchangeBytes, head, type RawAnswer } from '../helpers/raw-http.ts'
import {
  ALL,
  type Answer,
  type Credential,
  cookieIn,
  KEY,
  OTHER_KEY,
  onEachStore,
  PAGE,
  type Service,
  startService,
} from '../helpers/token-app.ts'

const WIDE = { keys: ALL, origins: [PAGE, 'https://admin.app.example'] }
const THIRD_PAGE = 'https://third.example'

/** What a test makes narrower it makes wide again; the namespace `bare` has no rule, and `third` an origin of its own. */
const browsers = { app: WIDE as typeof WIDE | null, other: { keys: ALL, origins: [THIRD_PAGE] } }

const SCOPE = 'read write take touch end renew cookie'
const SETTINGS = '/v1/sessions/current/settings'
const DAY_MS = 86_400_000

type Content = Record<string, unknown>
type Headers = Record<string, string>

const contentOf = (cookie: string): Content =>
  JSON.parse(Buffer.from(cookie.split('=')[1]?.split('.')[0] as string, 'base64url').toString())

/** A cookie with this content, signed as ours are. */
const forge = (content: unknown, secret: string, name = '__Host-coatcheck-app'): string => {
  const text = Buffer.from(JSON.stringify(content)).toString('base64url')
  return `${name}=${text}.${createHmac('sha256', secret).update(text).digest('base64').replaceAll('=', '')}`
}

onEachStore(
  t,
  async (t, { service, another, store, elapse }) => {
    const { call, begin, mint, exchange } = service
    type Tap = typeof t

    const get = (credential: Credential, on: Service = service) => on.call(credential, 'GET', '/v1/sessions/current')

    /** Sends these cookies, to the letter, and nothing else. */
    const send = (cookie: string, method = 'GET', headers: Headers = {}): Promise<Answer> =>
      call(null, method, method === 'GET' ? SETTINGS : `${SETTINGS}/theme`, method === 'GET' ? undefined : '"x"', {
        cookie,
        ...headers,
      })

    const url = new URL(await service.app.listen({ host: '127.0.0.1', port: 0 }))

    /** Reads the settings with these header lines, among which a name may come twice. */
    const sendLines = (...lines: readonly string[]): Promise<RawAnswer> =>
      exchangeBytes(
        Number(url.port),
        head(`GET ${SETTINGS} HTTP/1.1`, `Host: ${url.host}`, ...lines, 'Connection: close'),
      )

    const isRefused = (t: Tap, answer: Answer, status: number, code: string, title: string, secret = ''): void => {
      t.equal(answer.status, status, title)
      t.equal(answer.code, code, title)
      if (secret !== '') t.notOk(JSON.stringify(answer).includes(secret.slice(-40)), `${title}: it is not quoted`)
    }

    /** That the browser is told to forget these cookies, and no others. */
    const isCleared = (t: Tap, { headers }: Answer, names: readonly string[]): void => {
      const lines = [headers['set-cookie'] ?? []].flat() as string[]
      t.same(
        lines.map((line) => line.split('=')[0]),
        names,
      )
      for (const line of lines) {
        const [pair, ...attributes] = line.split('; ')
        t.match(pair, /^[^=]+=$/)
        for (const one of ['Max-Age=0', 'Path=/', 'HttpOnly', 'Secure']) t.ok(attributes.includes(one), one)
        t.ok(attributes.some((one) => one.startsWith('Expires=Thu, 01 Jan 1970')))
      }
    }

    const give = async (scope = SCOPE, settings: object = { theme: 'dark', role: 'user' }, keys: object = ALL) => {
      const id = await begin(settings as Record<string, unknown>)
      const token = await mint(id, { scope, keys })
      const held = await exchange(token)
      return { id, token, held, ...held }
    }

    t.test('a token is exchanged for a cookie that no script can read and that goes nowhere else', async (t) => {
      const id = await begin({ theme: 'dark' }, { lifetimeSeconds: 5000 })
      const token = await mint(id, { scope: SCOPE, expiresInSeconds: 60 })
      const given = await call(token, 'POST', '/v1/cookie', undefined, { origin: PAGE })
      t.equal(given.status, 204)
      t.equal(given.body, '')
      t.equal(given.headers['cache-control'], 'no-store')
      const [value, ...attributes] = String(given.headers['set-cookie']).split('; ')
      t.match(value, /^__Host-coatcheck-app=[\w.+/-]+$/)
      const maxAge = Number(attributes.find((one) => one.startsWith('Max-Age='))?.slice(8))
      t.ok(maxAge > 4990 && maxAge <= 5000, `as long as the session can live, not as the token: ${maxAge}`)
      t.same(attributes.filter((one) => !one.startsWith('Max-Age=')).sort(), [
        'HttpOnly',
        'Path=/',
        'SameSite=Lax',
        'Secure',
      ])
    })

    t.test('a cookie is good on every instance for what the token was good for', async (t) => {
      const { id, held } = await give()
      for (const on of [service, another]) {
        t.match((await get(held, on)).json, { id, settings: { role: 'user' } })
        t.equal((await on.call(held, 'PATCH', SETTINGS, { theme: 'light' })).status, 204)
        t.same((await on.call(held, 'GET', SETTINGS, undefined, {})).json, { theme: 'light', role: 'user' })
      }
      const { id: other } = await give()
      t.equal((await call(held, 'GET', `/v1/sessions/${other}`)).status, 404, 'and for this session alone')
      const reader = await exchange(await mint(id, { scope: 'read cookie', keys: { read: ['theme'] } }))
      t.same((await call(reader, 'GET', SETTINGS)).json, { theme: 'light' })
      t.equal((await call(reader, 'PATCH', SETTINGS, { theme: 'x' })).code, 'insufficient_scope')
      t.equal((await call(reader, 'GET', `${SETTINGS}/role`)).code, 'key_not_allowed')
    })

    t.test('also one that another instance has never heard of the secret of', async (t) => {
      // It has not looked at the store since it started: there was nothing to look at then.
      const cookieSecrets = { ...createCookieSecrets(store), refresh: async () => {} }
      const fresh = await startService(store, { browsers, cookieSecrets })
      const { held } = await give()
      t.equal((await get(held, fresh)).status, 200)
      await fresh.close()
    })

    t.test('no cookie without the scope, an allowed page, a browser rule, and a token that is good', async (t) => {
      const ask = (credential: Credential, headers: Headers) =>
        call(credential, 'POST', '/v1/cookie', undefined, headers)
      const { id, token, held } = await give()
      const none = async (answer: Promise<Answer>, status: number, code: string, title: string): Promise<void> => {
        isRefused(t, await answer, status, code, title)
        t.equal((await answer).headers['set-cookie'], undefined, title)
      }
      const page = { origin: PAGE }
      await none(ask(await mint(id, { scope: 'read write' }), page), 403, 'insufficient_scope', 'no scope')
      await none(ask(KEY, page), 403, 'insufficient_scope', 'an API key')
      await none(ask(held, page), 403, 'insufficient_scope', 'a cookie')
      await none(ask(null, page), 401, 'credential_required', 'nothing')
      for (const headers of [
        {},
        { origin: 'null' },
        { origin: THIRD_PAGE },
        { origin: `${PAGE}.evil.example` },
        { origin: PAGE.toUpperCase() },
        { origin: `${PAGE}:8443` },
        { origin: `${PAGE}, ${PAGE}` },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site', origin: THIRD_PAGE },
        { 'sec-fetch-site': 'none' },
        { referer: `${PAGE}/` },
      ]) {
        await none(ask(token, headers as Headers), 403, 'origin_not_allowed', JSON.stringify(headers))
      }
      t.equal((await ask(token, { 'sec-fetch-site': 'same-origin' })).status, 204)
      browsers.app = null
      await none(ask(token, { ...page, 'sec-fetch-site': 'same-origin' }), 403, 'origin_not_allowed', 'no rule')
      browsers.app = WIDE
      await call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)
      await none(ask(token, page), 401, 'invalid_credential', 'revoked')
      const ended = await mint(id, { scope: SCOPE })
      await call(KEY, 'DELETE', `/v1/sessions/${id}`)
      await none(ask(ended, page), 410, 'session_gone', 'ended')
    })

    t.test('a cookie that no browser would keep is not given', async (t) => {
      const read = Array.from({ length: 64 }, (_, i) => `${i}-`.padEnd(60, 'x'))
      const token = await mint(await begin(), { scope: SCOPE, keys: { read } })
      const refused = await call(token, 'POST', '/v1/cookie', undefined, { origin: PAGE })
      isRefused(t, refused, 422, 'limit_exceeded', 'too long')
      t.equal(refused.json.limit, 4096)
    })

    t.test('it says what the token said, and nothing newer or wider', async (t) => {
      const id = await begin({}, { subject: 'user-1@example.com' })
      const keys = { read: ['a', 'b-*'], write: ['a'] }
      const token = await mint(id, { scope: 'read renew cookie', keys, subject: true })
      const claims = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
      const { cookie } = await exchange(token)
      const { exp, jti, ...content } = contentOf(cookie)
      const { life, gen, renewUntil } = claims
      t.same(content, { v: 1, ns: 'app', sid: id, life, gen, scope: 'read renew cookie', keys, renewUntil })
      t.ok(Number(exp) > Number(claims.exp) && jti !== claims.jti)
      t.not(jti, contentOf((await exchange(token)).cookie).jti, 'two are told apart')
    })

    t.test('a call that changes something has to come from a page of an allowed origin', async (t) => {
      const { id, cookie } = await give()
      const before = await call(KEY, 'GET', `/v1/sessions/${id}/settings`)
      const calls: [string, string, unknown?][] = [
        ['PATCH', SETTINGS, { theme: 'x' }],
        ['PUT', `${SETTINGS}/theme`, '"x"'],
        ['DELETE', `${SETTINGS}/theme`],
        ['POST', `${SETTINGS}/theme/take`],
        ['POST', '/v1/sessions/current/touch'],
        ['POST', '/v1/sessions/current/tokens', {}],
        ['DELETE', '/v1/sessions/current'],
        ['DELETE', '/v1/cookie'],
      ]
      const foreign: Headers[] = [{}, { origin: THIRD_PAGE }, { origin: 'null' }, { 'sec-fetch-site': 'same-site' }]
      for (const headers of foreign) {
        for (const [method, path, body] of calls) {
          const refused = await call(null, method, path, body, { cookie, ...headers })
          isRefused(t, refused, 403, 'origin_not_allowed', `${method} ${path} ${JSON.stringify(headers)}`, cookie)
        }
        for (const method of ['GET', 'HEAD']) {
          const seen = await call(null, method, SETTINGS, undefined, { cookie, ...headers })
          t.equal(seen.status, 200, `${method} changes nothing`)
        }
      }
      t.equal((await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).etag, before.etag, 'nothing was done')
      const own: Headers[] = [...WIDE.origins.map((origin) => ({ origin })), { 'sec-fetch-site': 'same-origin' }]
      for (const headers of own) {
        t.equal((await send(cookie, 'PUT', headers)).status, 204, JSON.stringify(headers))
      }
    })

    t.test('what was tampered with, or is no cookie of ours, is refused', async (t) => {
      const { id, cookie, token } = await give()
      const [name, value] = cookie.split('=') as [string, string]
      const [text, signature] = value.split('.') as [string, string]
      const { secret } = await service.cookieSecrets.current()
      const content = contentOf(cookie)
      t.equal((await send(forge(content, secret))).status, 200, 'a forgery that is right in every respect')
      const { exp: _exp, ...endless } = content
      const cases: Record<string, string> = {
        empty: `${name}=`,
        'without a value': name,
        'a bare dot': `${name}=.`,
        'no signature': `${name}=${text}`,
        'an empty signature': `${name}=${text}.`,
        'a character more': `${cookie}A`,
        'a character less': cookie.slice(0, -1),
        'padding more': `${cookie}=`,
        'in quotes': `${name}="${value}"`,
        'percent-encoded': `${name}=${encodeURIComponent(value).replace('.', '%2E')}`,
        'its parts the other way': `${name}=${signature}.${text}`,
        'a token in its place': `${name}=${token}`,
        'of 1 MB': `${name}=${'x'.repeat(1_000_000)}`,
        'in other letters': cookie.toLowerCase().replace('__host', '__Host'),
        'of another namespace by name': `__Host-coatcheck-other=${value}`,
        'of no namespace by name': `__Host-coatcheck-=${value}`,
        'of another namespace inside': forge({ ...content, ns: 'other' }, secret),
        'of another secret': forge(content, 'another'),
        'of an empty secret': forge(content, ''),
        'of another version': forge({ ...content, v: 2 }, secret),
        'with a wider scope': forge({ ...content, scope: `${content.scope} admin` }, secret),
        'without an end': forge(endless, secret),
        'with an end of 1e300': forge({ ...content, exp: 1e300 }, secret),
        'with an end that is a text': forge({ ...content, exp: `${content.exp}` }, secret),
        'that has ended': forge({ ...content, exp: Math.floor(store.now() / 1000) - 1 }, secret),
        'that is null': forge(null, secret),
        'with rules of another form': forge({ ...content, keys: '*' }, secret),
      }
      for (let i = 0; i < value.length; i += 7) {
        const changed = value[i] === 'A' ? 'B' : 'A'
        cases[`another character at ${i}`] = `${name}=${value.slice(0, i)}${changed}${value.slice(i + 1)}`
      }
      for (const [what, tampered] of Object.entries(cases)) {
        isRefused(t, await send(tampered), 401, 'invalid_credential', what, tampered)
      }
      isRefused(t, await call(value, 'GET', SETTINGS), 401, 'invalid_credential', 'a cookie as a bearer')
      for (const other of [
        '',
        'a=b',
        cookie.replace('__Host-', ''),
        cookie.replace('__H', '__h'),
        'a="__Host-coatcheck-app=x"',
      ]) {
        isRefused(t, await send(other), 401, 'credential_required', 'of another name it is none of ours')
      }
      t.equal((await call(KEY, 'GET', `/v1/sessions/${id}`)).status, 200)
    })

    t.test('two cookies of ours are no better than none; those of others do not matter', async (t) => {
      const { cookie } = await give()
      const other = cookie.replace('coatcheck-app', 'coatcheck-other')
      const { cookie: second } = await give()
      for (const sent of [
        `${cookie}; ${cookie}`,
        `${cookie};${cookie}`,
        `${cookie}; ${second}`,
        `${cookie}; ${other}`,
        `${cookie}; __Host-coatcheck-app`,
        `${cookie}; __Host-coatcheck-app=`,
      ]) {
        const answer = await send(sent)
        isRefused(t, answer, 401, 'invalid_credential', String(sent.length), cookie)
        const names = new Set(sent.split(';').map((one) => one.trim().split('=')[0]))
        isCleared(t, answer, [...names] as string[])
      }
      const odd = await send(`${cookie}; __Host-coatcheck-"a b"=x`)
      isCleared(t, odd, ['__Host-coatcheck-app'])
      for (const sent of [`a=b; ${cookie}; c=d`, `;;${cookie};`, `coatcheck-app=x; ${cookie}`]) {
        t.equal((await send(sent)).status, 200)
      }
      const line = `Cookie: ${cookie}`
      for (const other of [line, `Cookie: a=b; ${second}`]) {
        const answer = await sendLines(line, other)
        t.match(answer, { status: 401, text: /"code":"invalid_credential"/ }, 'on lines of their own')
      }
      t.equal((await sendLines('Cookie: a=b', line)).status, 200)
    })

    t.test('Authorization wins, good or bad, and the cookie is not looked at', async (t) => {
      const { cookie } = await give()
      const { id, token } = await give()
      const both = async (authorization: string, sent: string, method = 'GET') =>
        call(
          null,
          method,
          method === 'GET' ? '/v1/sessions/current' : `${SETTINGS}/theme`,
          method === 'GET' ? undefined : '"x"',
          {
            authorization,
            cookie: sent,
          },
        )
      t.equal((await both(`Bearer ${token}`, cookie)).json.id, id, 'the session of the token')
      t.equal((await both(`Bearer ${token}`, `${cookie}; ${cookie}`)).json.id, id, 'also with two cookies')
      t.equal((await both(`Bearer ${token}`, `${cookie}x`)).json.id, id, 'or a bad one')
      t.equal((await both(`Bearer ${token}`, cookie, 'PUT')).status, 204, 'and no origin is asked for')
      for (const bad of ['', 'Bearer', 'Bearer x', 'Basic x', `Bearer ${token}x`, `Bearer ${KEY}x`]) {
        isRefused(
          t,
          await both(bad, cookie),
          401,
          'invalid_credential',
          `a bad bearer does not fall back: ${bad.slice(0, 12)}`,
        )
      }
      const line = `Authorization: Bearer ${token}`
      t.equal((await sendLines(line, `Cookie: ${cookie}`)).status, 200)
      const twice = await sendLines(line, line, `Cookie: ${cookie}`)
      t.match(twice, { status: 401, text: /"code":"invalid_credential"/ }, 'two of them are as one that is bad')
      await call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)
      isRefused(t, await both(`Bearer ${token}`, cookie), 401, 'invalid_credential', 'nor does a revoked one')
    })

    t.test('a revocation and the end of the session end its cookies at once, on every instance', async (t) => {
      const { id, held } = await give()
      for (const on of [service, another]) t.equal((await get(held, on)).status, 200)
      await call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)
      for (const on of [service, another]) {
        isRefused(t, await get(held, on), 401, 'invalid_credential', 'revoked')
        isRefused(t, await on.call(held, 'PATCH', SETTINGS, { theme: 'x' }), 401, 'invalid_credential', 'a write')
      }
      const next = await exchange(await mint(id, { scope: SCOPE }))
      t.equal((await get(next)).status, 200, 'a new one is good')
      t.equal((await call(next, 'DELETE', '/v1/sessions/current')).status, 204, 'it may log out')
      for (const on of [service, another]) isRefused(t, await get(next, on), 410, 'session_gone', 'ended')
    })

    t.test('what the browser rule takes away a cookie has lost at once, and gets no more than it had', async (t) => {
      const { held } = await give(
        SCOPE,
        { theme: 'dark', role: 'user', 'cart-1': 1 },
        {
          read: ['theme', 'role', 'cart-*'],
          write: ['theme', 'role'],
        },
      )
      const wide = await call(held, 'GET', SETTINGS)
      t.same(wide.json, { theme: 'dark', role: 'user', 'cart-1': 1 })
      browsers.app = { keys: { read: ['theme', 'cart-1', 'extra'], write: ['th*'] }, origins: [PAGE] } as never
      for (const on of [service, another]) {
        const narrow = await on.call(held, 'GET', SETTINGS)
        t.same(Object.keys(narrow.json).sort(), ['cart-1', 'theme'])
        t.not(narrow.etag, wide.etag)
        t.equal((await on.call(held, 'PATCH', SETTINGS, { role: 'admin' })).code, 'key_not_allowed')
        t.equal((await on.call(held, 'PATCH', SETTINGS, { theme: 'light' })).status, 204)
      }
      const renewed = await call(held, 'POST', '/v1/sessions/current/tokens', {})
      t.same((await call(String(renewed.json.access_token), 'GET', SETTINGS)).json, { theme: 'light', 'cart-1': 1 })
      t.equal((await call(held, 'POST', '/v1/sessions/current/tokens', { keys: { read: ['role'] } })).status, 403)
      browsers.app = null
      for (const on of [service, another])
        isRefused(t, await get(held, on), 401, 'invalid_credential', 'no rule at all')
      browsers.app = WIDE
      t.same((await call(held, 'GET', SETTINGS)).json, { theme: 'light', role: 'user', 'cart-1': 1 })
      t.equal(
        (await call(held, 'PATCH', SETTINGS, { 'cart-1': 2 })).code,
        'key_not_allowed',
        'never more than the token',
      )
    })

    t.test('a cookie with renew gets tokens as its token did, and only with it', async (t) => {
      const { id, held, token } = await give('read renew cookie')
      const renewed = await call(held, 'POST', '/v1/sessions/current/tokens', {})
      t.match(renewed.json, { scope: 'read renew cookie', expires_in: 900 })
      t.equal((await call(held, 'POST', '/v1/sessions/current/tokens', { scope: 'write' })).status, 403)
      const renewUntil = (one: string) =>
        JSON.parse(Buffer.from(one.split('.')[1] as string, 'base64url').toString()).renewUntil
      t.equal(renewUntil(String(renewed.json.access_token)), renewUntil(token))
      const without = await exchange(await mint(id, { scope: 'read cookie' }))
      t.equal((await call(without, 'POST', '/v1/sessions/current/tokens', {})).status, 403)
    })

    t.test('DELETE clears the cookies of the browser, good and bad, and nothing else', async (t) => {
      const { id, token, held, cookie } = await give()
      const clear = (sent: string, headers: Headers = { origin: PAGE }) =>
        call(null, 'DELETE', '/v1/cookie', undefined, { cookie: sent, ...headers })
      const [app, other] = ['__Host-coatcheck-app', '__Host-coatcheck-other']
      for (const sent of [cookie, `${app}=x`, `${cookie}A`, `${app}=x; ${app}=y`]) {
        const cleared = await clear(`a=b; ${sent}`)
        t.equal(cleared.status, 204, sent)
        isCleared(t, cleared, [app])
      }
      const both = `${cookie}; ${other}=x`
      isCleared(t, await clear(both), [app])
      isCleared(t, await clear(both, { origin: THIRD_PAGE }), [other])
      isCleared(t, await clear(both, { 'sec-fetch-site': 'same-origin' }), [app, other])
      t.equal((await get(held)).json.id, id)
      for (const credential of [null, token, KEY]) {
        const none = await call(credential, 'DELETE', '/v1/cookie', undefined, { origin: PAGE })
        t.equal(none.status, 204, 'there was none')
        isCleared(t, none, [])
      }
      for (const headers of [{}, { origin: THIRD_PAGE }, { 'sec-fetch-site': 'same-site' }] as Headers[]) {
        const refused = await clear(cookie, headers)
        isRefused(t, refused, 403, 'origin_not_allowed', JSON.stringify(headers))
        isCleared(t, refused, [])
      }
    })

    t.test('a token that does not say its keys gets those of the browser rule', async (t) => {
      const id = await begin({ theme: 'dark', role: 'user' })
      browsers.app = { keys: { read: ['theme'], write: [] }, origins: [PAGE] } as never
      const minted = await call(KEY, 'POST', `/v1/sessions/${id}/tokens`, {})
      const whole = await call(KEY, 'POST', `/v1/sessions/${id}/tokens`, { keys: ALL })
      browsers.app = null
      const refused = await call(KEY, 'POST', `/v1/sessions/${drawId()}/tokens`, {})
      browsers.app = WIDE
      t.equal(minted.status, 201)
      const token = String(minted.json.access_token)
      t.same((await call(token, 'GET', SETTINGS)).json, { theme: 'dark' })
      t.equal((await call(token, 'PATCH', SETTINGS, { theme: 'x' })).code, 'key_not_allowed')
      t.same(
        (await call(String(whole.json.access_token), 'GET', SETTINGS)).json,
        { theme: 'dark', role: 'user' },
        'what is said is said',
      )
      isRefused(t, refused, 422, 'keys_required', 'without a rule they must be said')
    })

    t.test('a cookie of another namespace is of that namespace', async (t) => {
      const id = drawId()
      await call(OTHER_KEY, 'PATCH', `/v1/sessions/${id}/settings`, { theme: 'other' })
      const minted = await call(OTHER_KEY, 'POST', `/v1/sessions/${id}/tokens`, { scope: SCOPE })
      const given = await call(String(minted.json.access_token), 'POST', '/v1/cookie', undefined, {
        origin: THIRD_PAGE,
      })
      const cookie = cookieIn(given)
      t.match(cookie, /^__Host-coatcheck-other=/)
      t.same((await send(cookie)).json, { theme: 'other' })
      t.equal(
        (await send(cookie, 'PUT', { origin: PAGE })).code,
        'origin_not_allowed',
        "the other's page is none of its own",
      )
      t.equal((await send(cookie, 'PUT', { origin: THIRD_PAGE })).status, 204)
    })

    t.test('secrets from the configuration are rolled over without a log-out', async (t) => {
      const start = (...secrets: string[]) =>
        startService(store, { browsers, cookieSecrets: fixedCookieSecrets(secrets) })
      const [old, both, next] = [await start('old'), await start('new', 'old'), await start('new')]
      const token = await mint(await begin({ theme: 'dark' }), { scope: SCOPE })
      const [before, after] = [await old.exchange(token), await both.exchange(token)]
      t.equal((await get(before, both)).status, 200, 'one of the old secret is good while that is there')
      t.equal((await get(after, both)).status, 200)
      t.equal((await get(after, next)).status, 200, 'the newest signs')
      t.equal((await get(before, next)).status, 401, 'one of a secret that is gone is not')
      t.equal((await get(after, old)).status, 401)
      for (const one of [old, both, next]) await one.close()
    })

    t.test(
      'a secret that is retired takes its cookies along at once, and on the others when they have looked',
      async (t) => {
        const { id, held } = await give()
        for (const on of [service, another]) t.equal((await get(held, on)).status, 200)
        await service.cookieSecrets.retire((await service.cookieSecrets.current()).kid)
        isRefused(t, await get(held), 401, 'invalid_credential', 'here')
        await another.cookieSecrets.refresh()
        isRefused(t, await get(held, another), 401, 'invalid_credential', 'there')
        t.equal((await get(await exchange(await mint(id, { scope: SCOPE })), another)).status, 200)
      },
    )

    if (!elapse) return

    t.test('a cookie of an old life never works on a new one under the same id', async (t) => {
      const id = await begin({ theme: 'dark' }, { idleTimeoutSeconds: 60 })
      const token = await mint(id, { scope: SCOPE })
      const held = await exchange(token)
      elapse(120_000)
      isRefused(t, await get(held), 401, 'session_over', 'expired')
      await call(KEY, 'PUT', `/v1/sessions/${id}/settings/theme`, '"new"')
      isRefused(t, await get(held), 401, 'session_over', 'begun again')
      isRefused(t, await call(held, 'PATCH', SETTINGS, { theme: 'x' }), 401, 'session_over', 'a write')
      const late = await call(token, 'POST', '/v1/cookie', undefined, { origin: PAGE })
      isRefused(t, late, 401, 'session_over', 'nor is its token exchanged')
      t.same((await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json, { theme: 'new' })
    })

    t.test('a cookie ends with the lifetime of its session, also where it is remembered', async (t) => {
      const id = await begin({ theme: 'dark' }, { lifetimeSeconds: 100 })
      const held = await exchange(await mint(id, { scope: SCOPE }))
      t.equal((await get(held)).status, 200)
      elapse(100_000)
      isRefused(t, await get(held), 401, 'invalid_credential', 'over')
    })

    t.test('a cookie renews no longer than its token could have', async (t) => {
      const { held } = await give()
      elapse(DAY_MS - 60_000)
      t.equal((await call(held, 'POST', '/v1/sessions/current/tokens', {})).status, 201)
      elapse(120_000)
      t.equal((await call(held, 'POST', '/v1/sessions/current/tokens', {})).status, 401)
      t.equal((await get(held)).status, 200, 'it is good for the rest')
    })

    t.test('a cookie outlives the secret that signed it', async (t) => {
      const { held, cookie } = await give()
      const { kid } = await service.cookieSecrets.current()
      for (const ms of [30 * DAY_MS, 3_600_000]) {
        elapse(ms)
        for (const on of [service, another]) await on.cookieSecrets.refresh()
      }
      t.not((await service.cookieSecrets.current()).kid, kid)
      t.equal((await another.cookieSecrets.current()).kid, (await service.cookieSecrets.current()).kid)
      for (const on of [service, another]) t.equal((await get(held, on)).status, 200)
      await another.signingKeys.refresh()
      await service.signingKeys.refresh()
      const next = await give()
      t.not(next.cookie, cookie)
      for (const on of [service, another]) t.equal((await get(next.held, on)).status, 200)
    })
  },
  { browsers },
)
