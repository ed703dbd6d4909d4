import { randomUUID } from 'node:crypto'
import t from 'tap'
import { type Answer, type Api, type Call, idOf, KEYS, newSession, onEachStore } from '../helpers/app.ts'
import { named } from '../helpers/by-name.ts'

const JSON_PATCH = 'application/json-patch+json'
const BEFORE = { n: 1, code: 'once', o: { x: 1 } }

type Write = { readonly method: string; readonly path: string; readonly call?: Call; readonly byName?: true }

/** Calls that change `BEFORE`, none of which could be done twice with the same answer. */
const WRITES: Record<string, Write> = {
  'a PUT': { method: 'PUT', path: '', call: { body: { new: 1 }, headers: { 'if-none-match': '"0"' } } },
  'a merge patch': { method: 'PATCH', path: '', call: { body: { n: 2 } } },
  'a nested merge patch': { method: 'PATCH', path: '', call: { body: { o: { y: 2 }, p: { q: 1 } } } },
  'a JSON Patch whose test fails the second time': {
    method: 'PATCH',
    path: '',
    call: {
      body: [
        { op: 'test', path: '/n', value: 1 },
        { op: 'replace', path: '/n', value: 2 },
      ],
      type: JSON_PATCH,
    },
  },
  'a JSON Patch whose path is not there the second time': {
    method: 'PATCH',
    path: '',
    call: { body: [{ op: 'remove', path: '/n' }], type: JSON_PATCH },
  },
  'a PUT of a new key': { method: 'PUT', path: '/fresh', call: { body: 1 } },
  'a PUT of a key that must not be there': {
    method: 'PUT',
    path: '/fresh',
    call: { body: 1, headers: { 'if-none-match': '*' } },
  },
  'a DELETE of a key that must be there': { method: 'DELETE', path: '/n', call: { headers: { 'if-match': '*' } } },
  'a DELETE of a key': { method: 'DELETE', path: '/n' },
  'a take': { method: 'POST', path: '/code/take' },
  'a take by name': { method: 'POST', path: '/code/take', byName: true },
  'an increment by name': { method: 'POST', path: '/n/increment', byName: true },
  'an increment': { method: 'POST', path: '/n/increment', call: { body: { by: 2 } } },
  'an increment of an absent key': { method: 'POST', path: '/fresh/increment' },
}

const seen = ({ status, text, headers }: Answer) => ({ status, text, etag: headers.etag })

