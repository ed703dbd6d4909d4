/** What every call makes of bodies that nobody should send. The calls are those that the description lists. */
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { KEYS, newSession, onLmdb } from '../helpers/app.ts'
import {
  callOf,
  isProblem,
  nameOf,
  type Operation,
  operationsOf,
  pathOf,
  takesForm,
  takesKey,
} from '../helpers/operations.ts'
import { exchange, head } from '../helpers/raw-http.ts'

const WRONG_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'text/json',
  'application/vnd.api+json',
  'application/json; charset=utf-16',
  'application/json; charset="UTF-16LE"',
  'application/json;charset=iso-8859-1',
  'application/jsonp',
  'application/json, text/plain',
  'json',
  '*/*',
]

const BAD_JSON: [what: string, bytes: string | Buffer][] = [
  ['half an object', '{"a":'],
  ['two values', '{} {}'],
  ['JavaScript', '{a:1}'],
  ['a single quote', "{'a':1}"],
  ['a comma too many', '{"a":1,}'],
  ['NaN', '{"a":NaN}'],
  ['a number with a zero before it', '{"a":01}'],
  ['a control character in a string', '{"a":"\u0000"}'],
  ['a wrong escape', '{"a":"\\x"}'],
  ['a member twice', '{"a":1,"a":1}'],
  ['a member twice, below', '{"a":[{"b":1,"b":2}]}'],
  ['a member twice, escaped', '{"a":{"b":1,"\\u0062":2}}'],
  ['a byte order mark', Buffer.from('\ufeff{}')],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
  ['half a surrogate pair in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
  ['UTF-16', Buffer.from('{}', 'utf16le')],
  ['spaces alone', '  \n'],
]

const mediaTypes = ({ requestBody }: Operation): string[] => Object.keys(requestBody?.content ?? {})

// Hardly anything here gets as far as a store, so one will do.
const api = await onLmdb(t)
const operations = operationsOf(api)
const withBody = operations.filter((one) => one.requestBody !== undefined && !takesForm(one))
/** Without it a write of the whole settings is refused for that. */
/** What takes no members needs no more. */
const bodyLimitOf = ({ operationId }: Operation): number => (operationId === 'touchSession' ? 1024 : 196_608)

const headersOf = ({ operationId }: Operation): Record<string, string> =>
  operationId === 'replaceSettings' ? { 'if-match': '*' } : {}

const send = (operation: Operation, text: string | Buffer, type?: string) =>
  api.call(operation.method, pathOf(operation), { text, type, headers: headersOf(operation) })

t.test('a body that is coded is refused, not taken for what it is not', async (t) => {
  for (const operation of operations.filter((one) => one.requestBody !== undefined)) {
    const { body, text, type } = callOf(operation)
    const payload = text ?? JSON.stringify(body)
    for (const [coding, sent] of [
      ['gzip', gzipSync(payload)],
      ['gzip', payload],
      ['br, identity', payload],
    ] as const) {
      const headers = { 'content-encoding': coding }
      const answer = await api.call(operation.method, pathOf(operation), { text: sent, type, headers })
      isProblem(t, operation, answer, 'unsupported_media_type', `${nameOf(operation)} ${coding}`)
      t.equal(answer.headers['accept-encoding'], 'identity')
    }
  }
})

t.test('where there is no body, nothing is said about it by its headers', async (t) => {
  const session = newSession()
  await api.call('PATCH', `${session}/settings`, { body: { n: 1 } })
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json']) {
    for (const path of ['/touch', '/settings/n/increment', '/handoffs']) {
      const answer = await api.call('POST', session + path, { text: '', type, headers: { 'content-encoding': 'gzip' } })
      t.ok(answer.status < 300, `${path} with ${type}: ${answer.status} ${answer.text}`)
    }
    t.equal((await api.call('PUT', `${session}/settings/n`, { text: '', type })).status, 400, 'a body that is needed')
  }
})

t.test('a body that is far too large is refused in a way that can be read', async (t) => {
  for (let i = 0; i < 5; i++) {
    const answer = await api.call('POST', '/v1/sessions', { text: 'x'.repeat(8_000_000) })
    t.hasStrict(answer, { status: 413, json: { code: 'body_too_large' } })
  }
})

