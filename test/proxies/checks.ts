/** What has to be the same through every proxy as without one. */
import type { Test } from 'tap'
import { type Api, KEYS, onLmdb, POLICY } from '../helpers/app.ts'
import { type KindName, overH1, overH2, type RunningProxy, startProxy } from '../helpers/proxy.ts'
import { freePort } from '../helpers/redis-server.ts'

const PAGE = 'https://page.example'
const FAILURES = 5

export type Behind = {
  readonly api: Api
  readonly proxy: RunningProxy
  /** The path under which the service is, without a slash at its end. */
  readonly prefix: string
}

/** Starts a service, and a proxy with this configuration in front of it. */
export const behind = async (t: Test, name: KindName, text: string, prefix = ''): Promise<Behind> => {
  const port = await freePort()
  const api = await onLmdb(t, {
    publicUrl: `https://localhost:${port}${prefix}`,
    trustProxy: ['127.0.0.1'],
    failuresPerMinute: FAILURES,
    origins: [PAGE],
    policyOf: () => ({ ...POLICY, browser: { keys: { read: ['*'], write: ['*'] }, origins: [PAGE] } }),
  })
  return { api, proxy: await startProxy(t, name, { text, port, service: api.port }), prefix }
}

const BEARER = { authorization: `Bearer ${KEYS.shop}` }
const JSON_BODY = { ...BEARER, 'content-type': 'application/json' }

/** Keys as an attacker or a foreign language would have them; what clients and proxies like to change. */
const ODD_KEYS = [
  'a b',
  'ü',
  'a/b',
  '/',
  '//',
  '../x',
  '..%2Fx',
  '%',
  '%2F',
  '%25',
  'a+b',
  'a?b=c#d',
  'a\\b',
  'a;b,c:d@e',
  '"<>|^`{}[]',
  '日本語',
  '😀',
]

