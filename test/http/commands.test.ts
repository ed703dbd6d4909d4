/** What each call costs in Redis, measured, and that docs/redis.md says the same. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { type Api, type Call, fileRedis, idOf, KEYS, newSession, onRedis, POLICY } from '../helpers/app.ts'
import { named } from '../helpers/by-name.ts'
import { type Sent, watchCommands } from '../helpers/redis-commands.ts'
import { until } from '../helpers/until.ts'

const JSON_PATCH = 'application/json-patch+json'

/** A row of the table: a call on the settings `{"a":1,"o":{"x":1}}`, or on what `on` begins. */
type Row = {
  readonly name: string
  readonly method: string
  /** What follows the session's path; a whole path if it begins with /v1. */
  readonly path: string
  readonly call?: Call
  readonly on?: 'missing' | 'due'
  /** In place of `call`: found out beforehand, uncounted. */
  readonly from?: (api: Api, session: string) => Promise<Call>
  /** Sent once before, uncounted. */
  readonly repeated?: true
}

const idempotent = { headers: { 'idempotency-key': 'a-key' } }
const ifMatchAny = { headers: { 'if-match': '*' } }
const patch = (...body: object[]): Call => ({ body, type: JSON_PATCH })

const token =
  (call: Call): Row['from'] =>
  async (api, session) => {
    const minted = await api.call('POST', `${session}/tokens`, { body: { keys: { read: ['*'], write: ['*'] } } })
    return { ...call, key: (minted.json as unknown as { access_token: string }).access_token }
  }

const code =
  (made: object): Row['from'] =>
  async (api, session) => {
    const { json } = await api.call('POST', `${session}/handoffs`, { body: made })
    return { body: { code: json.code, sessionId: idOf(session) } }
  }

/** Begins a session in a namespace that has no others. */
const amongFew: Row['from'] = async (api) => {
  await api.call('POST', '/v1/sessions', { key: KEYS.blog })
  return { key: KEYS.blog }
}

const newSubject = (): string => `user-${randomUUID()}`
const bindIt = async (): Promise<Call> => ({ body: { subject: newSubject() } })

