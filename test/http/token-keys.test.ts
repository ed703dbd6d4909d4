/** Key rules: what a token for some keys may name, change and see, call by call and in any sequence of calls. */
import fc from 'fast-check'
import t from 'tap'
import { allows } from '../../src/domain/credentials/key-rule.ts'
import { named } from '../helpers/by-name.ts'
import { ALL, type Answer, KEY, onEachStore } from '../helpers/token-app.ts'

const JSON_PATCH = { 'content-type': 'application/json-patch+json' }
const SETTINGS = '/v1/sessions/current/settings'
const SCOPE = 'read write take touch renew'

/** Keys are `open` (read and write), `shown` (read only), `drop` (write only) and `role` (neither). */
const RULES = { read: ['open', 'shown', 'cart-*'], write: ['open', 'drop', 'cart-*'] }
const HELD = { open: 1, shown: 'shown-value', drop: 'drop-value', role: 'role-value' }

onEachStore(t, async (t, { service }) => {
  const { call, begin, mint } = service

  const isRefused = (t: Tap, refused: Answer, title: string): void => {
    t.equal(refused.status, 403, title)
    t.equal(refused.code, 'key_not_allowed', title)
    for (const hidden of ['role-value', 'drop-value', 'shown-value']) t.notOk(refused.body.includes(hidden), title)
    t.equal(refused.headers.etag, undefined, title)
  }
  type Tap = Parameters<Parameters<typeof onEachStore>[1]>[0]

  t.test('a call that names a key outside the rule is refused, and changes nothing', async (t) => {
    const id = await begin(HELD)
    const token = await mint(id, { scope: SCOPE, keys: RULES })
    const before = await call(KEY, 'GET', `/v1/sessions/${id}/settings`)
    const patches: [object, Record<string, string>?][] = [
      [{ role: 'x' }],
      [{ role: null }],
      [{ absent: null }],
      [{ role: { a: 1 } }],
      [{ shown: 'x' }],
      [{ open: 2, role: 'x' }],
      [{ carts: 1 }],
      [[{ op: 'add', path: '/role', value: 'x' }], JSON_PATCH],
      [[{ op: 'replace', path: '/shown', value: 'x' }], JSON_PATCH],
      [[{ op: 'remove', path: '/role' }], JSON_PATCH],
      [[{ op: 'add', path: '/role/inside', value: 'x' }], JSON_PATCH],
      [[{ op: 'test', path: '/role', value: 'role-value' }], JSON_PATCH],
      [[{ op: 'test', path: '/drop', value: 'drop-value' }], JSON_PATCH],
      [[{ op: 'test', path: '/absent', value: 1 }], JSON_PATCH],
      [[{ op: 'copy', from: '/role', path: '/open' }], JSON_PATCH],
      [[{ op: 'copy', from: '/drop', path: '/open' }], JSON_PATCH],
      [[{ op: 'copy', from: '/open', path: '/shown' }], JSON_PATCH],
      [[{ op: 'move', from: '/shown', path: '/open' }], JSON_PATCH],
      [[{ op: 'move', from: '/drop', path: '/open' }], JSON_PATCH],
      [[{ op: 'move', from: '/open', path: '/role' }], JSON_PATCH],
      [
        [
          { op: 'replace', path: '/open', value: 2 },
          { op: 'test', path: '/role', value: 'x' },
        ],
        JSON_PATCH,
      ],
    ]
    for (const [body, headers] of patches) {
      isRefused(t, await call(token, 'PATCH', SETTINGS, body, headers), JSON.stringify(body))
    }
    const calls: [string, string, unknown?, Record<string, string>?][] = [
      ['PUT', '', { open: 2 }, { 'if-match': '*' }],
      ['PUT', '', { ...HELD, open: 2 }, { 'if-match': '*' }],
      ['PUT', '', {}, { 'if-match': '*' }],
      ['GET', '/role'],
      ['GET', '/drop'],
      ['GET', '/absent'],
      ['HEAD', '/role'],
      ['PUT', '/role', '"x"'],
      ['PUT', '/shown', '"x"'],
      ['PUT', '/r%6Fle', '"x"'],
      ['DELETE', '/role'],
      ['DELETE', '/absent'],
      ['POST', '/role/take'],
      ['POST', '/shown/take'],
      ['POST', '/drop/take'],
      ['POST', '/role/increment', {}],
      ['POST', '/shown/increment', {}],
      ['POST', '/drop/increment', {}],
      ['PUT', '/drop', '"x"', { 'if-match': '"guess"' }],
      ['PUT', '/drop', '"x"', { 'if-none-match': '*' }],
      ['DELETE', '/drop', undefined, { 'if-match': '"guess"' }],
    ]
    for (const [method, path, body, headers] of calls) {
      const refused = await call(token, method, `${SETTINGS}${path}`, body, headers)
      if (method === 'HEAD') t.equal(refused.status, 403, `${method} ${path}`)
      else isRefused(t, refused, `${method} ${path}`)
      const other = named(`${SETTINGS}${path}`)
      if (other) isRefused(t, await call(token, method, other.path, other.text, headers), other.text)
    }
    const after = await call(KEY, 'GET', `/v1/sessions/${id}/settings`)
    t.equal(after.etag, before.etag)
    t.same(after.json, HELD)
  })

  t.test('what is within the rule can be done', async (t) => {
    const id = await begin(HELD)
    const token = await mint(id, { scope: SCOPE, keys: RULES })
    const done = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
      const answer = await call(token, method, `${SETTINGS}${path}`, body, headers)
      t.ok(answer.status < 300, `${method} ${path} ${JSON.stringify(body)}: ${answer.status}`)
      return answer
    }
    await done('PATCH', '', { open: 2, drop: null, 'cart-1': { a: 1 } })
    await done('PATCH', '', [{ op: 'copy', from: '/shown', path: '/cart-2' }], JSON_PATCH)
    await done('PATCH', '', [{ op: 'test', path: '/shown', value: 'shown-value' }], JSON_PATCH)
    await done('PUT', '/drop', '"new"')
    await done('PUT', '/open', '3', { 'if-match': '*' })
    t.same((await done('POST', '/open/increment', {})).json, { value: 4 })
    t.same((await done('POST', '/cart-2/take')).json, { value: 'shown-value' })
    t.equal((await done('GET', '/shown')).body, '"shown-value"')
    t.same((await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json, {
      open: 4,
      shown: 'shown-value',
      drop: 'new',
      role: 'role-value',
      'cart-1': { a: 1 },
    })
  })

  t.test('only readable keys are shown, by whatever call', async (t) => {
    const id = await begin(HELD)
    const token = await mint(id, { scope: SCOPE, keys: RULES })
    const seen = { open: 1, shown: 'shown-value' }
    t.same((await call(token, 'GET', SETTINGS)).json, seen)
    t.same((await call(token, 'GET', '/v1/sessions/current')).json.settings, seen)
    t.notOk((await call(token, 'POST', '/v1/sessions/current/touch')).body.includes('role'))
    const wish = { prefer: 'return=representation' }
    t.same((await call(token, 'PATCH', SETTINGS, { open: 2 }, wish)).json, { ...seen, open: 2 })
    const patch = [{ op: 'add', path: '/drop', value: 1 }]
    t.same((await call(token, 'PATCH', SETTINGS, patch, { ...JSON_PATCH, ...wish })).json, { ...seen, open: 2 })
  })

  t.test('an ETag has a form for each read rule, and matches in no other', async (t) => {
    const id = await begin(HELD)
    const wide = await mint(id, { scope: SCOPE })
    const narrow = await mint(id, { scope: SCOPE, keys: RULES })
    const narrower = await mint(id, { scope: SCOPE, keys: { read: ['open'], write: ['open'] } })
    const tagOf = async (token: string) => (await call(token, 'GET', `/v1/sessions/${id}/settings`)).etag
    const [key, all, some, few] = [await tagOf(KEY), await tagOf(wide), await tagOf(narrow), await tagOf(narrower)]
    t.equal(all, key, 'a token for all keys sees what an API key sees')
    t.match(some, /^"1-[\w-]{8}~[\w-]{8}"$/)
    t.match(few, /^"1-[\w-]{8}~[\w-]{8}"$/)
    t.equal(new Set([all, some, few]).size, 3)
    t.equal(`"${(await call(narrow, 'GET', '/v1/sessions/current')).json.etag}"`, some)

    for (const [token, own, others] of [
      [wide, all, [some, few]],
      [narrow, some, [all, few]],
      [narrower, few, [all, some]],
    ] as const) {
      for (const other of others) {
        const body = { open: 1 }
        const refused = await call(token, 'PATCH', SETTINGS, body, { 'if-match': other })
        t.equal(refused.status, 412, `${other} where ${own} is`)
        t.equal(refused.etag, own, 'it is told its own form')
        t.equal((await call(token, 'GET', SETTINGS, undefined, { 'if-none-match': other })).status, 200)
      }
      t.equal((await call(token, 'GET', SETTINGS, undefined, { 'if-none-match': own })).status, 304)
      t.equal((await call(token, 'PATCH', SETTINGS, { open: 1 }, { 'if-match': own })).status, 204)
    }
    t.equal((await call(narrow, 'PATCH', SETTINGS, { open: 5 }, { 'if-match': some })).etag, await tagOf(narrow))
  })

  t.test('messages and pointers name no hidden key', async (t) => {
    const id = await begin({ ...HELD, open: 'text' })
    const token = await mint(id, { scope: SCOPE, keys: RULES })
    for (const [method, path, body, headers] of [
      ['POST', '/open/increment', {}, {}],
      ['PATCH', '', { 'cart-1': 'x'.repeat(65_536) }, {}],
      ['PATCH', '', [{ op: 'remove', path: '/cart-9' }], JSON_PATCH],
      ['PATCH', '', [{ op: 'test', path: '/open', value: 1 }], JSON_PATCH],
    ] as const) {
      const refused = await call(token, method, `${SETTINGS}${path}`, body, headers)
      t.ok(refused.status >= 400)
      t.notMatch(refused.body, /role|drop/)
    }
  })

  const key = fc.constantFrom('open', 'shown', 'drop', 'role', 'cart-1', 'cart-2', 'carts')
  const value = fc.constantFrom<unknown>(1, 'planted', null, { a: 1 }, { a: null })
  const path = key.map((name) => `/${name}`)
  const operation = fc.oneof(
    fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path, value }),
    fc.record({ op: fc.constant('remove'), path }),
    fc.record({ op: fc.constantFrom('move', 'copy'), from: path, path }),
  )
  const headers = fc.constantFrom<Record<string, string>>(
    {},
    { prefer: 'return=representation' },
    { 'if-match': '*' },
    { 'if-none-match': '*' },
  )
  const step = fc.record({
    headers,
    byName: fc.boolean(),
    sent: fc.oneof(
      fc.tuple(fc.constant('PATCH'), fc.constant(''), fc.dictionary(key, value, { maxKeys: 2 })),
      fc.tuple(fc.constant('PATCH'), fc.constant('json-patch'), fc.array(operation, { minLength: 1, maxLength: 3 })),
      fc.tuple(fc.constant('PUT'), fc.constant(''), fc.dictionary(key, value, { maxKeys: 2 })),
      fc.tuple(fc.constantFrom('GET', 'DELETE'), path, fc.constant(undefined)),
      fc.tuple(
        fc.constant('PUT'),
        path,
        value.map((one) => JSON.stringify(one)),
      ),
      fc.tuple(
        fc.constant('POST'),
        fc.tuple(path, fc.constantFrom('/take', '/increment')).map((parts) => parts.join('')),
        fc.constant({}),
      ),
      fc.tuple(fc.constant('GET'), fc.constant(''), fc.constant(undefined)),
    ),
  })

  t.test('no sequence of calls changes or shows a key outside the rule', async () => {
    const hidden = { ...HELD, drop: 'drop-value-1', role: 'role-value-1', carts: 'carts-value-1' }
    const outside = ['shown', 'role', 'carts']
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const id = await begin(hidden)
        const token = await mint(id, { scope: SCOPE, keys: RULES })
        for (const { headers, byName, sent } of steps) {
          const [method, where, body] = sent
          const isPatch = where === 'json-patch'
          const path = `${SETTINGS}${isPatch ? '' : where}`
          const other = byName ? named(path) : undefined
          const answer = await call(token, method, other?.path ?? path, other?.text ?? body, {
            ...headers,
            ...(isPatch ? JSON_PATCH : {}),
          })
          if (answer.status >= 500) throw new Error(`${method} ${where} was answered ${answer.status}`)
          const told = JSON.stringify(answer)
          for (const text of ['drop-value', 'role-value', 'carts-value']) {
            if (told.includes(text)) throw new Error(`${method} ${where} ${JSON.stringify(body)} showed ${text}`)
          }
        }
        const after = (await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json
        for (const name of outside) {
          if (after[name] !== hidden[name as 'role']) throw new Error(`${name} was changed`)
        }
        for (const name of Object.keys(after)) {
          if (!(name in hidden) && !allows(RULES.write, name)) throw new Error(`${name} was made`)
        }
      }),
      { numRuns: 60 },
    )
  })

  t.test('a rule of everything is as wide as the session', async (t) => {
    const id = await begin(HELD)
    const token = await mint(id, { scope: SCOPE, keys: ALL })
    t.equal((await call(token, 'PUT', SETTINGS, { only: 1 }, { 'if-match': '*' })).status, 204)
    t.same((await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json, { only: 1 })
  })
})
