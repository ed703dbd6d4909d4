/**
 * What one release leaves in the store, and what another makes of it. Each row is a piece: its first part runs on the one
 * that writes, and answers the second, which runs on the one that finds it.
 */
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { type Answer, type Api, idOf, newSession } from './app.ts'

export type Caller = Pick<Api, 'call'>

type Find = (to: Caller) => Promise<unknown>

type Granted = { readonly access_token: string; readonly code: string; readonly payload: unknown }
type Listing = { readonly sessions: readonly { id: string }[]; readonly next?: string; readonly ended: number }

export const ORIGIN = 'https://shop.example'
/** Both releases need it for a cookie. */
export const BROWSER = { keys: { read: ['*'], write: ['theme'] }, origins: [ORIGIN] }

const granted = ({ json }: Answer): Granted => json as unknown as Granted
const listing = ({ json }: Answer): Listing => json as unknown as Listing
const newSubject = (): string => `user-${randomUUID()}`

/** Calls that must succeed. */
const make = async (on: Caller, ...args: Parameters<Api['call']>): Promise<Answer> => {
  const answer = await on.call(...args)
  if (answer.status >= 300) throw new Error(`${args[0]} ${args[1]}: ${answer.status} ${answer.text}`)
  return answer
}

const mint = async (on: Caller, session: string, more: object = {}): Promise<string> => {
  const body = { keys: { read: ['*'], write: ['*'] }, scope: 'read write take touch end events renew cookie', ...more }
  return granted(await make(on, 'POST', `${session}/tokens`, { body })).access_token
}

const begun = async (on: Caller, settings: object = { theme: 'dark', n: 1 }): Promise<string> => {
  const session = newSession()
  await make(on, 'PATCH', `${session}/settings`, { body: settings })
  return session
}

const CURRENT = '/v1/sessions/current'

/** What has to be the same, whoever is asked: all that it says, but for the time. */
const look = async (on: Caller, path: string, key?: string): Promise<unknown> => {
  const { status, text, headers } = await on.call('GET', path, key === undefined ? {} : { key })
  return { status, text, etag: headers.etag }
}

/** Each kind of call that an Idempotency-Key repeats. */
const REPEATED: readonly ((on: Caller, session: string) => Promise<Parameters<Api['call']>>)[] = [
  async () => ['POST', '/v1/sessions', { body: { settings: { a: 1 } } }],
  async (_, session) => ['PATCH', `${session}/settings`, { body: { b: 2 } }],
  async (_, session) => ['POST', `${session}/settings/n/increment`, { body: { by: 5 } }],
  async (_, session) => ['POST', `${session}/settings/once/take`],
  async (_, session) => ['PUT', `${session}/settings/c`, { body: [1] }],
  async (_, session) => ['POST', `${session}/rotate`, { body: { subject: newSubject() } }],
  async (on) => {
    const session = await begun(on)
    const { code } = granted(await make(on, 'POST', `${session}/handoffs`, { body: { payload: 1, subject: 'sam' } }))
    return ['POST', '/v1/handoffs/redeem', { body: { code, sessionId: idOf(session) } }]
  },
]

/** What of an answer a repeat must give again. */
const outcome = ({ status, headers, json }: Answer): unknown => {
  const { session = json } = json as unknown as { session?: typeof json }
  return { status, etag: headers.etag ?? session.etag, id: session.id, value: json.value }
}

