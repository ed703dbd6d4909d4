import t from 'tap'
import { createClient } from '../../src/client/index.ts'
import { idOf, KEYS, newSession } from '../helpers/app.ts'
import { configurations, overH1 } from '../helpers/proxy.ts'
import { behind, check } from './checks.ts'

const all = configurations('nginx')
const [alone = '', prefixed = ''] = all
const normalising = all.find((one) => one.includes('proxy_pass http://coatcheck/;')) ?? ''

t.test('nginx, on a host of its own', async (t) => check(t, await behind(t, 'nginx', alone)))

t.test('nginx, under a prefix', async (t) => {
  const place = await behind(t, 'nginx', `gzip on; gzip_types application/json;\n${prefixed}`, '/sessions')
  await check(t, place)
  const h1 = overH1(t, place.proxy)
  const page = await h1('/sessions')
  t.strictSame([page.status, page.headers.location], [308, `https://127.0.0.1:${place.proxy.port}/sessions/docs`])
})

/** The form that decodes paths, and takes the steps in them. */
const short = alone.replace(/ {2}location \/ \{[\s\S]*?\n {2}\}\n/, normalising)

t.test('nginx, with the short form, does what the document warns of', async (t) => {
  const { api, proxy } = await behind(t, 'nginx', short, '/sessions')
  const h1 = overH1(t, proxy)
  const call = { headers: { authorization: `Bearer ${KEYS.shop}` } }
  const session = newSession()
  await api.call('PATCH', `${session}/settings`, { body: { 'a/b': 1, c: 2 } })
  const { status, text: value } = await h1(`/sessions${session}/settings/c`, call)
  t.strictSame([status, value], [200, '2'])
  t.equal((await h1(`/sessions${session}/settings/a%2Fb`, call)).status, 404)
  const path = `/sessions${session}/settings/..%2F..%2F${session.slice('/v1/sessions/'.length)}`
  t.equal((await h1(path, { ...call, method: 'DELETE' })).status, 204)
  t.equal((await api.call('GET', session)).status, 410, 'the session was ended')
})

t.test('nginx, with the short form, does the client no harm: it puts no odd key into a path', async (t) => {
  const { api, proxy } = await behind(t, 'nginx', short, '/sessions')
  const h1 = overH1(t, proxy)
  /** Over the proxy's certificate, which fetch does not know; with the path that fetch would send. */
  const viaProxy: typeof fetch = async (input, init = {}) => {
    const { pathname, search } = new URL(String(input))
    const { method = 'GET', headers, body } = init
    const sent = { method, headers: headers as Record<string, string>, ...(body ? { body: String(body) } : {}) }
    const answer = await h1(pathname + search, sent)
    const isEmpty = answer.status === 204
    return new Response(isEmpty ? null : answer.text, {
      status: answer.status,
      headers: Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]),
    })
  }
  const url = `https://localhost:${proxy.port}/sessions`
  const client = createClient({ url, credential: KEYS.shop, fetch: viaProxy, timeoutMs: 5000 })
  t.teardown(() => client.close())
  const other = newSession()
  await api.call('PATCH', `${other}/settings`, { body: { kept: true } })
  const plain = ['theme', 'a.b-c_d~e:f@g', '.a', 'take', 'settings']
  const odd = [`../../${idOf(other)}`, `../../../sessions/${idOf(other)}`, '..', '.', '...', 'a/b', '/', '//']
  const spelled = [
    '%2e%2e',
    'a%2Fb',
    '..%2F..',
    '%',
    'a\\b',
    '..\\..',
    'a;b',
    ';',
    'a\nb',
    '\0',
    '😀',
    'ü',
    'a b',
    '~0~1/~',
  ]
  for (const key of [...plain, ...odd, ...spelled]) {
    const name = JSON.stringify(key)
    const session = client.session<Record<string, unknown>>(idOf(newSession()))
    const settings = async () => (await api.call('GET', `/v1/sessions/${session.id}/settings`)).json as object
    await session.set('beside', 1)
    t.equal(await session.get(key), undefined, name)
    await session.set(key, { a: null })
    t.strictSame(await settings(), { beside: 1, [key]: { a: null } }, `${name} is set`)
    t.strictSame(await session.get(key), { a: null }, `${name} is read`)
    await session.update((before) => ({ ...before, [key]: 1 }))
    t.equal(await session.increment(key, 2), 3, `${name} is counted`)
    t.strictSame(await settings(), { beside: 1, [key]: 3 })
    t.equal(await session.take(key), 3, `${name} is taken`)
    t.equal(await session.take(key), undefined)
    await session.set(key, null)
    await session.remove(key)
    await session.remove(key)
    t.strictSame(await settings(), { beside: 1 }, `${name} is removed`)
  }
  t.strictSame(
    (await api.call('GET', `${other}/settings`)).json as object,
    { kept: true },
    'and nobody else is touched',
  )
})