t.test('a body in pieces of which there is none is no body', async (t) => {
  const session = newSession()
  const lines = ['Host: x', `Authorization: Bearer ${KEYS.shop}`, 'Connection: close', 'Transfer-Encoding: chunked']
  await api.call('PATCH', `${session}/settings`, { body: { n: 1 } })
  for (const type of [[], ['Content-Type: text/plain'], ['Content-Type: application/json']]) {
    for (const path of ['/touch', '/settings/n/increment', '/handoffs']) {
      const asked = head(`POST ${session}${path} HTTP/1.1`, ...lines, ...type)
      const answer = await exchange(api.port, asked, '0\r\n\r\n')
      t.ok(answer.status >= 200 && answer.status < 300, `${path} with ${type}: ${answer.status} ${answer.text}`)
      if (type[0]?.endsWith('json')) continue
      const full = await exchange(api.port, asked, '2\r\n{}\r\n0\r\n\r\n')
      t.equal(full.status, 415, `${path} with ${type}`)
    }
  }
})

t.test('a body of another type is refused, and the types are named', async (t) => {
  for (const operation of withBody) {
    const taken = mediaTypes(operation)
    const others = ['application/merge-patch+json', 'application/json-patch+json'].filter((one) => !taken.includes(one))
    for (const type of [...WRONG_TYPES, ...others]) {
      const answer = await send(operation, '{}', type)
      isProblem(t, operation, answer, 'unsupported_media_type', `${nameOf(operation)} with ${type}`)
      for (const one of taken) t.ok(answer.json.detail.includes(one))
      t.match(answer.json.detail, '-H Content-Type:application/json')
      if (operation.method === 'PATCH') t.strictSame(answer.headers['accept-patch']?.split(', ').sort(), taken.sort())
    }
  }
})

t.test('where a form is taken nothing else is', async (t) => {
  const withForm = operations.filter(takesForm)
  t.ok(withForm.length > 0)
  for (const operation of withForm) {
    for (const type of ['application/json', 'text/plain']) {
      const answer = await send(operation, '{"token":"x"}', type)
      isProblem(t, operation, answer, 'unsupported_media_type', `${nameOf(operation)} with ${type}`)
      t.match(answer.json.detail, 'application/x-www-form-urlencoded')
    }
    for (const form of ['', 'token_type_hint=x', 'token=a&token=b']) {
      const answer = await send(operation, form, 'application/x-www-form-urlencoded')
      isProblem(t, operation, answer, 'invalid_request', `${nameOf(operation)} with "${form}"`)
    }
  }
})

t.test('a body without a type is refused', async (t) => {
  for (const operation of withBody) {
    const lines = ['Host: x', `Authorization: Bearer ${KEYS.shop}`, 'Connection: close', 'Content-Length: 2']
    const answer = await exchange(api.port, head(`${operation.method} ${pathOf(operation)} HTTP/1.1`, ...lines), '{}')
    t.equal(answer.status, 415, nameOf(operation))
  }
})

t.test('a charset may be said if it is UTF-8', async (t) => {
  for (const type of [
    'application/json;charset=utf-8',
    'Application/JSON ; Charset="UTF-8"',
    'application/json; a=b',
  ]) {
    const answer = await api.call('PATCH', `${newSession()}/settings`, { text: '{"a":"é"}', type })
    t.equal(answer.status, 201, type)
  }
})

t.test('a body that is no JSON is refused', async (t) => {
  for (const operation of withBody) {
    for (const [what, bytes] of BAD_JSON) {
      const answer = await send(operation, bytes)
      isProblem(t, operation, answer, 'malformed_json', `${nameOf(operation)} with ${what}`)
    }
  }
})

t.test('a body is needed, but where all of its members are optional', async (t) => {
  const optional = new Set([
    'createSession',
    'touchSession',
    'takeKey',
    'incrementKey',
    'mintToken',
    'rotateSession',
    'makeHandoff',
  ])
  for (const operation of withBody) {
    for (const call of [{}, { text: '' }]) {
      const answer = await api.call(operation.method, pathOf(operation), { ...call, headers: headersOf(operation) })
      const { status, json } = answer
      const asked = `${nameOf(operation)} ${JSON.stringify(call)}`
      if (optional.has(operation.operationId)) t.not(status, 400, asked)
      else
        isProblem(t, operation, answer, json.code === 'invalid_request' ? 'invalid_request' : 'malformed_json', asked)
    }
  }
})

