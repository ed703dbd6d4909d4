/** A session that was good until a limit was lowered: it can be read, and it can become smaller, and nothing else. */
import t from 'tap'
import { bodyLimitFor } from '../../src/app.ts'
import { newSession, onEachStore, POLICY, serve } from '../helpers/app.ts'

const WIDE = { ...POLICY.limits, settingsBytes: 200_000, keys: 1000, depth: 30, subjectBytes: 1024 }
const NARROW = { ...POLICY.limits, settingsBytes: 1000, keys: 4, keyBytes: 8, depth: 4 }

const JSON_PATCH = 'application/json-patch+json'

t.test('a session over a limit', (t) =>
  onEachStore(
    t,
    async (t, wide) => {
      const narrow = await serve(t, wide.store, {
        policyOf: () => ({ ...POLICY, limits: NARROW }),
        bodyLimit: bodyLimitFor(NARROW.settingsBytes),
      })
      const deep = '['.repeat(20) + ']'.repeat(20)
      const settings = {
        'a-very-long-key': '"x"',
        deep,
        list: JSON.stringify(Array.from({ length: 10_000 }, (_, i) => i)),
        ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, String(i)])),
      }
      const text = `{${Object.entries(settings)
        .map(([key, value]) => `"${key}":${value}`)
        .join()}}`
      const begin = async (): Promise<string> => {
        const session = newSession()
        t.equal((await wide.call('PATCH', `${session}/settings`, { text })).status, 201)
        return session
      }
      const keysOf = async (session: string) => Object.keys((await narrow.call('GET', `${session}/settings`)).json)

      t.test('is read as it is', async (t) => {
        const session = await begin()
        const read = await narrow.call('GET', `${session}/settings`)
        t.strictSame(read.json, JSON.parse(text))
        t.equal((await narrow.call('GET', session)).status, 200)
        t.equal((await narrow.call('GET', `${session}/settings/list`)).text, settings.list)
        t.equal((await narrow.call('GET', `${session}/settings/a-very-long-key`)).text, '"x"')
        const { json } = await narrow.call('POST', '/v1/sessions/batch', { body: { ids: [session.slice(13)] } })
        t.equal(Object.keys(json.sessions).length, 1)
      })

      t.test('may lose keys, though it stays over the limit', async (t) => {
        const session = await begin()
        const path = `${session}/settings`
        const shrinking = [
          () => narrow.call('DELETE', `${path}/k0`),
          () => narrow.call('PATCH', path, { body: { k1: null } }),
          () => narrow.call('PATCH', path, { body: [{ op: 'remove', path: '/k2' }], type: JSON_PATCH }),
          () => narrow.call('PATCH', path, { body: [{ op: 'remove', path: '/list/0' }], type: JSON_PATCH }),
          () => narrow.call('PATCH', path, { body: { list: [1] } }),
          () => narrow.call('DELETE', `${path}/a-very-long-key`),
          () => narrow.call('POST', `${path}/k3/take`),
        ]
        for (const [i, shrink] of shrinking.entries()) {
          const { status, text } = await shrink()
          t.ok(status === 204 || status === 200, `${i}: ${status} ${text}`)
        }
        t.strictSame((await keysOf(session)).sort(), ['deep', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9', 'list'])
      })

      t.test('may become small at once, and be ended', async (t) => {
        const session = await begin()
        const put = await narrow.call('PUT', `${session}/settings`, { body: { k1: 2 }, headers: { 'if-match': '*' } })
        t.equal(put.status, 204)
        t.strictSame(await keysOf(session), ['k1'])
        t.equal((await narrow.call('DELETE', await begin())).status, 204)
      })

      t.test('may not grow', async (t) => {
        const session = await begin()
        const path = `${session}/settings`
        t.match(
          (await narrow.call('PATCH', path, { body: { more: 1 } })).json.code,
          /^(settings_too_large|too_many_keys)$/,
        )
        t.equal((await narrow.call('PATCH', path, { body: { k1: 'longer' } })).json.code, 'settings_too_large')
        const longer = await narrow.call('PATCH', path, {
          body: [{ op: 'add', path: '/list/-', value: 1 }],
          type: JSON_PATCH,
        })
        t.equal(longer.json.code, 'settings_too_large')
      })

      t.test('of a subject that is too long now can be found and logged out', async (t) => {
        const subject = 'u'.repeat(300)
        const bound = await wide.call('POST', '/v1/sessions', { body: { subject } })
        t.equal(bound.status, 201)
        const list = await narrow.call('GET', `/v1/subjects/${subject}/sessions`)
        t.equal(list.status, 200)
        const out = await narrow.call('DELETE', `/v1/subjects/${subject}/sessions`)
        t.strictSame([out.status, out.text], [200, '{"ended":1}'])
        t.equal((await narrow.call('POST', '/v1/sessions', { body: { subject } })).json.code, 'limit_exceeded')
      })

      t.test('keeps its idle clock, its tokens and its id in a login', async (t) => {
        const session = await begin()
        t.equal((await narrow.call('POST', `${session}/touch`)).status, 200)
        const body = { keys: { read: ['*'], write: ['*'] } }
        t.equal((await narrow.call('POST', `${session}/tokens`, { body })).status, 201)
        t.equal((await narrow.call('POST', `${session}/rotate`, { body: { subject: 'me' } })).status, 201)
      })
    },
    { policyOf: () => ({ ...POLICY, limits: WIDE }), bodyLimit: bodyLimitFor(WIDE.settingsBytes) },
  ),
)
