/** What is answered on a socket before, after or beside a call: never in the middle of an answer, and always as a problem. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { allAtOnce, KEYS, newSession, onLmdb } from '../helpers/app.ts'
import { exchange, head, type RawAnswer } from '../helpers/raw-http.ts'
import { until } from '../helpers/until.ts'

const PAGE = 'https://app.example'
const OWN = [`Authorization: Bearer ${KEYS.shop}`, 'Connection: close']
const LINES = ['Host: x', ...OWN]
const KEPT = ['Host: x', `Authorization: Bearer ${KEYS.shop}`]

const api = await onLmdb(t, { origins: [PAGE] })

const isProblem = (t: Test, answer: RawAnswer, status: number, code: string, what = code): void => {
  t.equal(answer.status, status, what)
  t.match(answer.head, /\r\ncontent-type: application\/problem\+json/i, what)
  t.match(answer.head, /\r\ncoatcheck-version: 1(\r\n|$)/i, what)
  t.equal(JSON.parse(answer.text || '{}').code, code, what)
}

/** The answers of a connection, whole. */
const answersIn = (answer: RawAnswer): string[] => `${answer.head}\r\n\r\n${answer.text}`.split(/(?=HTTP\/1\.1 \d{3} )/)

const statusesIn = (answer: RawAnswer): number[] => answersIn(answer).map((one) => Number(one.slice(9, 12)))

const patch = (session: string, body: string, length = body.length): string =>
  `${head(`PATCH ${session}/settings HTTP/1.1`, ...KEPT, 'Content-Type: application/json', `Content-Length: ${length}`)}${body}`

const chunked = (session: string, body: string): string =>
  `${head(`PATCH ${session}/settings HTTP/1.1`, ...KEPT, 'Content-Type: application/json', 'Transfer-Encoding: chunked')}${body}`

t.test('what Node would answer by itself is a problem, which a page may read', async (t) => {
  const path = `GET ${newSession()}`
  const cases: [what: string, status: number, code: string, bytes: string][] = [
    ['no host', 400, 'invalid_request', head(`${path} HTTP/1.1`, `Origin: ${PAGE}`, ...OWN)],
    ['two hosts', 400, 'invalid_request', head(`${path} HTTP/1.1`, 'Host: x', 'host: y', `Origin: ${PAGE}`, ...OWN)],
    [
      'an expectation',
      417,
      'expectation_failed',
      head(`${path} HTTP/1.1`, 'Expect: 200-maybe', `Origin: ${PAGE}`, ...LINES),
    ],
    ['a bad escape', 400, 'invalid_request', head('GET /v1/sessions/%zz HTTP/1.1', `Origin: ${PAGE}`, ...LINES)],
  ]
  for (const [what, status, code, bytes] of cases) {
    const answer = await exchange(api.port, bytes)
    isProblem(t, answer, status, code, what)
    t.match(answer.head, new RegExp(`\r\naccess-control-allow-origin: ${PAGE}\r\n`, 'i'), what)
    t.match(answer.head, /\r\naccess-control-allow-credentials: true\r\n/i, what)
    t.match(answer.head, /\r\naccess-control-expose-headers: Coatcheck-Version, /i, what)
    t.match(answer.head, /\r\ncontent-security-policy: /i, what)
    const foreign = await exchange(api.port, bytes.replace(PAGE, 'https://evil.example'))
    isProblem(t, foreign, status, code, what)
    t.notMatch(foreign.head, /access-control/i, what)
  }
})

t.test('what HTTP/1.0 and 100-continue allow is taken', async (t) => {
  const session = newSession()
  t.equal((await exchange(api.port, head(`GET ${session}/settings HTTP/1.0`, ...OWN))).status, 200)
  const body = '{"a":1}'
  const answer = await exchange(
    api.port,
    patch(session, body).replace('Host: x', 'Host: x\r\nExpect: 100-Continue\r\nConnection: close'),
  )
  t.strictSame(statusesIn(answer), [100, 201])
})