/** `stored` is a row of the table in docs/operation/upgrading.md. */
export const HANDED_ON: readonly (readonly [
  name: string,
  stored: string,
  leave: (t: Test, from: Caller) => Promise<Find>,
])[] = [
  [
    'settings, each text as it was sent',
    'a session',
    async (t, from) => {
      const session = newSession()
      const text = '{"price":1.10,"big":12345678901234567890,"inner":{"b":[],"a":{"é":null}},"e":"\\u00e9"}'
      await make(from, 'PUT', `${session}/settings`, { text, headers: { 'if-none-match': '*' } })
      const paths = [`${session}?touch=false`, `${session}/settings`, `${session}/settings/price`]
      const seen = await Promise.all(paths.map((path) => look(from, path)))
      const { etag } = seen[1] as { etag: string }
      return async (to) => {
        t.strictSame(await Promise.all(paths.map((path) => look(to, path))), seen, 'seen as its writer saw it')
        const unchanged = await to.call('GET', `${session}/settings`, { headers: { 'if-none-match': etag } })
        t.equal(unchanged.status, 304, 'its ETag is known')
        const ops = [{ op: 'replace', path: '/inner/a/é', value: 1 }]
        const change = { body: ops, type: 'application/json-patch+json', headers: { 'if-match': etag } }
        t.equal(
          (await to.call('PATCH', `${session}/settings`, change)).status,
          204,
          'and a value can be changed inside',
        )
        t.equal((await to.call('PATCH', `${session}/settings`, change)).status, 412, 'once')
        const { text } = await to.call('GET', `${session}/settings/inner`)
        t.equal(text, '{"b":[],"a":{"é":1}}')
      }
    },
  ],
  [
    'clocks and a subject',
    'a session',
    async (t, from) => {
      const body = { subject: 'émile', idleTimeoutSeconds: 1000, lifetimeSeconds: 5000, settings: { a: 1 } }
      const { id } = (await make(from, 'POST', '/v1/sessions', { body })).json
      const path = `/v1/sessions/${id}?touch=false`
      const seen = await look(from, path)
      return async (to) => t.strictSame(await look(to, path), seen)
    },
  ],
  [
    'a session that nobody has written',
    'a session',
    async (t, from) => {
      const session = newSession()
      const key = await mint(from, session)
      const path = `${session}?touch=false`
      const before = (await make(from, 'GET', path)).json
      return async (to) => {
        t.equal((await to.call('GET', path)).json.expiresAt, before.expiresAt)
        await make(to, 'PUT', `${CURRENT}/settings/theme`, { body: 'dark', key })
        t.ok((await to.call('GET', path)).json.idleTimeoutSeconds > before.idleTimeoutSeconds, 'its first write')
      }
    },
  ],
  [
    'ended sessions',
    'an ended session',
    async (t, from) => {
      const [deleted, rotated, revoked] = [await begun(from), await begun(from), await begun(from)]
      const key = await mint(from, deleted)
      const subject = newSubject()
      const bound = (await make(from, 'POST', `${revoked}/rotate`, { body: { subject } })).json.id
      await make(from, 'DELETE', deleted)
      await make(from, 'POST', `${rotated}/rotate`, { body: {} })
      await make(from, 'DELETE', `/v1/subjects/${subject}/sessions`)
      const never = newSession()
      await make(from, 'DELETE', never)
      const paths = [deleted, rotated, `/v1/sessions/${bound}`, never]
      const seen = (await Promise.all(paths.map((path) => from.call('GET', path)))).map(({ json }) => json)
      t.strictSame(
        seen.map(({ reason }) => reason),
        ['deleted', 'rotated', 'revoked', 'deleted'],
      )
      return async (to) => {
        for (const [at, path] of paths.entries()) {
          const { status, json } = await to.call('GET', path)
          t.strictSame([status, json.reason, json.endedAt], [410, seen[at]?.reason, seen[at]?.endedAt])
          t.equal((await to.call('PUT', `${path}/settings/a`, { body: 1 })).status, 410, 'no late write')
        }
        t.equal((await to.call('GET', CURRENT, { key })).status, 410, 'its token')
      }
    },
  ],
  [
    'a narrow token, and an ETag that it was shown',
    'a session token',
    async (t, from) => {
      const session = await begun(from, { theme: 'dark', role: 'user' })
      const key = await mint(from, session, { keys: { read: ['theme'], write: ['theme'] } })
      const seen = (await look(from, `${CURRENT}/settings`, key)) as { etag: string }
      t.match(seen.etag, '~')
      return async (to) => {
        t.strictSame(await look(to, `${CURRENT}/settings`, key), seen)
        t.equal((await to.call('PUT', `${CURRENT}/settings/role`, { body: 'admin', key })).status, 403)
        const headers = { 'if-match': seen.etag }
        t.equal((await to.call('PATCH', `${CURRENT}/settings`, { body: { theme: 'light' }, key, headers })).status, 204)
        const { access_token: renewed } = granted(await make(to, 'POST', `${CURRENT}/tokens`, { body: {}, key }))
        t.equal((await to.call('GET', `${CURRENT}/settings/theme`, { key: renewed })).json, 'light', 'renewed')
        await make(to, 'DELETE', `${session}/tokens`)
        t.equal((await to.call('GET', CURRENT, { key })).status, 401, 'revoked')
      }
    },
  ],
  [
    'a token that was revoked',
    'a session token',
    async (t, from) => {
      const session = await begun(from)
      const key = await mint(from, session)
      await make(from, 'DELETE', `${session}/tokens`)
      return async (to) => t.equal((await to.call('GET', CURRENT, { key })).status, 401)
    },
  ],
  [
    'a cookie',
    'a cookie',
    async (t, from) => {
      const key = await mint(from, await begun(from))
      const { headers } = await make(from, 'POST', '/v1/cookie', { key, headers: { origin: ORIGIN } })
      const cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0] as string
      return async (to) => {
        const path = `${CURRENT}/settings/theme`
        t.equal((await to.call('GET', path, { key: null, headers: { cookie } })).json, 'dark')
        const put = await to.call('PUT', path, { key: null, body: 'light', headers: { cookie, origin: ORIGIN } })
        t.equal(put.status, 204)
      }
    },
  ],
  [
    'a hand-off',
    'a hand-off',
    async (t, from) => {
      const session = await begun(from, { cart: [1] })
      const subject = newSubject()
      const body = { payload: { to: '/basket' }, subject }
      const { code } = granted(await make(from, 'POST', `${session}/handoffs`, { body }))
      return async (to) => {
        const redeem = { body: { code, sessionId: idOf(session) } }
        const { status, json } = await to.call('POST', '/v1/handoffs/redeem', redeem)
        const { payload, session: bound } = json as unknown as { payload: unknown; session: Answer['json'] }
        t.strictSame([status, payload, bound.subject, bound.settings], [200, { to: '/basket' }, subject, { cart: [1] }])
        t.equal((await to.call('POST', '/v1/handoffs/redeem', redeem)).status, 410, 'once')
        t.equal((await to.call('GET', session)).json.reason, 'rotated')
      }
    },
  ],
  [
    'outcomes that are kept for repeats',
    'an outcome kept for an `Idempotency-Key`',
    async (t, from) => {
      const done: (readonly [Parameters<Api['call']>, unknown])[] = []
      for (const prepare of REPEATED) {
        const [method, path, rest] = await prepare(from, await begun(from, { n: 1, once: 'x' }))
        const call = { ...rest, headers: { 'idempotency-key': randomUUID() } }
        done.push([[method, path, call], outcome(await make(from, method, path, call))])
      }
      return async (to) => {
        for (const [[method, path, call], before] of done) {
          t.strictSame(outcome(await to.call(method, path, call)), before, `${method} ${path}`)
        }
        const [method, path, call] = (done[1] as (typeof done)[0])[0]
        t.equal((await to.call(method, path, { ...call, body: { other: 1 } })).status, 422, 'another body')
      }
    },
  ],
  [
    "a subject's sessions, half of the list read",
    "a subject's list",
    async (t, from) => {
      const subject = newSubject()
      const of = `/v1/subjects/${subject}/sessions`
      const ids: string[] = []
      for (let i = 0; i < 4; i++) ids.push((await make(from, 'POST', '/v1/sessions', { body: { subject } })).json.id)
      const first = listing(await make(from, 'GET', `${of}?limit=2`))
      return async (to) => {
        const rest = listing(await make(to, 'GET', `${of}?limit=100&cursor=${first.next}`))
        const found = [...first.sessions, ...rest.sessions].map(({ id }) => id)
        t.strictSame([...new Set(found)].sort(), ids.sort())
        t.equal(listing(await make(to, 'DELETE', of)).ended, 4, 'log out everywhere')
        t.equal((await to.call('GET', `/v1/sessions/${ids[0]}`)).json.reason, 'revoked')
      }
    },
  ],
]
