/**
 * The clocks of a session, as callers see them run. Real time passes here, so all sessions of this file live at once. A
 * look is judged by when it was sent and answered, so that a slow machine fails no test.
 */
import t, { type Test } from 'tap'
import { type Answer, type Api, allAtOnce, type Call, idOf, STORES } from '../helpers/app.ts'
import { until } from '../helpers/until.ts'

/** How far the store's clock may be from ours. */
const OFF_MS = 50

type Use = readonly [method: string, path: string, call?: Call | ((session: string) => Call)]

const batch = (touch: boolean) => (session: string) => ({ body: { ids: [idOf(session)], touch } })

/** Calls that do not count as use. */
const LOOKS: readonly Use[] = [
  ['GET', '?touch=false'],
  ['HEAD', ''],
  ['GET', '/settings?touch=false'],
  ['HEAD', '/settings'],
  ['GET', '/settings/n?touch=false'],
  ['HEAD', '/settings/n'],
  ['PATCH', '/settings?touch=false', { body: { n: 1 } }],
  ['PUT', '/settings/n?touch=false', { body: 1 }],
  ['DELETE', '/settings/none?touch=false'],
  ['POST', '/settings/n/increment?touch=false', { body: { by: 0 } }],
  ['POST', '/settings/none/take?touch=false'],
  ['POST', ' batch', batch(false)],
]

/** Calls that do. */
const USES: readonly Use[] = [
  ['GET', ''],
  ['GET', '/settings'],
  ['GET', '/settings/n'],
  ['GET', '/settings?touch=true'],
  ['PATCH', '/settings', { body: { n: 1 } }],
  ['PATCH', '/settings', { body: { o: { p: 1 } } }],
  ['PUT', '/settings', { body: { n: 1 }, headers: { 'if-match': '*' } }],
  ['PUT', '/settings/n', { body: 1 }],
  ['DELETE', '/settings/none'],
  ['POST', '/settings/n/increment', { body: { by: 0 } }],
  ['POST', '/touch'],
  ['POST', ' batch', batch(true)],
]

const name = ([method, path]: Use): string => `${method} ${path}`

const send = (api: Api, session: string, [method, path, call]: Use): Promise<Answer> =>
  api.call(
    method,
    path === ' batch' ? '/v1/sessions/batch' : session + path,
    typeof call === 'function' ? call(session) : call,
  )

type Life = { readonly session: string; readonly createdAt: number; readonly expiresAt: number }

const begin = async (api: Api, clocks: object): Promise<Life> => {
  const { json } = await api.call('POST', '/v1/sessions', { body: { settings: { n: 1 }, ...clocks } })
  return {
    session: `/v1/sessions/${json.id}`,
    createdAt: Date.parse(json.createdAt),
    expiresAt: Date.parse(json.expiresAt),
  }
}

const look = (api: Api, session: string) => api.call('GET', `${session}?touch=false`)

/** Waits for a life's end, using it meanwhile, and judges whether it was seen neither early nor late. */
const seeEnd = async (t: Test, api: Api, { session, createdAt, expiresAt }: Life, use: Use): Promise<void> => {
  await until(
    async () => {
      await send(api, session, use)
      const sent = Date.now()
      const { status, json } = await look(api, session)
      if (status !== 200 && status !== 404) t.fail(`${name(use)}: ${status}`)
      const over = status !== 200 || Date.parse(json.createdAt) !== createdAt
      if (over && Date.now() < expiresAt - OFF_MS) t.fail(`${name(use)}: over ${expiresAt - Date.now()} ms early`)
      if (!over && sent > expiresAt + OFF_MS) t.fail(`${name(use)}: alive ${sent - expiresAt} ms late`)
      return over
    },
    `${name(use)} meets the end`,
  )
  t.pass(name(use))
}