t.test('a member that is not known is refused, where members are', async (t) => {
  for (const operation of withBody) {
    if (['replaceSettings', 'patchSettings', 'putKey'].includes(operation.operationId)) continue
    // As a URI fragment: RFC 6901 §6.
    for (const [unknown, pointer] of [
      ['unknown', '#/unknown'],
      ['a/b~c ü', '#/a~1b~0c%20%C3%BC'],
    ] as const) {
      const body = { ...(callOf(operation).body as object), [unknown]: 1 }
      const answer = await api.call(operation.method, pathOf(operation), { body })
      isProblem(t, operation, answer, 'invalid_request', nameOf(operation))
      t.equal(answer.json.errors[0]?.pointer, pointer)
    }
    for (const text of ['[]', '1', '"a"', 'null', 'true']) {
      isProblem(t, operation, await send(operation, text), 'invalid_request', `${nameOf(operation)} with ${text}`)
    }
  }
})

t.test('names that mean something to JavaScript are refused in every body', async (t) => {
  for (const operation of withBody) {
    for (const text of ['{"__proto__":{}}', '{"a":{"constructor":1}}', '{"a":[{"\\u0070rototype":1}]}']) {
      isProblem(t, operation, await send(operation, text), 'name_refused', `${nameOf(operation)} with ${text}`)
    }
  }
})

t.test('nesting without end is refused, and quickly', async (t) => {
  for (const operation of withBody) {
    for (const text of ['['.repeat(100_000), `${'[1,'.repeat(60_000)}1`, '{"a":'.repeat(20_000)]) {
      const started = performance.now()
      const answer = await send(operation, text)
      const code = text.length > bodyLimitOf(operation) ? 'body_too_large' : 'too_deep'
      isProblem(t, operation, answer, code, `${nameOf(operation)} with ${text.slice(0, 6)}…`)
      t.ok(performance.now() - started < 500, `after ${performance.now() - started} ms`)
    }
  }
})

t.test('10 MB are refused without being read', async (t) => {
  const text = Buffer.alloc(10_485_760, ' ')
  for (const operation of withBody) {
    const lines = [`${operation.method} ${pathOf(operation)} HTTP/1.1`, 'Host: x', 'Connection: close']
    const more = [`Authorization: Bearer ${KEYS.shop}`, 'Content-Type: application/json']
    const whole = await exchange(api.port, head(...lines, ...more, `Content-Length: ${text.length}`), text)
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), text.subarray(0, 0x100000), Buffer.from('\r\n')])
    const chunks = Array.from({ length: 10 }, () => chunk)
    const chunked = await exchange(
      api.port,
      head(...lines, ...more, 'Transfer-Encoding: chunked'),
      ...chunks,
      '0\r\n\r\n',
    )
    for (const { status, text, head } of [whole, chunked]) {
      t.equal(status, 413, nameOf(operation))
      t.hasStrict(JSON.parse(text), { status: 413, code: 'body_too_large', limit: bodyLimitOf(operation) })
      t.match(head, /application\/problem\+json/)
      t.ok(operation.responses[413], `${nameOf(operation)} documents it`)
    }
  }
  t.equal((await api.call('GET', '/livez')).status, 200)
})

t.test('a call that takes no body is not troubled by the type of none', async (t) => {
  for (const operation of operations.filter((one) => one.requestBody === undefined && takesKey(one))) {
    for (const text of ['', undefined]) {
      const headers = { 'content-type': 'application/json' }
      const { status, json } = await api.call(operation.method, pathOf(operation), { text, headers })
      t.ok(status < 300 || /^(session|signing_key)_not_found$/.test(json.code), `${nameOf(operation)}: ${status}`)
    }
  }
})

t.test('a call that takes no body passes over one, or refuses it as it documents', async (t) => {
  for (const operation of operations.filter(({ requestBody }) => requestBody === undefined)) {
    for (const [text, type] of [
      ['{}', 'application/json'],
      ['{', 'application/json'],
      ['a=b', 'application/x-www-form-urlencoded'],
      ['x'.repeat(300_000), 'application/json'],
    ] as const) {
      const answer = await api.call(operation.method, pathOf(operation), { text, type })
      const asked = `${nameOf(operation)} with ${text.slice(0, 5)}: ${answer.status} ${answer.json.code}`
      if (answer.status >= 300) {
        const described = operation.responses[answer.status]?.description ?? ''
        t.ok(described.includes(`\`${answer.json.code}\``), asked)
      } else t.pass(asked)
    }
  }
})