t.test('what two readers could read in two ways is read in none', async (t) => {
  const session = newSession()
  await api.call('PATCH', `${session}/settings`, { body: { a: 1 } })
  const inner = `DELETE ${session} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEYS.shop}\r\n\r\n`
  const asked = (...lines: string[]) =>
    head(`PATCH ${session}/settings HTTP/1.1`, ...KEPT, 'Content-Type: application/json', ...lines)
  const whole = `2\r\n{}\r\n0\r\n\r\n${inner}`
  const shapes: [what: string, bytes: string][] = [
    ['a length and pieces', asked('Content-Length: 2', 'Transfer-Encoding: chunked') + whole],
    ['pieces and a length', asked('Transfer-Encoding: chunked', 'Content-Length: 2') + whole],
    ['two lengths', `${asked('Content-Length: 2', 'Content-Length: 40')}{}${inner}`],
    ['a list of lengths', `${asked('Content-Length: 2, 2')}{}${inner}`],
    ['a length with a sign', `${asked('Content-Length: +2')}{}${inner}`],
    ['a length in hex', `${asked('Content-Length: 0x2')}{}${inner}`],
    ['a negative length', `${asked('Content-Length: -1')}{}${inner}`],
    ['an unknown coding', asked('Transfer-Encoding: xchunked') + whole],
    ['a coding after chunked', asked('Transfer-Encoding: chunked, identity') + whole],
    ['a coding twice', asked('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') + whole],
    ['a space before the colon', asked('Transfer-Encoding : chunked') + whole],
    ['a folded line', `${asked('X: a\r\n Content-Length: 2', 'Content-Length: 2')}{}${inner}`],
    ['a tab before a name', asked('\tTransfer-Encoding: chunked') + whole],
    ['a bare CR', `${asked('X: a\rContent-Length: 2')}{}${inner}`],
    ['a NUL', `${asked('X: a\0b', 'Content-Length: 2')}{}${inner}`],
    ['a size that is no number', `${asked('Transfer-Encoding: chunked')}-2\r\n{}\r\n0\r\n\r\n${inner}`],
    ['a size that is too large', `${asked('Transfer-Encoding: chunked')}10000000000000002\r\n{}\r\n0\r\n\r\n${inner}`],
    ['a piece longer than its size', `${asked('Transfer-Encoding: chunked')}1\r\n{}\r\n0\r\n\r\n${inner}`],
    ['another version', `${asked('Content-Length: 2').replace('HTTP/1.1', 'HTTP/1.9')}{}${inner}`],
    ['a name in the method', ` ${asked('Content-Length: 2')}{}${inner}`],
  ]
  for (const [what, bytes] of shapes) {
    const answer = await exchange(api.port, bytes)
    t.strictSame(statusesIn(answer), [400], what)
    t.match(answer.head, /\r\nconnection: close/i, what)
    t.equal((await api.call('GET', `${session}/settings`)).text, '{"a":1}', `${what}: what came behind it was not done`)
  }
})

t.test('a tunnel is refused', async (t) => {
  isProblem(t, await exchange(api.port, head('CONNECT x:443 HTTP/1.1', 'Host: x:443')), 400, 'invalid_request')
})

t.test('a call that was done is answered before what is no HTTP', async (t) => {
  for (const garbage of ['hello\r\n\r\n', '\0\0\0\0', 'GET / HTTP/9.9\r\n\r\n']) {
    const session = newSession()
    const answer = await exchange(api.port, patch(session, '{"a":1}') + patch(session, '{"a":2}') + garbage)
    t.strictSame(statusesIn(answer), [201, 204, 400], garbage)
    t.equal((await api.call('GET', `${session}/settings`)).text, '{"a":2}')
  }
})

t.test('a call whose own body is no HTTP is refused, after those before it', async (t) => {
  const session = newSession()
  const broken = chunked(session, 'x\r\n{"a":2}').replace('Host: x', `Host: x\r\nOrigin: ${PAGE}`)
  const answer = await exchange(api.port, patch(session, '{"a":1}') + broken)
  t.strictSame(statusesIn(answer), [201, 400])
  t.match(answersIn(answer)[1], `access-control-allow-origin: ${PAGE}`, 'the page that asked may read it')
  t.equal((await api.call('GET', `${session}/settings`)).text, '{"a":1}')
})

t.test('a call that was answered before its body was broken has no second answer', async (t) => {
  const unasked = chunked(newSession(), '').replace(`Bearer ${KEYS.shop}`, 'Bearer ck_x')
  const socket = connect(api.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let got = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text
  })
  const closed = once(socket, 'close')
  socket.write(unasked)
  await until(() => got.includes('invalid_credential'), 'the call is answered')
  socket.write('x\r\n')
  await closed
  t.equal(got.split('HTTP/1.1 ').length - 1, 1)
})

const inStreams = async (t: Test): Promise<void> => {
  for (const [what, more] of [
    ['garbage', 'hello\r\n\r\n'],
    ['half a head', 'GET /v1'],
  ] as const) {
    const session = newSession()
    await api.call('PATCH', `${session}/settings`, { body: { a: 1 } })
    const answer = await exchange(api.port, head(`GET ${session}/events HTTP/1.1`, ...KEPT), more)
    t.match(answer.text, /event: snapshot/, what)
    t.strictSame(statusesIn(answer), [200], what)
    t.ok(answer.ms < 10_000 + 3000, `${what}: it ended after ${answer.ms} ms`)
  }
}

const slowly = async (t: Test): Promise<void> => {
  const line = head(`PATCH ${newSession()}/settings HTTP/1.1`, ...KEPT)
  /** One more header a second. */
  const dripping = async (): Promise<number> => {
    const socket = connect(api.port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    let got = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      got += text
    })
    const started = performance.now()
    socket.write(line.slice(0, -2))
    const timer = setInterval(() => socket.write('X-More: x\r\n'), 1000)
    await once(socket, 'close')
    clearInterval(timer)
    t.match(got, /^HTTP\/1\.1 408 .*\r\ncontent-type: application\/problem\+json/is)
    return performance.now() - started
  }
  const [slowHead, slowBody, nothing] = await Promise.all([
    dripping(),
    exchange(api.port, patch(newSession(), '{"a":', 7)),
    exchange(api.port, 'GET / HT'),
  ])
  t.ok(slowHead < 6000, `${slowHead} ms`)
  t.ok(slowBody.ms < 11_000, `${slowBody.ms} ms`)
  t.ok(nothing.ms < 6000, `${nothing.ms} ms`)
  isProblem(t, slowBody, 408, 'request_timeout')
  isProblem(t, nothing, 408, 'request_timeout')
}

t.test('what takes its time', (t) =>
  allAtOnce(t, [
    ['nothing is written into a stream of events', inStreams],
    ['what comes too slowly ends within six seconds, as a head, and within eleven, as a body', slowly],
  ]),
)