await onEachStore(t, async (t, api) => {
  const send = (settings: string, { method, path, call, byName }: Write, key: string, more: Call = {}) => {
    const other = byName ? named(settings + path) : undefined
    return api.call(method, other?.path ?? settings + path, {
      ...call,
      ...more,
      ...(other && { text: other.text }),
      headers: { ...call?.headers, ...more.headers, 'idempotency-key': key },
    })
  }

  const begin = async (): Promise<string> => {
    const settings = `${newSession()}/settings`
    await api.call('PATCH', settings, { body: BEFORE })
    return settings
  }

  const stateOf = async (settings: string) => {
    const { revision, settings: values, etag } = (await api.call('GET', settings.replace('/settings', ''))).json
    return { revision, values, etag }
  }

  await t.test('a repeated write gets the first outcome and does nothing', async (t) => {
    for (const [name, write] of Object.entries(WRITES)) {
      const settings = await begin()
      const key = randomUUID()
      const first = await send(settings, write, key)
      t.ok(first.status < 300, `${name}: ${first.status}`)
      const after = await stateOf(settings)
      t.equal(after.revision, 2, name)
      t.strictSame(seen(await send(settings, write, key)), seen(first), `${name}, again`)
      t.strictSame(await stateOf(settings), after)

      await api.call('PATCH', settings, { body: { n: 100, fresh: null, later: 1 } })
      const later = await stateOf(settings)
      t.strictSame(seen(await send(settings, write, key)), seen(first), `${name}, after another write`)
      t.strictSame(await stateOf(settings), later, 'which it takes nothing back from')
    }
  })

  await t.test('of twenty of the same write at once one is done, and all get its outcome', async (t) => {
    for (const [name, write] of Object.entries(WRITES)) {
      const settings = await begin()
      const key = randomUUID()
      const answers = await Promise.all(Array.from({ length: 20 }, () => send(settings, write, key)))
      t.ok((answers[0]?.status ?? 500) < 300, name)
      for (const answer of answers) t.strictSame(seen(answer), seen(answers[0] as Answer), name)
      t.equal((await stateOf(settings)).revision, 2)
    }
  })

  await t.test('the outcome outlives the session, and another call is too late', async (t) => {
    for (const [name, write] of Object.entries(WRITES)) {
      const settings = await begin()
      const key = randomUUID()
      const first = await send(settings, write, key)
      await api.call('DELETE', settings.replace('/settings', ''))
      t.strictSame(seen(await send(settings, write, key)), seen(first), name)
      t.equal((await send(settings, write, randomUUID())).status, 410, name)
      t.equal((await api.call('GET', settings)).status, 410, 'nothing is brought back')
    }
  })

  await t.test('anything else under a key is refused', async (t) => {
    for (const [name, write] of Object.entries(WRITES)) {
      const settings = await begin()
      const key = randomUUID()
      await send(settings, write, key)
      const after = await stateOf(settings)
      const others: Record<string, Write> = {
        'another body': write.byName
          ? { ...write, path: write.path.replace('/', '/other-') }
          : { ...write, call: { ...write.call, body: write.call?.type === JSON_PATCH ? [] : {} } },
        'another path': { method: 'PUT', path: '/another', call: { body: 1 } },
        'another method': { method: 'DELETE', path: '/n' },
        'another precondition': {
          ...write,
          call: { ...write.call, headers: { 'if-match': '*', 'if-none-match': '"x"' } },
        },
      }
      for (const [what, other] of Object.entries(others)) {
        if (other.method === write.method && other.path === write.path && other.call === write.call) continue
        if (what === 'another body' && write.method === 'DELETE') continue
        if (what === 'another method' && write.method === 'DELETE' && !write.call) continue
        const answer = await send(settings, other, key)
        t.hasStrict(answer, { status: 422, json: { code: 'idempotency_key_reused' } }, `${what} after ${name}`)
      }
      t.strictSame(await stateOf(settings), after)
    }
  })

  await t.test('a repeat that asks for a representation is shown what is there now', async (t) => {
    const settings = await begin()
    const key = randomUUID()
    const write: Write = {
      method: 'PATCH',
      path: '',
      call: { body: { n: 2 }, headers: { prefer: 'return=representation' } },
    }
    const first = await send(settings, write, key)
    await api.call('PATCH', settings, { body: { n: null } })
    const again = await send(settings, write, key)
    const now = await api.call('GET', settings)
    t.strictSame([first.json as object, again.json as object], [{ ...BEFORE, n: 2 }, now.json])
    t.equal(again.headers.etag, now.headers.etag)
  })

  await t.test('a key is of one credential and one session', async (t) => {
    const [one, two] = [await begin(), await begin()]
    const key = randomUUID()
    const write = WRITES['an increment'] as Write
    const sum = async (settings: string, more?: Call) => (await send(settings, write, key, more)).json.value
    t.equal(await sum(one), 3)
    t.equal(await sum(two), 3, 'another session')
    t.equal(await sum(one, { key: KEYS.shopToo }), 5, 'another key of the same namespace')
    t.equal(await sum(one, { key: KEYS.blog }), 2, 'another namespace')
    t.equal(await sum(one), 3)
  })

  await t.test('a write that changed nothing is not kept', async (t) => {
    const settings = await begin()
    const key = randomUUID()
    await send(settings, { method: 'PATCH', path: '', call: { body: { n: 1 } } }, key)
    t.equal((await send(settings, { method: 'POST', path: '/none/take' }, key)).status, 404)
    t.equal((await send(settings, { method: 'PATCH', path: '', call: { body: { n: 2 } } }, key)).status, 204)
    t.hasStrict((await stateOf(settings)).values, { n: 2 })
  })

  await t.test('a key that is none is refused', async (t) => {
    const settings = await begin()
    for (const key of ['', 'a b', 'é', 'x'.repeat(256)]) {
      for (const write of Object.values(WRITES)) {
        const answer = await send(settings, write, key)
        t.hasStrict(
          answer,
          { status: 400, json: { code: 'invalid_request' } },
          `${write.method} ${write.path} with "${key}"`,
        )
        t.equal(answer.json.errors[0]?.pointer, '#/headers/idempotency-key')
      }
    }
    t.equal((await stateOf(settings)).revision, 1)
    t.equal((await send(settings, WRITES['a merge patch'] as Write, `"${'x'.repeat(253)}"`)).status, 204)
  })

  await t.test('without a key things happen twice', async (t) => {
    const settings = await begin()
    const add = () => api.call('POST', `${settings}/n/increment`)
    t.strictSame([(await add()).json.value, (await add()).json.value], [2, 3])
    const take = () => api.call('POST', `${settings}/code/take`)
    t.strictSame([(await take()).status, (await take()).status], [200, 404])
    const create = () => api.call('POST', '/v1/sessions')
    t.not((await create()).json.id, (await create()).json.id)
  })
})

