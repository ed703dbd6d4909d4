/** That calls answer what their description says, and that it says everything a reader needs. */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { ERRORS } from '../../src/errors.ts'
import { createFaultsOf } from '../helpers/answer-faults.ts'
import { type Api, type Call, onEachStore, onLmdb, POLICY } from '../helpers/app.ts'
import {
  FORM,
  isAsDescribed,
  nameOf,
  needsKey,
  type Operation,
  operationsOf,
  PROBLEM,
  pathOf,
} from '../helpers/operations.ts'

/** A browser may have cookies here, of a page of the service's own origin. */
const BROWSER = { keys: { read: ['*'], write: ['*'] }, origins: [] }
const POLICIES = { policyOf: () => ({ ...POLICY, browser: BROWSER }) }

const ODD = { 'a/b': [1.5, null, { x: [] }], '': undefined, é: 'ü' }
const REPRESENTATION = { prefer: 'return=representation' }
const ANY = { 'if-match': '*' }

/** Calls that succeed, by the name of the operation. Each is sent to a session with the settings `BEFORE`. */
const BEFORE = { theme: 'dark', n: 1, cart: { items: [] } }
type Success = Call & {
  readonly key_?: string
  readonly kid?: string
  readonly missing?: true
  readonly query?: string
}
/** What has to be known beforehand is found out by `from`, which gets the id of the session. */
type From = { readonly from: (api: Api, id: string) => Promise<Success> }

/** A call of a page that holds a token. */
const asPage: From['from'] = async (api, id) => {
  const minted = await api.call('POST', `/v1/sessions/${id}/tokens`, { body: { scope: 'cookie' } })
  const { access_token: key } = minted.json as unknown as { access_token: string }
  return { key, headers: { 'sec-fetch-site': 'same-origin' } }
}

const ofSigningKey: From['from'] = async (api) => {
  const { keys } = (await api.call('GET', '/.well-known/jwks.json')).json as unknown as { keys: { kid: string }[] }
  return { kid: String(keys[0]?.kid) }
}

const redeem =
  (made: object, more: object = {}): From['from'] =>
  async (api, id) => {
    const { code } = (await api.call('POST', `/v1/sessions/${id}/handoffs`, { body: made })).json
    return { body: { code, sessionId: id, ...more } }
  }

const TOKEN = { keys: { read: ['*'] } }

const SUCCESSES: Record<string, (Success | From)[]> = {
  isAlive: [{}],
  isReady: [{}],
  createSession: [
    {},
    { body: {} },
    { body: { settings: ODD, subject: 'user-42', idleTimeoutSeconds: 60, token: TOKEN } },
  ],
  rotateSession: [{}, { body: { subject: 'user-43', lifetimeSeconds: 60, token: TOKEN } }, { missing: true }],
  getSession: [{}, { query: '?touch=false' }],
  endSession: [{}, { missing: true }],
  touchSession: [{}, { body: {} }],
  readSessions: [{ body: { ids: [] } }, { body: { ids: [randomUUID()], touch: true } }],
  getSettings: [{}, { missing: true }, { headers: { 'if-none-match': '*' } }],
  replaceSettings: [
    { body: ODD, headers: ANY },
    { body: ODD, headers: { ...ANY, ...REPRESENTATION } },
    { body: {}, headers: { 'if-none-match': '*' }, missing: true },
    { body: ODD, headers: { 'if-match': '"0"', ...REPRESENTATION }, missing: true },
  ],
  patchSettings: [
    { body: { theme: null } },
    { body: ODD, headers: REPRESENTATION },
    { body: {}, missing: true },
    { body: ODD, headers: REPRESENTATION, missing: true },
    { body: [{ op: 'add', path: '/cart/items/-', value: 1 }], type: 'application/json-patch+json' },
  ],
  getKey: [{}, { key_: 'cart' }, { headers: { 'if-none-match': '*' } }],
  putKey: [
    { body: null },
    { body: [1], headers: REPRESENTATION },
    { body: 'x', key_: 'new' },
    { body: 0, key_: 'new', headers: REPRESENTATION },
  ],
  deleteKey: [{}, { key_: 'none' }],
  takeKey: [{}, { body: {}, key_: 'cart' }],
  incrementKey: [{ key_: 'n' }, { body: { by: -0.5 }, key_: 'new' }],
  takeKeyByName: [{ body: { key: 'cart' } }],
  incrementKeyByName: [{ body: { key: 'n' } }, { body: { key: 'a/b', by: -0.5 } }],
  mintToken: [{ body: { keys: { read: ['*'] }, scope: 'read renew' } }, { body: { keys: {} }, missing: true }],
  revokeTokens: [{}],
  makeHandoff: [{}, { body: { payload: ODD, subject: 'user-44', expiresInSeconds: 600 }, missing: true }],
  redeemHandoff: [
    { from: redeem({}) },
    { from: redeem({ payload: ODD, subject: 'user-42' }, { token: TOKEN }) },
    { from: redeem({ payload: null }) },
  ],
  listSubjectSessions: [{}, { query: '?limit=1' }],
  listSessions: [{}, { query: '?limit=1' }],
  endSubjectSessions: [{ query: `?except=${randomUUID()}` }, {}],
  watchSession: [{}, { query: '?touch=true&exceptOrigin=tab-1' }, { missing: true }],
  watchNamespace: [{}, { query: `?ids=${randomUUID()},${randomUUID()}` }],
  getSigningKeys: [{}],
  introspectToken: [{ text: 'token=x', type: FORM }],
  revokeToken: [{ text: 'token=x&token_type_hint=access_token', type: FORM }],
  retireSigningKey: [{ from: ofSigningKey }],
  exchangeToken: [{ from: asPage }],
  clearCookie: [{ from: asPage }],
  makeBackup: [{}],
  reencrypt: [{ body: {} }],
}