const clocks = (t: Test, api: Api): Promise<void> =>
  allAtOnce(t, [
    [
      'a session that is only looked at ends when its expiresAt said at the beginning',
      async (t) => {
        const lives = LOOKS.map(async (use) => {
          const life = await begin(api, { idleTimeoutSeconds: 1 })
          t.equal(life.expiresAt - life.createdAt, 1100, 'the idle timeout and a tenth')
          await seeEnd(t, api, life, use)
        })
        await Promise.all(lives)
      },
    ],

    [
      'a session that is used lives on, and its expiresAt moves',
      async (t) => {
        const lives = USES.map(async (use) => {
          const { session, createdAt, expiresAt } = await begin(api, { idleTimeoutSeconds: 1 })
          await until(async () => {
            await send(api, session, use)
            return Date.now() > createdAt + 2300
          }, 'twice the idle timeout has passed')
          const { status, json } = await look(api, session)
          t.equal(status, 200, name(use))
          t.equal(Date.parse(json.createdAt), createdAt, 'in the same life')
          t.equal(Date.parse(json.expiresAt) - Date.parse(json.lastSeenAt), 1100)
          t.ok(Date.parse(json.expiresAt) > expiresAt + 1000)
        })
        await Promise.all(lives)
      },
    ],

    [
      'the lifetime ends a session however much it is used',
      async (t) => {
        const life = await begin(api, { idleTimeoutSeconds: 60, lifetimeSeconds: 1 })
        const { session, createdAt, expiresAt } = life
        t.equal(expiresAt, createdAt + 1000)
        await seeEnd(t, api, life, ['GET', ''])
        t.hasStrict(await api.call('GET', session), { status: 404, json: { code: 'session_not_found' } })
        t.hasStrict(await api.call('GET', `${session}/settings`), { status: 200, text: '{}', headers: { etag: '"0"' } })
        t.equal(
          (await api.call('PATCH', `${session}/settings`, { body: { a: 1 } })).status,
          201,
          'a new life may begin',
        )
        t.strictSame((await api.call('GET', session)).json.settings, { a: 1 }, 'with nothing of the old one')
      },
    ],

    [
      'within a tenth of the idle timeout a use writes nothing, after it one does',
      async (t) => {
        const { session, createdAt } = await begin(api, { idleTimeoutSeconds: 10 })
        await until(async () => {
          const sent = Date.now()
          const { json } = await api.call('GET', session)
          const moved = Date.parse(json.lastSeenAt) - createdAt
          if (moved !== 0) t.ok(moved >= 1000, `written down ${moved} ms after the last use`)
          else if (sent > createdAt + 1000 + OFF_MS) t.fail(`a use after ${sent - createdAt} ms was not written down`)
          if (moved !== 0) t.equal((await look(api, session)).json.lastSeenAt, json.lastSeenAt, 'as it was answered')
          return moved !== 0
        }, 'a use is written down')
      },
    ],

    [
      'a session of which nothing is left can begin again, and no ETag of its old life holds',
      async (t) => {
        const life = await begin(api, { idleTimeoutSeconds: 1 })
        const settings = `${life.session}/settings`
        const { etag = '' } = (await api.call('GET', `${settings}?touch=false`)).headers
        await seeEnd(t, api, life, ['HEAD', ''])
        const put = (headers: Record<string, string>) => api.call('PUT', settings, { body: { n: 1 }, headers })
        t.equal((await put({ 'if-match': etag })).status, 412)
        const begun = await put({ 'if-match': '"0"' })
        t.equal(begun.status, 201)
        t.match(begun.headers.etag, /^"1-/)
        t.not(begun.headers.etag, etag, 'of the same revision, and another')
        t.equal((await put({ 'if-match': etag })).status, 412)
        t.equal((await api.call('GET', settings, { headers: { 'if-none-match': etag } })).status, 200)
      },
    ],
  ])

await allAtOnce(
  t,
  Object.entries(STORES).map(([name, start]) => [`on ${name}`, async (t) => clocks(t, await start(t))]),
)