const ROWS: readonly Row[] = [
  { name: 'read a session', method: 'GET', path: '' },
  { name: 'read the settings', method: 'GET', path: '/settings' },
  { name: 'read the settings of a missing session', method: 'GET', path: '/settings', on: 'missing' },
  { name: 'read a key', method: 'GET', path: '/settings/a' },
  { name: 'read, when a use is due to be written down', method: 'GET', path: '/settings', on: 'due' },
  { name: 'touch', method: 'POST', path: '/touch' },
  { name: 'touch, when it is due', method: 'POST', path: '/touch', on: 'due' },
  { name: 'begin a session', method: 'POST', path: '/v1/sessions', call: { body: { settings: { a: 1 } } } },
  { name: 'end a session', method: 'DELETE', path: '' },
  { name: 'replace the settings', method: 'PUT', path: '/settings', call: { body: { b: 1 }, ...ifMatchAny } },
  { name: 'merge plain values', method: 'PATCH', path: '/settings', call: { body: { a: 2, b: 1 } } },
  {
    name: 'merge plain values, and see the settings',
    method: 'PATCH',
    path: '/settings',
    call: { body: { a: 2 }, headers: { prefer: 'return=representation' } },
  },
  { name: 'merge an object where none is', method: 'PATCH', path: '/settings', call: { body: { p: { x: 1 } } } },
  { name: 'merge an object into one', method: 'PATCH', path: '/settings', call: { body: { o: { y: 1 } } } },
  {
    name: 'JSON Patch that adds keys',
    method: 'PATCH',
    path: '/settings',
    call: patch({ op: 'add', path: '/b', value: 1 }),
  },
  {
    name: 'JSON Patch inside a value',
    method: 'PATCH',
    path: '/settings',
    call: patch({ op: 'add', path: '/o/y', value: 1 }),
  },
  {
    name: 'JSON Patch whose test fails',
    method: 'PATCH',
    path: '/settings',
    call: patch({ op: 'test', path: '/a', value: 2 }),
  },
  { name: 'put a key', method: 'PUT', path: '/settings/a', call: { body: 2 } },
  { name: 'put what is there already', method: 'PUT', path: '/settings/a', call: { body: 1 } },
  { name: 'put a key of a missing session', method: 'PUT', path: '/settings/a', call: { body: 1 }, on: 'missing' },
  {
    name: 'put a key that must not be there',
    method: 'PUT',
    path: '/settings/b',
    call: { body: 1, headers: { 'if-none-match': '*' } },
  },
  { name: 'put a key that must be there', method: 'PUT', path: '/settings/a', call: { body: 2, ...ifMatchAny } },
  { name: 'remove a key', method: 'DELETE', path: '/settings/a' },
  { name: 'take', method: 'POST', path: '/settings/a/take' },
  { name: 'take what is not there', method: 'POST', path: '/settings/none/take' },
  { name: 'increment an absent key', method: 'POST', path: '/settings/n/increment' },
  { name: 'increment a number', method: 'POST', path: '/settings/a/increment' },
  { name: 'a write with an Idempotency-Key', method: 'PUT', path: '/settings/a', call: { body: 2, ...idempotent } },
  {
    name: 'the same write again',
    method: 'PUT',
    path: '/settings/a',
    call: { body: 2, ...idempotent },
    repeated: true,
  },
  { name: 'read with a token', method: 'GET', path: '/settings', from: token({}) },
  {
    name: 'merge plain values with a token',
    method: 'PATCH',
    path: '/settings',
    from: token({ body: { a: 2, b: 1 } }),
  },
  { name: 'mint a token', method: 'POST', path: '/tokens', call: { body: { keys: { read: ['*'] } } } },
  { name: 'make all tokens void', method: 'DELETE', path: '/tokens' },
  { name: 'begin a session of a subject', method: 'POST', path: '/v1/sessions', from: bindIt },
  { name: 'rotate', method: 'POST', path: '/rotate' },
  { name: 'rotate and bind', method: 'POST', path: '/rotate', from: bindIt },
  { name: 'make a hand-off', method: 'POST', path: '/handoffs' },
  { name: 'make a hand-off that binds', method: 'POST', path: '/handoffs', from: bindIt },
  { name: 'redeem a hand-off', method: 'POST', path: '/v1/handoffs/redeem', from: code({}) },
  { name: 'redeem one that binds', method: 'POST', path: '/v1/handoffs/redeem', from: code({ subject: newSubject() }) },
  { name: 'list the sessions of a namespace', method: 'GET', path: '/v1/sessions', from: amongFew },
  { name: 'list the sessions of a subject', method: 'GET', path: '/v1/subjects/two/sessions' },
  { name: 'end the sessions of a subject', method: 'DELETE', path: '/v1/subjects/two/sessions' },
]

/** A subject with two sessions. */
const SUBJECT = 'two'

const begin = async (api: Api, on: Row['on']): Promise<string> => {
  const session = newSession()
  if (on === 'missing') return session
  const settings = { a: 1, o: { x: 1 } }
  const { status, json } = await api.call('POST', '/v1/sessions', {
    body: { id: idOf(session), settings, ...(on === 'due' ? { idleTimeoutSeconds: 2 } : {}) },
  })
  if (status !== 201) throw new Error(`The session could not be begun: ${status}`)
  if (on === 'due') await until(() => Date.now() > Date.parse(json.lastSeenAt) + 250, 'a use is due to be written down')
  return session
}

const beginTwo = async (api: Api): Promise<void> => {
  for (let i = 0; i < 2; i++) await api.call('POST', '/v1/sessions', { body: { subject: SUBJECT } })
}

const pathOf = (session: string, { path }: Row): string => (path.startsWith('/v1') ? path : session + path)

