import t from 'tap'
import { newSession, onEachStore } from '../helpers/app.ts'

await onEachStore(t, async (t, api) => {
  const patch = (settings: string, body: unknown, type = 'application/merge-patch+json') =>
    api.call('PATCH', settings, { body, type })
  const read = async (settings: string) => (await api.call('GET', settings)).json

  /** Settings that hold `body`. */
  const holding = async (body: object) => {
    const settings = `${newSession()}/settings`
    await patch(settings, body)
    return settings
  }

  await t.test('a merge patch sets some keys and leaves the others', async (t) => {
    const settings = await holding({ a: 1, b: 2 })
    const answer = await patch(settings, { b: 'two', c: [3] })
    t.strictSame([answer.status, answer.text], [204, ''])
    t.match(answer.headers.etag, /^"2-/)
    t.strictSame(await read(settings), { a: 1, b: 'two', c: [3] })
  })

  await t.test('plain JSON is taken as a merge patch', async (t) => {
    const settings = await holding({ a: 1, b: 2 })
    t.equal((await patch(settings, { a: null, c: 3 }, 'application/json; charset=UTF-8')).status, 204)
    t.strictSame(await read(settings), { b: 2, c: 3 })
  })

  await t.test('null removes, and removing what is not there is no change', async (t) => {
    const settings = await holding({ a: 1, b: { c: 1, d: 2 } })
    await patch(settings, { a: null, none: null, b: { c: null, none: null } })
    t.strictSame(await read(settings), { b: { d: 2 } })
    const { etag } = (await api.call('GET', settings)).headers
    t.equal((await patch(settings, { a: null, b: { c: null } })).headers.etag, etag)
  })

  await t.test('a merge goes to any depth, and arrays are replaced whole', async (t) => {
    const settings = await holding({ a: { b: { c: { d: 1, e: [1, 2] } } }, other: 1 })
    await patch(settings, { a: { b: { c: { e: [null, { x: null }], f: { g: null, h: 1 } } }, n: 2 } })
    t.strictSame(await read(settings), {
      a: { b: { c: { d: 1, e: [null, { x: null }], f: { h: 1 } } }, n: 2 },
      other: 1,
    })
  })

  await t.test('an object takes the place of what is none, without its nulls', async (t) => {
    const settings = await holding({ a: 1, b: [1], c: 'x' })
    await patch(settings, { a: { x: null, y: 1 }, b: { x: { y: null } }, c: {}, d: { e: null } })
    t.strictSame(await read(settings), { a: { y: 1 }, b: { x: {} }, c: {}, d: {} })
    await patch(settings, { a: 2, b: 'x' })
    t.strictSame(await read(settings), { a: 2, b: 'x', c: {}, d: {} })
  })

  await t.test('a patch of unwritten settings begins them, also an empty one', async (t) => {
    for (const body of [{}, { a: null }, { a: 1 }, { a: { b: null } }]) {
      const session = newSession()
      const answer = await patch(`${session}/settings`, body)
      t.equal(answer.status, 201, JSON.stringify(body))
      t.match(answer.headers.etag, /^"1-/)
      t.equal((await api.call('GET', session)).json.revision, 1)
      t.equal((await patch(`${session}/settings`, {})).status, 204)
      const { json } = await api.call('POST', '/v1/sessions')
      t.equal((await patch(`/v1/sessions/${json.id}/settings`, body)).status, 201, 'of a session that is there as well')
    }
  })

  await t.test('a patch may have a precondition', async (t) => {
    const settings = await holding({ a: { b: 1 } })
    const { etag = '' } = (await api.call('GET', settings)).headers
    const conditional = (ifMatch: string, body: object) =>
      api.call('PATCH', settings, { body, headers: { 'if-match': ifMatch } })
    const first = await conditional(etag, { a: { c: 2 } })
    t.equal(first.status, 204)
    for (const body of [{ a: { d: 3 } }, { n: 1 }, {}]) {
      const answer = await conditional(etag, body)
      t.hasStrict(answer, { status: 412, headers: { etag: first.headers.etag } }, JSON.stringify(body))
    }
    t.strictSame(await read(settings), { a: { b: 1, c: 2 } })
  })

  await t.test('settings are only patched by an object', async (t) => {
    const settings = await holding({ a: 1 })
    for (const body of [[], 1, 'a', null, true]) {
      t.hasStrict(await patch(settings, body), { status: 400, json: { code: 'invalid_request' } }, JSON.stringify(body))
    }
  })

  await t.test('a key without a form in UTF-8 is none, and stands for no other', async (t) => {
    const settings = await holding({ '\ufffd': 'another key' })
    for (const value of ['1', '{"a":1}']) {
      const answer = await api.call('PATCH', settings, { text: `{"\\ud800":${value}}` })
      t.hasStrict(answer, { status: 422, json: { code: 'key_length' } }, value)
    }
    await api.call('PATCH', settings, { text: '{"\\ud800":null}' })
    t.strictSame(await read(settings), { '\ufffd': 'another key' }, 'also where it is to be removed')
  })

  await t.test('what is refused changes nothing', async (t) => {
    const settings = await holding({ a: { b: 1 } })
    const { etag } = (await api.call('GET', settings)).headers
    t.equal((await patch(settings, { a: { b: 2 }, c: 1, ['k'.repeat(129)]: 1 })).status, 422)
    t.hasStrict(await api.call('GET', settings), { text: '{"a":{"b":1}}', headers: { etag } })
  })
})