await onEachStore(t, async (t, api: Api) => {
  const create = (key: string, body: object, apiKey?: string) =>
    api.call('POST', '/v1/sessions', { body, headers: { 'idempotency-key': key }, key: apiKey })

  await t.test('a session that is begun twice under one key is one, under the id drawn first', async (t) => {
    for (const body of [{}, { settings: { a: 1 } }, { id: randomUUID() }, { id: randomUUID(), settings: {} }]) {
      const key = randomUUID()
      const first = await create(key, body)
      t.equal(first.status, 201)
      const again = await create(key, body)
      t.strictSame(again.json, first.json, JSON.stringify(body))
      t.strictSame([again.status, again.headers.location], [201, first.headers.location])
      t.not((await create(randomUUID(), { ...body, id: randomUUID() })).json.id, first.json.id)
    }
  })

  await t.test('of twenty who begin it at once all get the same session', async (t) => {
    const key = randomUUID()
    const made = await Promise.all(Array.from({ length: 20 }, () => create(key, { settings: { a: 1 } })))
    t.equal(new Set(made.map(({ text }) => text)).size, 1)
    t.ok(made.every(({ status }) => status === 201))
  })

  await t.test('another session under the same key is refused', async (t) => {
    const key = randomUUID()
    const { json } = await create(key, { settings: { a: 1 } })
    for (const body of [{}, { settings: { a: 2 } }, { settings: { a: 1 }, subject: 's' }]) {
      t.hasStrict(await create(key, body), { status: 422, json: { code: 'idempotency_key_reused' } })
    }
    t.not((await create(key, { settings: { a: 1 } }, KEYS.shopToo)).json.id, json.id, 'but not to another credential')
    const session = newSession()
    await create(key, { id: idOf(session) })
    t.equal((await create(key, { id: idOf(session), subject: 's' })).json.code, 'idempotency_key_reused')
    const write = { body: { a: 1 }, headers: { 'idempotency-key': key } }
    t.equal((await api.call('PATCH', `${session}/settings`, write)).json.code, 'idempotency_key_reused')
  })

  await t.test('a repeat is shown the session as it is now', async (t) => {
    const key = randomUUID()
    const { json } = await create(key, { settings: { a: 1 } })
    await api.call('PATCH', `/v1/sessions/${json.id}/settings`, { body: { a: 2 } })
    t.hasStrict(await create(key, { settings: { a: 1 } }), { status: 201, json: { id: json.id, settings: { a: 2 } } })
    await api.call('DELETE', `/v1/sessions/${json.id}`)
    t.hasStrict(await create(key, { settings: { a: 1 } }), { status: 410, json: { reason: 'deleted' } })
  })

  await t.test('a key that is none is refused', async (t) => {
    for (const key of ['', 'a b', 'x'.repeat(256)]) t.equal((await create(key, {})).status, 400)
  })
})
