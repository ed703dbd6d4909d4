import t, { type Test } from 'tap'
import { newSession, onEachStore } from '../helpers/app.ts'
import { named } from '../helpers/by-name.ts'

const JSON_PATCH = 'application/json-patch+json'

/** A value whose containers stand so deep in each other. */
const nested = (depth: number, inner = '1') => `${'{"d":'.repeat(depth)}${inner}${'}'.repeat(depth)}`

await onEachStore(t, async (t, api) => {
  const newSettings = () => `${newSession()}/settings`

  /** Every way to write `{[key]: value}`, as texts. */
  const writes = (settings: string, key: string, value: string) => [
    () => api.call('PATCH', settings, { text: `{${JSON.stringify(key)}:${value}}` }),
    () => api.call('PUT', settings, { text: `{${JSON.stringify(key)}:${value}}`, headers: { 'if-match': '*' } }),
    () => api.call('PUT', `${settings}/${encodeURIComponent(key)}`, { text: value }),
    () =>
      api.call('PATCH', settings, {
        text: `[{"op":"add","path":${JSON.stringify(`/${key.replaceAll('~', '~0')}`)},"value":${value}}]`,
        type: JSON_PATCH,
      }),
    () => api.call('POST', '/v1/sessions', { text: `{"settings":{${JSON.stringify(key)}:${value}}}` }),
  ]

  /** That every way to write this is refused in this way, and changes nothing. */
  const refused = async (
    t: Test,
    key: string,
    value: string,
    problem: { status: number; code: string; limit: number },
  ) => {
    const settings = newSettings()
    const { headers } = await api.call('PATCH', settings, { body: {} })
    const { status, ...json } = problem
    for (const write of writes(settings, key, value)) {
      t.hasStrict(await write(), { status, json })
    }
    t.hasStrict(await api.call('GET', settings), { text: '{}', headers: { etag: headers.etag } })
  }

  const accepted = async (t: Test, key: string, value: string) => {
    const settings = newSettings()
    await api.call('PATCH', settings, { body: {} })
    for (const write of writes(settings, key, value)) {
      const { status } = await write()
      t.ok(status === 204 || status === 201, `${status}`)
      if (status === 204) t.equal((await api.call('GET', settings)).text, `{${JSON.stringify(key)}:${value}}`)
      await api.call('PUT', settings, { body: {}, headers: { 'if-match': '*' } })
    }
  }

  await t.test('a key has 1 to 128 bytes', async (t) => {
    for (const key of ['k', 'k'.repeat(128), 'é'.repeat(64), '😀'.repeat(32)]) await accepted(t, key, '1')
    for (const key of ['k'.repeat(129), `${'é'.repeat(64)}k`]) {
      await refused(t, key, '1', { status: 422, code: 'key_length', limit: 128 })
    }
    const settings = newSettings()
    const answer = await api.call('PATCH', settings, { text: '{"":1}' })
    t.hasStrict(answer, { status: 422, json: { code: 'key_length', limit: 128 } })
    // What was put before the limit was lowered can still be read and taken away.
    for (const [method, action, limit] of [
      ['GET', '', 1024],
      ['DELETE', '', 1024],
      ['POST', '/take', 1024],
      ['POST', '/increment', 128],
    ] as const) {
      const answer = await api.call(method, `${settings}/${'k'.repeat(limit + 1)}${action}`)
      t.hasStrict(answer, { status: 422, json: { code: 'key_length', limit } }, method + action)
      const other = named(`${settings}/${'k'.repeat(limit + 1)}${action}`)
      if (other) t.same((await api.call(method, other.path, other)).json, answer.json)
      const longest = await api.call(method, `${settings}/${'k'.repeat(limit)}${action}`)
      t.not(longest.json.code, 'key_length', method + action)
    }
  })

  await t.test('settings stand 16 deep at most, the settings themselves counted', async (t) => {
    await accepted(t, 'v', nested(15))
    await accepted(t, 'v', `${'['.repeat(15)}${']'.repeat(15)}`)
    await refused(t, 'v', nested(16), { status: 422, code: 'too_deep', limit: 16 })
    await refused(t, 'v', `${'['.repeat(16)}${']'.repeat(16)}`, { status: 422, code: 'too_deep', limit: 16 })
  })

  await t.test('a change inside a value cannot make it too deep', async (t) => {
    const settings = newSettings()
    await api.call('PUT', `${settings}/v`, { text: nested(15) })
    const { etag } = (await api.call('GET', settings)).headers
    const path = `/v${'/d'.repeat(15)}`
    const deeper: [text: string, type: string][] = [
      [`{"v":${nested(15, '{"x":1}')}}`, 'application/json'],
      [`[{"op":"replace","path":"${path}","value":[]}]`, JSON_PATCH],
      [`[{"op":"copy","from":"/v","path":"/v/d/d"}]`, JSON_PATCH],
    ]
    for (const [text, type] of deeper) {
      const answer = await api.call('PATCH', settings, { text, type })
      t.hasStrict(answer, { status: 422, json: { code: 'too_deep', limit: 16 } }, text)
    }
    t.equal((await api.call('GET', settings)).headers.etag, etag)
  })

  await t.test('keys and values may have 64 KiB of text', async (t) => {
    const string = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`
    await accepted(t, 'key', string(65_533))
    await refused(t, 'key', string(65_534), { status: 413, code: 'settings_too_large', limit: 65_536 })
    await accepted(t, 'é', string(65_534))
    await refused(t, 'é', string(65_535), { status: 413, code: 'settings_too_large', limit: 65_536 })
  })

  await t.test('what settings hold counts as well, until it goes', async (t) => {
    const settings = newSettings()
    await api.call('PUT', `${settings}/a`, { body: 'x'.repeat(40_000) })
    const { etag } = (await api.call('GET', settings)).headers
    const tooMuch = { b: 'y'.repeat(30_000) }
    const full = { status: 413, json: { code: 'settings_too_large', limit: 65_536 } }
    t.hasStrict(await api.call('PATCH', settings, { body: tooMuch }), full)
    t.hasStrict(await api.call('PATCH', settings, { body: { o: tooMuch } }), full)
    t.hasStrict(await api.call('PUT', `${settings}/b`, { body: tooMuch.b }), full)
    const copy = [{ op: 'copy', from: '/a', path: '/b' }]
    t.hasStrict(await api.call('PATCH', settings, { body: copy, type: JSON_PATCH }), full)
    t.equal((await api.call('GET', settings)).headers.etag, etag)
    t.equal((await api.call('PATCH', settings, { body: { a: null, ...tooMuch } })).status, 204, 'in place of what goes')
    t.equal(
      (await api.call('PUT', settings, { body: { a: 'x'.repeat(60_000) }, headers: { 'if-match': '*' } })).status,
      204,
    )
  })

  await t.test('settings may have 256 keys', async (t) => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]))
    const full = { status: 422, json: { code: 'too_many_keys', limit: 256 } }
    t.hasStrict(await api.call('POST', '/v1/sessions', { body: { settings: keys(257) } }), full)
    const settings = newSettings()
    t.hasStrict(await api.call('PATCH', settings, { body: keys(257) }), full)
    t.equal((await api.call('GET', settings)).headers.etag, '"0"')
    t.equal((await api.call('PATCH', settings, { body: keys(256) })).status, 201)
    t.hasStrict(await api.call('PUT', `${settings}/more`, { body: 1 }), full)
    t.hasStrict(await api.call('PATCH', settings, { body: { more: 1 } }), full)
    t.hasStrict(await api.call('PATCH', settings, { body: { more: {} } }), full)
    t.hasStrict(await api.call('POST', `${settings}/more/increment`), full)
    t.hasStrict(await api.call('PUT', settings, { body: keys(257), headers: { 'if-match': '*' } }), full)
    t.equal((await api.call('PATCH', settings, { body: { k0: 'other', more: null } })).status, 204)
    t.equal((await api.call('PATCH', settings, { body: { k0: null, more: 1 } })).status, 204)
    t.equal(Object.keys((await api.call('GET', settings)).json).length, 256)
  })

  await t.test('a body may be larger than what is stored of it, but not without limit', async (t) => {
    const settings = newSettings()
    const spaces = ' '.repeat(190_000)
    t.equal((await api.call('PATCH', settings, { text: `{${spaces}"a":1}` })).status, 201)
    const answer = await api.call('PATCH', settings, { text: `{${spaces}${spaces}"a":1}` })
    t.hasStrict(answer, { status: 413, json: { code: 'body_too_large', limit: 196_608 } })
  })

  await t.test('a patch of many small operations is taken', async (t) => {
    const settings = newSettings()
    await api.call('PUT', `${settings}/l`, { body: [] })
    const body = Array.from({ length: 3000 }, (_, n) => ({ op: 'add', path: '/l/0', value: n }))
    t.equal((await api.call('PATCH', settings, { body, type: JSON_PATCH })).status, 204)
    t.equal(((await api.call('GET', `${settings}/l`)).json as unknown as number[])[0], 2999)
  })

  await t.test('a patch that removes very many keys that are not there is taken', async (t) => {
    const settings = newSettings()
    const body = Object.fromEntries(Array.from({ length: 12_000 }, (_, n) => [`k${n}`, null]))
    t.equal((await api.call('PATCH', settings, { body: { ...body, a: 1 } })).status, 201)
    t.equal((await api.call('GET', settings)).text, '{"a":1}')
  })
})