/** In the words of the table: the commands in order, those of a script after it. */
const told = (sent: readonly Sent[]): { sent: string; ran: string } => {
  const counts = new Map<string, number>()
  for (const { command } of sent) {
    const name = command === 'EVALSHA' ? 'script' : command
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return {
    sent: [...counts].map(([name, count]) => `${count} ${name}${name === 'script' && count > 1 ? 's' : ''}`).join(', '),
    ran: sent
      .filter(({ command }) => command === 'EVALSHA')
      .map(({ ran }) => ran.join(', '))
      .join('; '),
  }
}

/** The rows of the table in docs/redis.md whose first column has this name. */
const documented = (column: string): Map<string, { sent: string; ran: string }> => {
  const text = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8')
  const head = new RegExp(`\\| ${column} \\| sent \\| run within the script \\|\\n\\|[-| ]+\\|\\n((?:\\|.*\\|\\n)+)`)
  const table = head.exec(text)?.[1] ?? ''
  const rows = table.trim().split('\n')
  return new Map(
    rows.map((row) => {
      const [name = '', sent = '', ran = ''] = row.split('|').slice(1, -1)
      return [name.trim(), { sent: sent.trim(), ran: ran.trim() }]
    }),
  )
}

t.test('a sweep that finds nothing looks at each partition once', async (t) => {
  const api = await onRedis(t)
  const watch = await watchCommands(await fileRedis())
  t.teardown(() => watch.stop())
  t.strictSame(told(await watch.during(() => api.store.sweep())).sent, '256 ZRANGE')
})

t.test('each call costs the commands that docs/redis.md tells', async (t) => {
  const api = await onRedis(t)
  const watch = await watchCommands(await fileRedis())
  t.teardown(() => watch.stop())
  // Each script is sent in full once; from then on by its hash.
  await api.call('POST', '/v1/sessions', { body: { subject: 'warm' } })
  await api.call('DELETE', '/v1/subjects/warm/sessions')
  for (const row of ROWS) {
    const session = await begin(api, row.on === 'due' ? undefined : row.on)
    await api.call(row.method, pathOf(session, row), (await row.from?.(api, session)) ?? row.call)
  }
  await beginTwo(api)

  const measured = new Map<string, { sent: string; ran: string }>()
  for (const row of ROWS) {
    const session = await begin(api, row.on)
    const call = (await row.from?.(api, session)) ?? row.call
    const send = () => api.call(row.method, pathOf(session, row), call)
    if (row.repeated) await send()
    measured.set(row.name, told(await watch.during(send)))
    const other = named(pathOf(await begin(api, row.on), row))
    if (other) {
      const byName = told(await watch.during(() => api.call(row.method, other.path, { ...call, ...other })))
      t.strictSame(byName, measured.get(row.name), `${row.name}, by name`)
    }
  }
  t.strictSame([...documented('call')], [...measured])
})

t.test('a login where sessions of a subject are limited costs what docs/redis.md tells', async (t) => {
  const measured = new Map<string, { sent: string; ran: string }>()
  for (const beyond of ['refuse', 'end-oldest'] as const) {
    const policyOf = () => ({ ...POLICY, sessionsPerSubject: { most: 2, beyond } })
    const api = await onRedis(t, { policyOf })
    const watch = await watchCommands(await fileRedis())
    t.teardown(() => watch.stop())
    const login = (subject: string) => api.call('POST', '/v1/sessions', { body: { subject } })
    const subject = newSubject()
    await login(subject)
    measured.set(`\`${beyond}\``, told(await watch.during(() => login(subject))))
  }
  t.strictSame([...documented('login')], [...measured])
})

t.test('a batch is one HGETALL a session, each asked for once', async (t) => {
  const api = await onRedis(t)
  const watch = await watchCommands(await fileRedis())
  t.teardown(() => watch.stop())
  const ids = await Promise.all([begin(api, undefined), begin(api, undefined), begin(api, 'missing')])
  const body = { ids: [...ids, ...ids].map(idOf) }
  t.strictSame(told(await watch.during(() => api.call('POST', '/v1/sessions/batch', { body }))).sent, '3 HGETALL')
})

t.test('those who change one value of a session at once need about one script each', async (t) => {
  const api = await onRedis(t)
  const watch = await watchCommands(await fileRedis())
  t.teardown(() => watch.stop())
  const session = await begin(api, undefined)
  const path = `${session}/settings/a/increment`
  const sent = await watch.during(() => Promise.all(Array.from({ length: 100 }, () => api.call('POST', path))))
  t.equal((await api.call('GET', `${session}/settings/a`)).text, '101')
  t.ok(sent.length >= 100 && sent.length <= 110, `100 increments: ${told(sent).sent}`)
})