await onEachStore(
  t,
  async (t, api) => {
    await t.test('every call succeeds in the form that is described', async (t) => {
      const seen = new Map<string, Set<number>>()
      for (const operation of operationsOf(api)) {
        const calls = SUCCESSES[operation.operationId] ?? []
        t.ok(calls.length > 0, `${operation.operationId} is called here`)
        for (const success of calls) {
          const id = randomUUID()
          if (!('missing' in success)) await api.call('PATCH', `/v1/sessions/${id}/settings`, { body: BEFORE })
          const {
            key_,
            kid,
            missing: _,
            query = '',
            ...call
          } = 'from' in success ? await success.from(api, id) : success
          const answer = await api.call(operation.method, pathOf(operation, id, key_, kid) + query, call)
          // Redis makes its own backups, and test/e2e/encryption.test.ts has a store that is encrypted.
          if (answer.status === 409 && ['backup_elsewhere', 'not_encrypted'].includes(String(answer.json.code))) {
            seen.set(operation.operationId, new Set([200]))
            continue
          }
          t.ok(answer.status < 400, `${nameOf(operation)} ${JSON.stringify(call)}: ${answer.status}`)
          isAsDescribed(t, operation, answer)
          const { headers = {} } = operation.responses[answer.status] as {
            headers?: Record<string, { required?: boolean }>
          }
          for (const [name, { required }] of Object.entries(headers))
            if (required) t.type([answer.headers[name.toLowerCase()]].flat()[0], 'string', `it has ${name}`)
          seen.set(operation.operationId, (seen.get(operation.operationId) ?? new Set()).add(answer.status))
        }
        const described = Object.keys(operation.responses).filter((status) => Number(status) < 400)
        t.strictSame(
          [...(seen.get(operation.operationId) ?? [])].map(String).sort(),
          described.sort(),
          'each success was seen',
        )
      }
    })

    await t.test('a batch of the living, the missing and the gone is as described', async (t) => {
      const operation = operationsOf(api).find(({ operationId }) => operationId === 'readSessions') as Operation
      const [living, gone] = [randomUUID(), randomUUID()]
      await api.call('PATCH', `/v1/sessions/${living}/settings`, { body: BEFORE })
      await api.call('DELETE', `/v1/sessions/${gone}`)
      const answer = await api.call('POST', '/v1/sessions/batch', { body: { ids: [living, gone, randomUUID()] } })
      isAsDescribed(t, operation, answer)
    })
  },
  POLICIES,
)

t.test('the description is complete', async (t) => {
  const api = await onLmdb(t)
  const operations = operationsOf(api)
  const ids = operations.map(({ operationId }) => operationId)
  t.equal(new Set(ids).size, ids.length, 'each call has a name of its own')
  for (const operation of operations) {
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      t.ok(description.length > 3, `${nameOf(operation)} ${status} says what it means`)
      if (Number(status) < 400) continue
      t.strictSame(Object.keys(content ?? {}), ['application/problem+json'])
      for (const [, code] of description.matchAll(/`(\w+)`:/g)) {
        t.equal(ERRORS[code as keyof typeof ERRORS]?.status, Number(status), `${code} is ${status}`)
      }
    }
    if (needsKey(operation)) for (const status of ['400', '401', '429', '500', '503']) t.ok(operation.responses[status])
  }
  t.strictSame((await api.call('GET', '/openapi.json', { key: null })).json as unknown, api.app.swagger())
})

