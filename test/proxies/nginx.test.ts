import t from 'tap'
import { KEYS, newSession } from '../helpers/app.ts'
import { configurations, overH1 } from '../helpers/proxy.ts'
import { behind, check } from './checks.ts'

const [alone = '', prefixed = '', normalising = ''] = configurations('nginx')

t.test('nginx, on a host of its own', async (t) => check(t, await behind(t, 'nginx', alone)))

t.test('nginx, under a prefix', async (t) => {
  const place = await behind(t, 'nginx', `gzip on; gzip_types application/json;\n${prefixed}`, '/sessions')
  await check(t, place)
  const h1 = overH1(t, place.proxy)
  const page = await h1('/sessions')
  t.strictSame([page.status, page.headers.location], [308, `https://127.0.0.1:${place.proxy.port}/sessions/docs`])
})

t.test('nginx, with the short form, does what the document warns of', async (t) => {
  const text = alone.replace(/ {2}location \/ \{[\s\S]*?\n {2}\}\n/, normalising)
  const { api, proxy } = await behind(t, 'nginx', text, '/sessions')
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