export const check = async (t: Test, { api, proxy, prefix }: Behind): Promise<void> => {
  const h1 = overH1(t, proxy)
  const h2 = overH2(t, proxy)
  const v1 = `${prefix}/v1`

  const begin = async (settings: object = {}): Promise<string> => {
    const made = await h2(`${v1}/sessions`, { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ settings }) })
    return String(JSON.parse(made.text).id)
  }

  await t.test('by HTTP/2 and HTTP/1.1, with errors as they are', async (t) => {
    for (const call of [h1, h2]) {
      const made = await call(`${v1}/sessions`, { method: 'POST', headers: JSON_BODY, body: '{"settings":{"a":1.10}}' })
      t.equal(made.status, 201)
      const { id } = JSON.parse(made.text)
      t.equal(made.headers.location, `https://localhost:${proxy.port}${v1}/sessions/${id}`)
      t.equal(made.headers['coatcheck-version'], '1')
      t.equal((await call(`${v1}/sessions/${id}/settings`, { headers: BEARER })).text, '{"a":1.10}')
      t.equal((await call(`${v1}/sessions/${id}`, { method: 'DELETE', headers: BEARER })).status, 204)
      for (const [path, status, headers] of [
        [`${v1}/sessions/${id}`, 410, BEARER],
        [`${v1}/sessions/${id}`, 401, {}],
        [`${v1}/else`, 404, BEARER],
      ] as const) {
        const refused = await call(path, { headers })
        t.equal(refused.status, status)
        t.match(refused.headers, { 'content-type': /^application\/problem\+json/, 'coatcheck-version': '1' })
      }
    }
  })

  await t.test('packed, with ETags that still hold', async (t) => {
    const id = await begin({ long: 'x'.repeat(5000) })
    const path = `${v1}/sessions/${id}/settings`
    const packed = { 'accept-encoding': 'gzip' }
    const read = await h2(path, { headers: { ...BEARER, ...packed } })
    t.equal(read.headers['content-encoding'], 'gzip')
    t.strictSame(JSON.parse(read.text), { long: 'x'.repeat(5000) })
    const etag = String(read.headers.etag)
    t.comment(`the ETag is ${etag}`)
    const unchanged = await h2(path, { headers: { ...BEARER, ...packed, 'if-none-match': etag } })
    t.equal(unchanged.status, 304)
    const patch = (value: number) =>
      h2(path, { method: 'PATCH', headers: { ...JSON_BODY, 'if-match': etag }, body: `{"a":${value}}` })
    t.equal((await patch(1)).status, 204)
    const late = await patch(2)
    t.equal(late.status, 412)
    t.match(late.headers.etag, /^(W\/)?"/)
  })

  await t.test('with keys as they are', async (t) => {
    const id = await begin()
    const settings = `/v1/sessions/${id}/settings`
    for (const key of ODD_KEYS) {
      const path = `${prefix}${settings}/${encodeURIComponent(key)}`
      for (const call of [h1, h2]) {
        const put = await call(path, { method: 'PUT', headers: JSON_BODY, body: '1' })
        t.ok(put.status === 201 || put.status === 204, `${key}: ${put.status}`)
        t.equal((await call(path, { headers: BEARER })).text, '1', key)
        t.strictSame((await api.call('GET', settings)).json, { [key]: 1 }, `${key} is what has arrived`)
      }
      t.equal((await h2(path, { method: 'DELETE', headers: BEARER })).status, 204, key)
    }
  })

  await t.test('with events as they come', async (t) => {
    for (const call of [h1, h2]) {
      const id = await begin({ n: 0 })
      const path = `${v1}/sessions/${id}/events`
      let isTold = false
      const started = performance.now()
      const { headers, text } = await call(path, {
        headers: { ...BEARER, 'accept-encoding': 'gzip' },
        onText: (text) => {
          if (!isTold && text.includes('event: snapshot')) {
            isTold = true
            void api.call('PATCH', `/v1/sessions/${id}/settings`, { body: { n: 1 } })
          }
          return text.includes('event: change')
        },
      })
      t.match(headers['content-type'], /^text\/event-stream/)
      t.equal(headers['content-encoding'], undefined)
      t.match(text, /"set":\{"n":1\}/)
      t.ok(performance.now() - started < 10_000, 'before the next comment')
    }
  })

  await t.test('to pages of other origins', async (t) => {
    const id = await begin()
    const path = `${v1}/sessions/${id}/settings`
    const asked = { origin: PAGE, 'access-control-request-method': 'PATCH' }
    const preflight = await h2(path, { method: 'OPTIONS', headers: asked })
    t.equal(preflight.status, 204)
    t.equal(preflight.headers['access-control-allow-origin'], PAGE)
    const read = await h2(path, { headers: { ...BEARER, origin: PAGE } })
    t.equal(read.headers['access-control-allow-origin'], PAGE)
    t.match(read.headers['access-control-expose-headers'], /ETag/)
    t.match(read.headers.vary, /Origin/)
  })

  await t.test('with cookies', async (t) => {
    const id = await begin({ theme: 'dark' })
    const minted = await h2(`${v1}/sessions/${id}/tokens`, {
      method: 'POST',
      headers: JSON_BODY,
      body: '{"scope":"read write cookie"}',
    })
    const token = JSON.parse(minted.text).access_token
    const given = await h2(`${v1}/cookie`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, origin: PAGE },
    })
    t.equal(given.status, 204, given.text)
    const [line] = [given.headers['set-cookie'] ?? ''].flat()
    t.match(line, /^__Host-coatcheck-shop=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const cookie = String(line).split(';', 1)[0] as string
    const read = await h2(`${v1}/sessions/current/settings`, { headers: { cookie } })
    t.strictSame(JSON.parse(read.text), { theme: 'dark' })
  })

  await t.test('with bodies at the limit, and beyond it', async (t) => {
    const id = await begin()
    const patch = (size: number) =>
      h2(`${v1}/sessions/${id}/settings`, {
        method: 'PATCH',
        headers: JSON_BODY,
        body: JSON.stringify({ long: 'x'.repeat(size) }),
      })
    t.equal((await patch(65_000)).status, 204)
    for (const size of [66_000, 190_000]) {
      const refused = await patch(size)
      t.equal(refused.status, 413)
      t.equal(JSON.parse(refused.text).code, 'settings_too_large', 'it is the service that refuses')
    }
    const large = await patch(1_000_000)
    t.equal(large.status, 413)
    const after = await h2(`${v1}/sessions/${id}`, { headers: BEARER })
    t.equal(after.status, 200, after.text)
  })

  await t.test('over connections that are kept', async (t) => {
    const id = await begin()
    let connections = 0
    const count = (): void => {
      connections++
    }
    api.app.server.on('connection', count)
    for (let i = 0; i < 50; i++) {
      const { status } = await (i % 2 ? h1 : h2)(`${v1}/sessions/${id}/settings`, { headers: BEARER })
      if (status !== 200) t.fail(`call ${i}: ${status}`)
    }
    api.app.server.off('connection', count)
    t.ok(connections <= 8, `50 calls made ${connections} connections`)
  })

  await t.test('the caller’s address is the proxy’s to say', async (t) => {
    const statuses: number[] = []
    for (let i = 0; i < FAILURES + 2; i++) {
      const headers = { authorization: 'Bearer ck_shop_wrong', 'x-forwarded-for': `198.51.100.${i}` }
      statuses.push((await h1(`${v1}/sessions`, { headers })).status)
    }
    t.strictSame(statuses.slice(-2), [429, 429], 'a new address each time does not help')
    t.ok(statuses.includes(401))
  })
}