t.test('what a route can answer follows from what it takes', async (t) => {
  const api = await onLmdb(t)
  const operations = operationsOf(api)
  const named = (of: (operation: Operation) => boolean) =>
    operations
      .filter(of)
      .map(({ operationId }) => operationId)
      .sort()
  const answers = (code: string) =>
    named(({ responses }) => Object.values(responses).some(({ description }) => description.includes(`\`${code}\`:`)))
  const ofKeys = [
    ...['deleteKey', 'getKey', 'incrementKey', 'incrementKeyByName', 'patchSettings', 'putKey', 'replaceSettings'],
    ...['takeKey', 'takeKeyByName'],
  ]
  t.strictSame(answers('key_not_allowed'), ofKeys)
  t.strictSame(
    answers('origin_not_allowed'),
    named((one) => one.method !== 'GET' && (needsKey(one) || one.operationId === 'clearCookie')),
    'a cookie may be sent along with any call',
  )
  const ofSessions = named(({ template }) => template.includes('{id}'))
  t.strictSame(answers('session_not_found'), [...ofSessions, 'redeemHandoff'].sort())
  t.ok(answers('name_refused').includes('getKey'))
  t.strictSame(answers('key_length'), ofKeys.concat('createSession').sort())
  t.strictSame(
    named(({ requestBody }) => requestBody?.required === false),
    ['createSession', 'incrementKey', 'makeHandoff', 'mintToken', 'rotateSession', 'takeKey', 'touchSession'],
  )
})

t.test('the server URL has no slash at its end, and the cookie a name that may be one', async (t) => {
  const { app } = await onLmdb(t, { publicUrl: 'https://sessions.example/' })
  const { servers, components } = app.swagger() as unknown as {
    servers: { url: string }[]
    components: { securitySchemes: { sessionCookie: { name: string } } }
  }
  t.strictSame(servers, [{ url: 'https://sessions.example' }])
  t.match(components.securitySchemes.sessionCookie.name, /^__Host-[\w-]+$/)
})

t.test('an answer that is not as described is noticed, whatever is wrong with it', async (t) => {
  const { app } = await onLmdb(t)
  const faultsOf = createFaultsOf(app.swagger())
  const path = `/v1/sessions/${randomUUID()}/settings`
  const good = { 'content-type': 'application/json; charset=utf-8', etag: '"1"' }
  const problem = { 'content-type': PROBLEM, 'retry-after': '1' }
  const text = (code: string) => JSON.stringify({ type: 'x', title: 'x', status: 503, code, detail: 'x' })
  const prefer = { 'preference-applied': 'return=representation' }
  const cases: [what: string, method: string, status: number, headers: Record<string, string>, body: string][] = [
    ['', 'GET', 200, good, '{"a":1}'],
    ['', 'PUT', 201, { ...good, ...prefer }, '{}'],
    ['', 'PUT', 201, { etag: '"1"' }, ''],
    ['', 'HEAD', 200, good, ''],
    ['the status is not described', 'GET', 201, good, '{}'],
    ['the header etag is missing', 'GET', 200, { 'content-type': 'application/json' }, '{}'],
    ['the header x-secret is not described', 'GET', 200, { ...good, 'x-secret': '1' }, '{}'],
    ['the content type "text/html" is not described', 'GET', 200, { ...good, 'content-type': 'text/html' }, '{}'],
    ['its body is no JSON', 'GET', 200, good, '{'],
    ['its body does not fit: data must be object', 'GET', 200, good, '[]'],
    ['it has a body that nobody asked for', 'PUT', 201, good, '{}'],
    ['the content type "" is not described', 'GET', 200, { etag: '"1"' }, ''],
    ['', 'GET', 503, problem, text('store_unavailable')],
    ['the code store_full is not described', 'GET', 503, problem, text('store_full')],
    ['the header retry-after is missing', 'GET', 503, { 'content-type': PROBLEM }, text('store_unavailable')],
  ]
  for (const [what, method, status, headers, body] of cases) {
    const sent = { 'coatcheck-version': '1', 'x-request-id': 'a', ...headers }
    const faults = faultsOf({ method, path, status, headers: sent, body }).map((fault) =>
      fault.replace(/^.*? \d+: /, ''),
    )
    t.strictSame(faults.slice(0, 1), what === '' ? [] : [what], `${method} ${status} ${what}`)
  }
  t.match(faultsOf({ method: 'GET', path, status: 200, headers: good, body: '{}' }), [/coatcheck-version is missing/])
  t.match(faultsOf({ method: 'POST', path, status: 405, headers: problem, body: text('method_not_allowed') }), [
    /allow/,
  ])
})

t.test('no test builds an app whose answers nobody looks at', async (t) => {
  const folder = resolve(import.meta.dirname, '..')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const using = (name: RegExp) => files.filter((file) => name.test(readFileSync(join(folder, file), 'utf8')))
  t.strictSame(using(/\bbuildApp\(/), ['helpers/held-app.ts'])
  // The first calls an app that is held already, the last the release before.
  const calling = ['helpers/app.ts', 'helpers/held-call.ts', 'helpers/release-before.ts']
  t.strictSame(using(/\bcallOver\(/).sort(), calling)
})
