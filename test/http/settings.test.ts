import t from 'tap'
import { KEYS, newSession, onEachStore } from '../helpers/app.ts'

type Headers = Record<string, string>

await onEachStore(t, async (t, api) => {
  /** The path of settings that nobody has used yet. */
  const newSettings = () => `${newSession()}/settings`
  const get = (path: string, headers: Headers = {}) => api.call('GET', path, { headers })
  const put = (path: string, body: object, headers: Headers) => api.call('PUT', path, { body, headers })
  const etagOf = async (path: string) => (await get(path)).headers.etag ?? ''

  /** Settings that hold `{"a":1}` at revision 1, with their ETag. */
  const written = async () => {
    const path = newSettings()
    const { headers } = await put(path, { a: 1 }, { 'if-none-match': '*' })
    return { path, etag: headers.etag ?? '' }
  }

  await t.test('unwritten settings read as an empty object with the ETag "0"', async (t) => {
    const path = newSettings()
    t.hasStrict(await get(path), { status: 200, text: '{}', headers: { etag: '"0"' } })
    const { json } = await api.call('POST', '/v1/sessions')
    t.hasStrict(await get(`/v1/sessions/${json.id}/settings`), { status: 200, text: '{}', headers: { etag: '"0"' } })
  })

  await t.test('every answer says that only the caller may keep it', async (t) => {
    const { path } = await written()
    for (const answer of [await get(path), await get(`${newSession()}/settings/x`), await put(path, {}, {})]) {
      t.hasStrict(answer.headers, { 'cache-control': 'private, no-cache', vary: 'Authorization, Cookie, Origin' })
    }
  })

  await t.test('whoever has the present settings is told so', async (t) => {
    const { path, etag } = await written()
    for (const tags of [etag, `W/${etag}`, `"x", ${etag}`, `"x",W/${etag} , "y"`, '*']) {
      const answer = await get(path, { 'if-none-match': tags })
      t.strictSame([answer.status, answer.text, answer.headers.etag], [304, '', etag], tags)
    }
    for (const tags of ['"0"', '"1-AAAAAAAA"', etag.replace('1-', '2-'), `"${etag.slice(1, -1)}~x"`]) {
      t.equal((await get(path, { 'if-none-match': tags })).status, 200, tags)
    }
    const head = await api.call('HEAD', path)
    t.strictSame([head.status, head.headers.etag, head.text], [200, etag, ''])
  })

  await t.test('of unwritten settings a caller may have the ETag "0", and * is none', async (t) => {
    const path = newSettings()
    t.equal((await get(path, { 'if-none-match': '"0"' })).status, 304)
    t.equal((await get(path, { 'if-none-match': '*' })).status, 200)
  })

  await t.test('a write of everything must say what it replaces', async (t) => {
    const { path, etag } = await written()
    const answer = await put(path, { b: 2 }, {})
    t.hasStrict(answer, { status: 428, json: { code: 'precondition_required' } })
    t.match(answer.json.detail, /If-Match.*If-None-Match: \*.*If-Match: \*/)
    t.equal(await etagOf(path), etag, 'and has not written')
    t.equal((await put(newSettings(), {}, {})).status, 428)
  })

  await t.test('a write of everything replaces what it named', async (t) => {
    const { path, etag } = await written()
    const answer = await put(path, { b: [2] }, { 'if-match': etag })
    t.strictSame([answer.status, answer.text], [204, ''])
    t.match(answer.headers.etag, /^"2-[\w-]{8}"$/)
    t.hasStrict(await get(path), { text: '{"b":[2]}', headers: { etag: answer.headers.etag } })
    const late = await put(path, { c: 3 }, { 'if-match': etag })
    t.hasStrict(late, { status: 412, headers: { etag: answer.headers.etag }, json: { code: 'precondition_failed' } })
    t.strictSame((await get(path)).json, { b: [2] })
  })

  await t.test('the preconditions that hold of written settings, and those that do not', async (t) => {
    const { path, etag } = await written()
    const holds: Headers[] = [
      { 'if-match': '*' },
      { 'if-match': etag },
      { 'if-match': `"x" ,\t${etag}` },
      { 'if-match': etag, 'if-none-match': '"x"' },
      { 'if-none-match': '"0", "1-AAAAAAAA"' },
    ]
    for (const headers of holds) {
      const answer = await put(path, { a: 1 }, headers)
      t.strictSame([answer.status, answer.headers.etag], [204, etag], `${JSON.stringify(headers)} holds`)
    }
    const fails: Headers[] = [
      { 'if-match': '"0"' },
      { 'if-match': '"1-AAAAAAAA"' },
      { 'if-match': etag.slice(0, -2) + (etag.at(-2) === 'A' ? 'B"' : 'A"') },
      { 'if-match': `"${etag.slice(1, -1)}~x"` },
      { 'if-match': '""' },
      { 'if-none-match': '*' },
      { 'if-none-match': etag },
      { 'if-none-match': `W/${etag}` },
      { 'if-match': etag, 'if-none-match': '*' },
      { 'if-match': '*', 'if-none-match': etag },
    ]
    for (const method of ['PUT', 'PATCH']) {
      for (const headers of fails) {
        const answer = await api.call(method, path, { body: { a: 2 }, headers })
        t.hasStrict(answer, { status: 412, headers: { etag } }, `${method} ${JSON.stringify(headers)} does not hold`)
      }
    }
    t.hasStrict(await get(path), { text: '{"a":1}', headers: { etag } })
  })

  await t.test('the preconditions that hold of unwritten settings, and those that do not', async (t) => {
    const holds: Headers[] = [
      { 'if-none-match': '*' },
      { 'if-match': '"0"' },
      { 'if-match': '"x", "0"' },
      { 'if-match': 'W/"0"' },
      { 'if-none-match': '"1-AAAAAAAA"' },
    ]
    const fails: Headers[] = [
      { 'if-match': '*' },
      { 'if-match': '"1-AAAAAAAA"' },
      { 'if-none-match': '"0"' },
      { 'if-match': '"0"', 'if-none-match': '"0"' },
    ]
    const { json } = await api.call('POST', '/v1/sessions')
    const unwritten = `/v1/sessions/${json.id}/settings`
    for (const method of ['PUT', 'PATCH']) {
      for (const headers of fails) {
        for (const path of [newSettings(), unwritten]) {
          const answer = await api.call(method, path, { body: { a: 1 }, headers })
          t.hasStrict(answer, { status: 412, headers: { etag: '"0"' } }, `${method} ${JSON.stringify(headers)}`)
        }
      }
      for (const headers of holds) {
        const path = newSettings()
        const answer = await api.call(method, path, { body: { a: 1 }, headers })
        t.equal(answer.status, 201, `${method} ${JSON.stringify(headers)} holds`)
        t.hasStrict(await get(path), { text: '{"a":1}', headers: { etag: answer.headers.etag } })
      }
    }
    t.equal((await put(unwritten, {}, { 'if-match': '"0"' })).status, 201)
  })

  await t.test('what is no list of ETags is refused', async (t) => {
    const { path, etag } = await written()
    const many = Array.from({ length: 101 }, (_, n) => `"${n}"`).join(',')
    for (const garbage of [
      '0',
      etag.slice(1, -1),
      '"',
      '"a',
      'a"',
      '"a" "b"',
      `*, ${etag}`,
      '**',
      'w/"a"',
      '"a\tb"',
      '',
      many,
    ]) {
      for (const header of ['if-match', 'if-none-match']) {
        const answer = await put(path, { b: 2 }, { [header]: garbage })
        t.hasStrict(answer, { status: 400, json: { code: 'invalid_request' } }, `${header}: ${garbage}`)
        t.equal(answer.json.errors[0]?.pointer, `#/headers/${header}`)
      }
      t.equal((await get(path, { 'if-none-match': garbage })).status, 400, `GET with ${garbage}`)
    }
    t.equal(await etagOf(path), etag)
  })

  await t.test('a list of ETags may have empty elements, as RFC 9110 §5.6.1 asks', async (t) => {
    const { path, etag } = await written()
    for (const list of [`, ${etag}`, `"x",, ${etag}`, `${etag},`]) {
      t.equal((await get(path, { 'if-none-match': list })).status, 304, list)
    }
  })

  await t.test('an ETag is of one session', async (t) => {
    const [one, two] = [await written(), await written()]
    t.not(one.etag, two.etag)
    t.equal((await put(one.path, {}, { 'if-match': two.etag })).status, 412)
  })

  await t.test('a write that leaves every text as it was changes nothing', async (t) => {
    const { path, etag } = await written()
    await api.call('PUT', `${path}/o`, { text: '{"a": [1, 2]}' })
    const session = path.slice(0, -'/settings'.length)
    const before = (await api.call('GET', session)).json
    t.equal(before.revision, 2)
    const same = '{"o": {"a": [1, 2]} ,"a":1}'
    t.equal(
      (await api.call('PUT', path, { text: same, headers: { 'if-match': '*' } })).headers.etag,
      `"${before.etag}"`,
    )
    for (const text of ['{}', '{"a":1}', '{"none":null}', '{"o":{}}', '{"o":{"a":[1, 2]}}', '{"o":{"none":null}}']) {
      const answer = await api.call('PATCH', path, { text })
      t.strictSame([answer.status, answer.headers.etag], [204, `"${before.etag}"`], text)
    }
    t.equal((await api.call('PUT', `${path}/a`, { body: 1 })).status, 204)
    t.strictSame((await api.call('GET', session)).json, before)
    t.not(etag, `"${before.etag}"`)
    await api.call('PUT', `${path}/o`, { text: '{"a":[1,2]}' })
    t.equal((await api.call('GET', session)).json.revision, 3, 'another text of the same value is another text')
  })

  await t.test('what was written is answered if it is asked for', async (t) => {
    const path = newSettings()
    const headers = { prefer: 'return=representation', 'if-none-match': '*' }
    const made = await put(path, { a: 1 }, headers)
    const applied = { 'preference-applied': 'return=representation' }
    t.hasStrict(made, { status: 201, text: '{"a":1}', headers: { ...applied, etag: await etagOf(path) } })
    const { prefer } = headers
    const patched = await api.call('PATCH', path, { body: { b: { c: 2 } }, headers: { prefer } })
    t.hasStrict(patched, { status: 200, headers: { ...applied, etag: await etagOf(path) } })
    t.strictSame(patched.json, { a: 1, b: { c: 2 } })
    const replaced = await put(
      path,
      { d: 3 },
      { prefer: 'respond-async, RETURN = "representation"; x', 'if-match': '*' },
    )
    t.hasStrict(replaced, { status: 200, text: '{"d":3}', headers: applied })
    const same = await api.call('PATCH', path, { body: {}, headers: { prefer } })
    t.hasStrict(same, { status: 200, text: '{"d":3}', headers: { etag: await etagOf(path) } })
    for (const other of ['return=minimal', 'respond-async', 'x-return=representation', 'return=representations']) {
      const answer = await api.call('PATCH', path, { body: {}, headers: { prefer: other } })
      t.strictSame([answer.status, answer.headers['preference-applied']], [204, undefined], other)
    }
  })

  await t.test('namespaces do not see each other’s settings', async (t) => {
    const { path } = await written()
    t.hasStrict(await api.call('GET', path, { key: KEYS.blog }), { status: 200, text: '{}', headers: { etag: '"0"' } })
    t.equal((await api.call('PATCH', path, { body: { b: 1 }, key: KEYS.blog })).status, 201)
    t.equal((await get(path)).text, '{"a":1}')
    t.equal(
      (await api.call('GET', path, { key: KEYS.shopToo })).text,
      '{"a":1}',
      'but a key of the same namespace does',
    )
  })
})
