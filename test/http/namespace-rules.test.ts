/** What is configured for one namespace holds there: its clocks, its limits, its schema, and what its API keys may do. */
import t from 'tap'
import { hashOf, newApiKey } from '../../src/config/api-keys.ts'
import { compileSettingsSchema } from '../../src/config/settings-schema.ts'
import { PERMISSIONS, type Permission } from '../../src/domain/credentials/permission.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { type Answer, type Call, idOf, KEYS, newSession, onEachStore, POLICY } from '../helpers/app.ts'
import { callOf, isProblem, nameOf, operationsOf, pathOf } from '../helpers/operations.ts'

const JSON_PATCH = 'application/json-patch+json'

const compiled = compileSettingsSchema({
  properties: {
    theme: { enum: ['dark', 'light'] },
    visits: { type: 'integer', maximum: 3 },
    cart: {
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1 }, note: { type: 'string' } },
      required: ['count'],
      additionalProperties: false,
    },
  },
  additionalProperties: false,
})
if (!('check' in compiled)) throw new Error('The schema of these tests is at fault.')

const SHOP: Policy = {
  ...POLICY,
  clocks: {
    anonymous: { idleTimeoutSeconds: 1000, lifetimeSeconds: 10_000 },
    bound: { idleTimeoutSeconds: 2000, lifetimeSeconds: 20_000 },
  },
  checkValue: compiled.check,
}

const BLOG: Policy = {
  ...POLICY,
  limits: { settingsBytes: 20, keys: 2, keyBytes: 4, depth: 2, batch: 1, subjectBytes: 3 },
}

/** API keys that may do one thing, or two, or all but one; and two that may begin a session along with a token. */
const POWERS: readonly (readonly Permission[])[] = [
  ...PERMISSIONS.flatMap((one, i) => PERMISSIONS.slice(i).map((other) => [...new Set([one, other])])),
  ...PERMISSIONS.map((left) => PERMISSIONS.filter((one) => one !== left)),
  ['create', 'tokens', 'read'],
  ['rotate', 'tokens', 'read'],
]

const nameOfPowers = (powers: readonly string[]): string => [...powers].sort().join(' ')

const named = new Map(POWERS.map((powers) => [nameOfPowers(powers), newApiKey('powers')]))

/** The API key that may do just these things. */
const keyFor = (powers: readonly string[]): string => {
  const key = named.get(nameOfPowers(powers))
  if (key === undefined) throw new Error(`No key of these tests may do just ${powers.join(' and ')}.`)
  return key
}

const hashed = (namespace: string, key: string, permissions: readonly Permission[]) => ({
  namespace,
  hash: Buffer.from(hashOf(key), 'hex'),
  permissions,
})

const options = {
  policyOf: (namespace: string) => (namespace === 'shop' ? SHOP : BLOG),
  apiKeys: [
    hashed('shop', KEYS.shop, PERMISSIONS),
    hashed('blog', KEYS.blog, PERMISSIONS),
    ...POWERS.map((powers) => hashed('shop', keyFor(powers), powers)),
  ],
}

