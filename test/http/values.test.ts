import t from 'tap'
import { newSession, onEachStore } from '../helpers/app.ts'

/** Texts that parsing and writing again would change, or that other stores lose. */
const TEXTS = {
  'an empty array': '[]',
  'an empty object': '{}',
  whitespace: '[ 1,\t2 ,\r\n3 ]',
  'the spelling of numbers': '[1.10,1e2,1E+2,-0,0.000,100e-2]',
  'numbers beyond doubles': '[12345678901234567890,9007199254740993,1e400,-1e400,0.1000000000000000055511151231257827]',
  'the order of members': '{"b":1,"a":2,"10":3,"9":4,"-1":5,"":6}',
  escapes: '"\\u0041\\/\\ud83d\\ude00\\n\\u0000"',
  'half a surrogate pair': '["\\ud800","\\udfff\\ud800"]',
  'names that are escaped': '{"\\u0061":{"\\ud800":1,"\\u0000":2}}',
  'characters as they are': '"Grüße, 😀 \u2028 \u007f \ufeff"',
  'a long string': `"${'x'.repeat(60_000)}"`,
  'deep nesting': `${'['.repeat(15)}${']'.repeat(15)}`,
  'names of JavaScript': '{"toString":1,"__defineGetter__":2,"hasOwnProperty":3,"length":4}',
}

await onEachStore(t, async (t, api) => {
  await t.test('a value is kept as the text that was sent, however it came', async (t) => {
    for (const [what, text] of Object.entries(TEXTS)) {
      const session = newSession()
      const settings = `${session}/settings`
      const whole = `{"v":${text}}`
      const shows = async (how: string) => {
        t.equal((await api.call('GET', `${settings}/v`)).text, text, `${what}, by ${how}`)
        t.equal((await api.call('GET', settings)).text, whole)
        t.ok((await api.call('GET', session)).text.endsWith(`,"settings":${whole}}`))
      }
      await api.call('PUT', `${settings}/v`, { text })
      await shows('a PUT of the key')
      await api.call('PUT', settings, { text: whole, headers: { 'if-match': '*' } })
      await shows('a PUT of all')
      for (const [type, patch] of [
        ['application/merge-patch+json', whole],
        ['application/json-patch+json', `[{"op":"add","path":"/v","value": ${text} }]`],
      ] as const) {
        await api.call('DELETE', `${settings}/v`)
        const answer = await api.call('PATCH', settings, {
          text: patch,
          type,
          headers: { prefer: 'return=representation' },
        })
        t.strictSame([answer.status, answer.text], [200, whole])
        await shows(type)
      }
      t.equal((await api.call('POST', `${settings}/v/take`)).text, `{"value":${text}}`)
    }
  })

  await t.test('whitespace around a value is not kept', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PUT', `${settings}/v`, { text: ' \n[ 1 ]\t' })
    t.equal((await api.call('GET', `${settings}/v`)).text, '[ 1 ]')
    await api.call('PATCH', settings, { text: ' { "w" : [ 2 ] , "v" : 1 } ' })
    t.equal((await api.call('GET', `${settings}/w`)).text, '[ 2 ]')
  })

  await t.test('a change inside a value leaves its other members as they were', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PUT', `${settings}/v`, {
      text: '{"z": 1.10, "10":{ "big" : 12345678901234567890 },"n":1e400, "gone":1, "\\u0061":[ 1 ]}',
    })
    await api.call('PATCH', settings, { text: '{"v":{"gone":null,"new":[ 2.0 ],"10":{"more":1E1}}}' })
    const merged = '{"z":1.10,"10":{"big":12345678901234567890,"more":1E1},"n":1e400,"\\u0061":[ 1 ],"new":[ 2.0 ]}'
    t.equal((await api.call('GET', `${settings}/v`)).text, merged)
    await api.call('PATCH', settings, {
      text: '[{"op":"replace","path":"/v/10/more","value": 1.50 }]',
      type: 'application/json-patch+json',
    })
    t.equal((await api.call('GET', `${settings}/v`)).text, merged.replace('1E1', '1.50'))
  })

  await t.test('members may have any name that is not refused, at the top and below', async (t) => {
    const names = ['', 'ok'].map((name) => `${name} /~%"\\\n\u0000é😀`)
    const body = Object.fromEntries(names.map((name) => [name, { [name]: { '': 1 } }]))
    const settings = `${newSession()}/settings`
    t.equal((await api.call('PATCH', settings, { body })).status, 201)
    t.strictSame((await api.call('GET', settings)).json, body)
  })

  await t.test('names that mean something to JavaScript are refused, at any depth and however escaped', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PATCH', settings, { body: { a: { b: 1 } } })
    const { etag = '' } = (await api.call('GET', settings)).headers
    for (const name of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'c\\u006fnstructor']) {
      for (const text of [`{"${name}":1}`, `{"a":{"${name}":null}}`, `{"a":[{"x":{"${name}":{}}}]}`]) {
        for (const [method, path, headers] of [
          ['PATCH', settings, {}],
          ['PUT', settings, { 'if-match': '*' }],
          ['PUT', `${settings}/a`, {}],
        ] as const) {
          const answer = await api.call(method, path, { text, headers })
          t.hasStrict(answer, { status: 422, json: { code: 'name_refused' } }, `${method} ${text}`)
        }
      }
      const begin = await api.call('POST', '/v1/sessions', { text: `{"settings":{"a":{"${name}":1}}}` })
      t.hasStrict(begin, { status: 422, json: { code: 'name_refused' } })
      for (const operation of [
        `{"op":"add","path":"/${name}","value":1}`,
        `{"op":"add","path":"/a/${name}","value":1}`,
        `{"op":"add","path":"/a","value":[{"${name}":1}]}`,
        `{"op":"copy","from":"/a","path":"/${name}"}`,
        `{"op":"move","from":"/a","path":"/a2/${name}"}`,
      ]) {
        const answer = await api.call('PATCH', settings, {
          text: `[${operation}]`,
          type: 'application/json-patch+json',
        })
        t.hasStrict(answer, { status: 422, json: { code: 'name_refused' } }, operation)
      }
    }
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const answer = await api.call('PUT', `${settings}/${name}`, { body: 1 })
      t.hasStrict(answer, { status: 422, json: { code: 'name_refused' } }, `a key in the path: ${name}`)
      const sum = await api.call('POST', `${settings}/${name}/increment`)
      t.hasStrict(sum, { status: 422, json: { code: 'name_refused' } }, `a key to increment: ${name}`)
    }
    t.hasStrict(await api.call('GET', settings), { text: '{"a":{"b":1}}', headers: { etag } })
  })

  await t.test('a member that stands twice is refused, at any depth and however escaped', async (t) => {
    const settings = `${newSession()}/settings`
    for (const text of ['{"a":1,"a":1}', '{"v":{"a":1,"\\u0061":2}}', '{"v":[{"x":{"":1,"":2}}]}']) {
      t.hasStrict(await api.call('PATCH', settings, { text }), { status: 400, json: { code: 'malformed_json' } }, text)
    }
    t.equal((await api.call('GET', settings)).headers.etag, '"0"')
  })
})
