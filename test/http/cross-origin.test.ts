/** Pages of other origins: what they may ask, and whose answers they may read. */
import t from 'tap'
import { ALL, type Answer, KEY, OTHER_KEY, onEachStore, PAGE, startService } from '../helpers/token-app.ts'

const OTHER_PAGE = 'https://other.example:8443'
const FOREIGN = ['https://evil.example', `${PAGE}.evil.example`, 'http://app.example', `${PAGE}/`, 'null', '*', '']
const BROWSERS = { app: { keys: ALL, origins: [PAGE] }, other: { keys: ALL, origins: [OTHER_PAGE] } }

const PATH = '/v1/sessions/current/settings'
const ASKED = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization,if-match' }

const corsOf = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'))

onEachStore(
  t,
  async (t, { service, another, store }) => {
    const { call, begin, mint, exchange } = service
    type Tap = typeof t

    const isShared = (t: Tap, answer: Answer, origin: string, what: string): void => {
      t.equal(answer.headers['access-control-allow-origin'], origin, what)
      t.equal(answer.headers['access-control-allow-credentials'], 'true', what)
      const exposed = String(answer.headers['access-control-expose-headers']).split(', ').sort()
      t.same(
        exposed,
        [
          'Coatcheck-Version',
          'ETag',
          'Location',
          'Preference-Applied',
          'Retry-After',
          'WWW-Authenticate',
          'X-Request-Id',
        ],
        what,
      )
      t.match(answer.headers.vary, 'Origin', what)
    }

    t.test('a preflight is answered for the pages of every namespace, without a credential', async (t) => {
      for (const origin of [PAGE, OTHER_PAGE]) {
        for (const path of [PATH, '/v1/sessions/current', '/v1/cookie', `${PATH}/theme`, `${PATH}?touch=false`]) {
          const answer = await another.call(null, 'OPTIONS', path, undefined, { origin, ...ASKED })
          t.equal(answer.status, 204, path)
          t.equal(answer.body, '')
          const { headers } = answer
          t.equal(headers['access-control-allow-origin'], origin)
          t.equal(headers['access-control-allow-credentials'], 'true')
          t.equal(headers['access-control-max-age'], '7200')
          t.same(String(headers['access-control-allow-methods']).split(', ').sort(), [
            'DELETE',
            'GET',
            'HEAD',
            'PATCH',
            'POST',
            'PUT',
          ])
          t.same(String(headers['access-control-allow-headers']).split(', ').sort(), [
            'Authorization',
            'Coatcheck-Origin',
            'Content-Type',
            'Idempotency-Key',
            'If-Match',
            'If-None-Match',
            'Last-Event-ID',
            'Prefer',
            'X-Request-Id',
            'traceparent',
            'tracestate',
          ])
          t.match(headers.vary, 'Origin')
        }
      }
    })

    t.test('any other OPTIONS is a method that no path takes', async (t) => {
      const page = { origin: PAGE }
      const cases: [path: string, headers: Record<string, string>, status: number][] = [
        [PATH, {}, 405],
        [PATH, page, 405],
        [PATH, ASKED, 405],
        ...FOREIGN.map((origin) => [PATH, { origin, ...ASKED }, 405] as [string, Record<string, string>, number]),
        ['/livez', { ...page, ...ASKED }, 405],
        ['/.well-known/jwks.json', { ...page, ...ASKED }, 405],
        ['/openapi.json', { ...page, ...ASKED }, 405],
        ['/v1/else', { ...page, ...ASKED }, 404],
        ['/else', { ...page, ...ASKED }, 404],
      ]
      for (const [path, headers, status] of cases) {
        const answer = await call(null, 'OPTIONS', path, undefined, headers)
        t.equal(answer.status, status, `${path} ${JSON.stringify(headers)}`)
        t.equal(answer.code, status === 405 ? 'method_not_allowed' : 'not_found')
        if (status === 405) t.match(answer.headers.allow, 'GET')
        if (status === 405) t.notMatch(answer.headers.allow, 'OPTIONS')
        t.same(corsOf(answer), [])
      }
    })

    t.test('an answer can be read by pages of the caller’s own namespace alone', async (t) => {
      const id = await begin({ theme: 'dark' })
      const token = await mint(id, { scope: 'read write cookie' })
      const held = await exchange(token)
      const calls: [Parameters<typeof call>[0], string, string, unknown?][] = [
        [token, 'GET', PATH],
        [held, 'GET', PATH],
        [KEY, 'GET', `/v1/sessions/${id}/settings`],
        [token, 'PATCH', PATH, { theme: 'light' }],
        [held, 'PATCH', PATH, { theme: 'light' }],
        [token, 'GET', `${PATH}/none`],
        [token, 'PUT', PATH, {}],
        [token, 'POST', '/v1/sessions', {}],
        [token, 'DELETE', '/v1/sessions/current'],
        [token, 'PATCH', PATH, '{'],
      ]
      const statuses = new Set<number>()
      for (const [credential, method, path, body] of calls) {
        for (const on of [service, another]) {
          const own = await on.call(credential, method, path, body, { origin: PAGE })
          statuses.add(own.status)
          isShared(t, own, PAGE, `${method} ${path}: ${own.status}`)
          for (const origin of [OTHER_PAGE, ...FOREIGN]) {
            const answer = await on.call(credential, method, path, body, { origin })
            t.same(corsOf(answer), [], `${method} ${path} from "${origin}"`)
            t.equal(answer.headers.vary, 'Authorization, Cookie, Origin')
          }
        }
      }
      for (const status of [200, 204, 400, 403, 404, 428]) t.ok(statuses.has(status), `${status} was among them`)
      const other = await call(OTHER_KEY, 'GET', `/v1/sessions/${id}/settings`, undefined, { origin: OTHER_PAGE })
      isShared(t, other, OTHER_PAGE, 'of the other namespace')
      const none = await call(token, 'GET', PATH)
      t.same(corsOf(none), [], 'who says no origin is told of none')
    })

    t.test('where it is not known who calls, the pages of all may read why', async (t) => {
      for (const origin of [PAGE, OTHER_PAGE]) {
        for (const credential of [null, 'x', 'ck_app_wrong', { cookie: '__Host-coatcheck-app=x' }]) {
          const answer = await call(credential, 'GET', PATH, undefined, { origin })
          t.equal(answer.status, 401)
          isShared(t, answer, origin, JSON.stringify(credential))
        }
      }
      for (const origin of FOREIGN) t.same(corsOf(await call(null, 'GET', PATH, undefined, { origin })), [], origin)
    })

    t.test('what is not of the API is for pages of its own origin', async (t) => {
      for (const path of ['/livez', '/readyz', '/.well-known/jwks.json', '/openapi.json', '/docs/static/index.html']) {
        t.same(corsOf(await call(null, 'GET', path, undefined, { origin: PAGE })), [], path)
      }
    })

    t.test('where no origin is configured there is no CORS', async (t) => {
      const plain = await startService(store)
      const token = await plain.mint(await plain.begin({ theme: 'dark' }))
      const asked = await plain.call(null, 'OPTIONS', PATH, undefined, { origin: PAGE, ...ASKED })
      t.equal(asked.status, 405)
      t.match(asked.headers.allow, 'PATCH')
      for (const answer of [asked, await plain.call(token, 'GET', PATH, undefined, { origin: PAGE })]) {
        t.same(corsOf(answer), [])
        t.equal(answer.headers.vary, 'Authorization, Cookie, Origin')
      }
      await plain.close()
    })
  },
  { browsers: BROWSERS },
)