await onEachStore(
  t,
  async (t, api) => {
    await t.test('sessions that are bound have clocks of their own', async (t) => {
      const clocksOf = async (body: object, key: string = KEYS.shop) => {
        const { json } = await api.call('POST', '/v1/sessions', { body, key })
        return [json.idleTimeoutSeconds, json.lifetimeSeconds]
      }
      t.strictSame(await clocksOf({}), [1000, 10_000])
      t.strictSame(await clocksOf({ subject: 'u' }), [2000, 20_000])
      t.strictSame(await clocksOf({ subject: 'u', idleTimeoutSeconds: 5 }), [5, 20_000], 'unless a call says otherwise')
      t.strictSame(await clocksOf({}, KEYS.blog), [8_640_000, 34_560_000], 'elsewhere as ever')
      const session = newSession()
      await api.call('PATCH', `${session}/settings`, { body: { theme: 'dark' } })
      t.hasStrict((await api.call('GET', session)).json, { idleTimeoutSeconds: 1000, lifetimeSeconds: 10_000 })
    })

    await t.test('limits are those of the namespace', async (t) => {
      const settings = `${newSession()}/settings`
      const put = (body: object) => api.call('PATCH', settings, { body, key: KEYS.blog })
      for (const [body, code, limit] of [
        [{ a: 'x'.repeat(20) }, 'settings_too_large', 20],
        [{ a: 1, b: 1, c: 1 }, 'too_many_keys', 2],
        [{ abcde: 1 }, 'key_length', 4],
        [{ a: { b: { c: 1 } } }, 'too_deep', 2],
      ] as const) {
        t.hasStrict((await put(body)).json, { code, limit }, code)
      }
      const ids = [idOf(newSession()), idOf(newSession())]
      for (const [path, body, limit] of [
        ['/v1/sessions/batch', { ids }, 1],
        ['/v1/sessions', { subject: 'abcd' }, 3],
      ] as const) {
        const { json } = await api.call('POST', path, { body, key: KEYS.blog })
        t.hasStrict(json, { code: 'limit_exceeded', limit }, path)
        t.ok((await api.call('POST', path, { body })).status < 300, 'elsewhere as ever')
      }
    })

    await t.test('every way of writing is held to the schema, and a refusal changes nothing', async (t) => {
      const theme = { pointer: '#/theme', detail: 'must be one of "dark", "light"' }
      const count = { pointer: '#/cart/count', detail: 'must be >= 1' }
      const before = '{"theme":"dark","visits":2,"cart":{"count":1}}'
      const all = { 'if-match': '*' }
      const patch = (...operations: object[]): Call => ({ body: operations, type: JSON_PATCH })
      const refusals: [what: string, method: string, path: string, call: Call, ...errors: object[]][] = [
        ['PUT', 'PUT', '', { body: { theme: 'canary' }, headers: all }, theme],
        ['PUT, two', 'PUT', '', { body: { theme: 0, cart: { count: 0 } }, headers: all }, theme, count],
        [
          'a key that is not foreseen',
          'PATCH',
          '',
          { body: { more: 1 } },
          { pointer: '#/more', detail: 'is not known here' },
        ],
        ['merge', 'PATCH', '', { body: { theme: 'canary' } }, theme],
        ['merge, one of two', 'PATCH', '', { body: { visits: 1, theme: 'canary' } }, theme],
        ['merge inside', 'PATCH', '', { body: { cart: { count: 0 } } }, count],
        ['merge inside, by removing', 'PATCH', '', { body: { cart: { count: null } } }, { pointer: '#/cart' }],
        ['merge inside, and another', 'PATCH', '', { body: { theme: 'canary', cart: { note: 'n' } } }, theme],
        ['JSON Patch', 'PATCH', '', patch({ op: 'add', path: '/theme', value: 'canary' }), theme],
        ['JSON Patch inside', 'PATCH', '', patch({ op: 'replace', path: '/cart/count', value: 0 }), count],
        ['JSON Patch, a copy', 'PATCH', '', patch({ op: 'copy', from: '/visits', path: '/theme' }), theme],
        ['put a key', 'PUT', '/theme', { body: 'canary' }, theme],
        ['put a key, conditionally', 'PUT', '/theme', { body: 'canary', headers: all }, theme],
        [
          'increment',
          'POST',
          '/visits/increment',
          { body: { by: 2 } },
          { pointer: '#/visits', detail: 'must be <= 3' },
        ],
      ]
      const settings = `${newSession()}/settings`
      await api.call('PATCH', settings, { text: before })
      const { headers } = await api.call('GET', settings)
      for (const [what, method, path, call, ...errors] of refusals) {
        const answer = await api.call(method, settings + path, call)
        t.hasStrict(answer, { status: 422, json: { code: 'settings_invalid', errors } }, what)
        t.notMatch(answer.text, 'canary', 'no value is quoted')
        const now = await api.call('GET', settings)
        t.same(JSON.parse(now.text), JSON.parse(before), `${what} changes nothing`)
        t.equal(now.headers.etag, headers.etag, what)
      }

      const create = await api.call('POST', '/v1/sessions', { body: { settings: { theme: 'canary' } } })
      t.hasStrict(create, { status: 422, json: { code: 'settings_invalid', errors: [theme] } }, 'create')
      const fresh = newSession()
      for (const body of [{ theme: 'canary' }, { cart: { note: 'n' } }]) {
        t.equal((await api.call('PATCH', `${fresh}/settings`, { body })).json.code, 'settings_invalid')
      }
      const sum = await api.call('POST', `${fresh}/settings/visits/increment`, { body: { by: 0.5 } })
      t.hasStrict(sum.json, { code: 'settings_invalid', errors: [{ pointer: '#/visits', detail: 'must be integer' }] })
      t.equal((await api.call('GET', fresh)).status, 404, 'nothing was begun')
    })

    await t.test('what fits the schema is written, as the text that was sent', async (t) => {
      const settings = `${newSession()}/settings`
      const isDone = (answer: Answer) => t.ok(answer.status < 300, answer.text)
      isDone(await api.call('PATCH', settings, { body: { cart: { count: 1, note: 'n' } } }))
      // By itself the patch would not fit: what counts is what it makes of the value.
      isDone(await api.call('PATCH', settings, { body: { cart: { note: null } } }))
      isDone(await api.call('PATCH', settings, { text: '{"visits":1.0}' }))
      isDone(await api.call('PUT', `${settings}/theme`, { body: 'light' }))
      isDone(await api.call('DELETE', `${settings}/theme`))
      isDone(await api.call('POST', `${settings}/visits/increment`))
      isDone(
        await api.call('PATCH', settings, { text: '[{"op":"add","path":"/visits","value":3e0}]', type: JSON_PATCH }),
      )
      const { text } = await api.call('GET', settings)
      t.match(text, '"cart":{"count":1}')
      t.match(text, '"visits":3e0')
      const elsewhere = { body: { more: 1 }, key: KEYS.blog }
      isDone(await api.call('PATCH', settings, elsewhere))
    })

    await t.test('who may not write a key is told that, not what would fit it', async (t) => {
      const session = newSession()
      await api.call('PATCH', `${session}/settings`, { body: { theme: 'dark', visits: 1 } })
      const minted = await api.call('POST', `${session}/tokens`, { body: { keys: { write: ['visits'] } } })
      const key = (minted.json as unknown as { access_token: string }).access_token
      for (const [method, path, call] of [
        ['PUT', '/theme', { body: 'pink' }],
        ['PATCH', '', { body: { theme: 'pink' } }],
        ['PATCH', '', { body: [{ op: 'add', path: '/theme', value: 'pink' }], type: JSON_PATCH }],
      ] as const) {
        const { json } = await api.call(method, `${session}/settings${path}`, { ...call, key })
        t.equal(json.code, 'key_not_allowed', method)
      }
      const { json } = await api.call('PUT', `${session}/settings/visits`, { body: 4, key })
      t.hasStrict(json, { code: 'settings_invalid', errors: [{ pointer: '#/visits' }] })
    })

    await t.test('an API key gives away nothing that it may not do itself', async (t) => {
      const keys = { read: ['*'], write: ['*'] }
      const mint = (permissions: readonly Permission[], token: object) =>
        api.call('POST', `${newSession()}/tokens`, { body: { keys, ...token }, key: keyFor(permissions) })
      const reader = ['tokens', 'read'] as const
      t.equal((await mint(reader, { scope: 'read renew cookie' })).status, 201)
      for (const scope of ['read write', 'touch', 'end', undefined]) {
        const { json } = await mint(reader, scope === undefined ? {} : { scope })
        t.equal(json.code, 'insufficient_scope', scope ?? 'without scope')
      }
      const body = { token: { keys, scope: 'read' } }
      for (const [path, permission] of [
        ['/v1/sessions', 'create'],
        [`${newSession()}/rotate`, 'rotate'],
      ] as const) {
        const refused = await api.call('POST', path, { body, key: keyFor([permission, 'read']) })
        t.hasStrict(refused, { status: 403, json: { code: 'insufficient_scope' } }, path)
        const done = await api.call('POST', path, { body, key: keyFor([permission, ...reader]) })
        t.equal(done.status, 201, path)
      }
    })

    await t.test('an API key may do what its permissions say, and nothing else', async (t) => {
      const seen = new Set<string>()
      for (const operation of operationsOf(api)) {
        const { apiKey: needed } = Object.assign({}, ...(operation.security ?? [])) as { apiKey?: Permission[] }
        if (needed === undefined || needed.length === 0) continue
        const call = (key: string) => api.call(operation.method, pathOf(operation), { ...callOf(operation), key })
        for (const one of needed) {
          seen.add(one)
          const answer = await call(keyFor(PERMISSIONS.filter((other) => other !== one)))
          isProblem(t, operation, answer, 'insufficient_scope', `${nameOf(operation)} without ${one}`)
          t.match(answer.json.detail, new RegExp(`lacks ${one}\\.`))
        }
        const answer = await call(keyFor([...new Set(needed)]))
        t.not(answer.json.code, 'insufficient_scope', `${nameOf(operation)} with ${needed.join(' and ')} alone`)
      }
      for (const one of ['create', 'read', 'write', 'take', 'touch', 'end', 'tokens']) t.ok(seen.has(one), one)
    })
  },
  options,
)
