/** The client against the service itself, with a front between them that loses and refuses. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { type ClientOptions, CoatcheckError, createClient, difference, type ErrorCode } from '../../src/client/index.ts'
import { pause } from '../../src/client/waiting.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { type Front, type Harm, OURS, type Sent, startFront } from '../helpers/front.ts'
import { until } from '../helpers/until.ts'

const api = await onLmdb(t)
const direct = `http://127.0.0.1:${api.port}`

const open = (t: Test, options: Partial<ClientOptions> = {}) => {
  const client = createClient({ url: direct, credential: KEYS.shop, ...options })
  t.teardown(() => client.close())
  return client
}

const openBehind = async (t: Test, options: Partial<ClientOptions> = {}) => {
  const front = await startFront(t, api.port)
  return { front, client: open(t, { url: front.url, ...options }) }
}

/** Harms the first of the requests that are such. */
const harmFirst = (front: Front, isSuch: (sent: Sent) => boolean, ...harms: readonly Harm[]): void => {
  const left = [...harms]
  front.harm((sent) => (isSuch(sent) ? left.shift() : undefined))
}

const failure = async (promise: Promise<unknown>): Promise<CoatcheckError> => {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  )
  if (error instanceof CoatcheckError) return error
  throw new Error(`It did not fail as it should: ${error}`)
}

const failsWith = async (t: Test, promise: Promise<unknown>, code: ErrorCode, status?: number) => {
  const error = await failure(promise)
  t.equal(error.code, code)
  t.equal(error.status, status)
  return error
}

type Cart = { username: string; theme: string | null; cart: { items: number[] }; hits: number; flash: string }

t.test('each call does what it says', async (t) => {
  const client = open(t)
  const session = client.session<Cart>(randomUUID())

  t.strictSame(await session.get(), {}, 'nobody has written yet: an empty object')
  t.strictSame(await session.read(), { settings: {}, etag: '0' })
  t.equal(await session.get('username'), undefined)
  t.equal((await session.set('username', 'henrik')).created, true)
  t.equal((await session.set('username', 'hanna')).created, false)
  await session.set('theme', null)
  t.strictSame(await session.get(), { username: 'hanna', theme: null }, 'null is a value')
  await session.patch({ cart: { items: [1] }, theme: null })
  await session.patch([{ op: 'add', path: '/cart/items/-', value: 2 }])
  t.strictSame(await session.get('cart'), { items: [1, 2] })
  t.equal(await session.increment('hits'), 1)
  t.equal(await session.increment('hits', 41), 42)
  t.equal(await session.take('flash'), undefined)
  await session.set('flash', 'Welcome')
  t.equal(await session.take('flash'), 'Welcome')
  t.equal(await session.take('flash'), undefined)
  await session.remove('hits')
  await session.remove('hits')
  t.equal(await session.get('hits'), undefined)
  const { etag } = await session.read()
  await session.replace({ username: 'x', theme: 'dark', cart: { items: [] }, hits: 0, flash: '' }, { ifMatch: etag })
  t.equal((await session.view()).revision, 11)
  t.match(await session.touch(), { id: session.id, revision: 11 })

  const odd = client.session(randomUUID())
  for (const name of ['a:b@c~d.e-f_g', 'toString', '.a', 'hasOwnProperty'])
    t.equal(await odd.set(name, 1).then(() => odd.get(name)), 1)
  await t.rejects(odd.set('a', undefined), TypeError)
})

t.test('a session is begun, moved to another id, handed over, and ended for good', async (t) => {
  const client = open(t)
  const subject = `user-${randomUUID()}`
  const made = await client.create<Cart>({
    settings: { username: 'henrik' },
    token: { keys: { read: ['*'], write: ['theme'] } },
  })
  t.equal(made.settings.username, 'henrik')
  const visitor = open(t, { credential: made.token }).session<Cart>('current')
  await visitor.set('theme', 'dark')
  await failsWith(t, visitor.set('username', 'mallory'), 'key_not_allowed', 403)

  const { code } = await client.session(made.id).handoff({ subject, payload: { flash: 'hello' } })
  await failsWith(t, client.redeem({ code, sessionId: randomUUID() }), 'handoff_gone', 410)
  const { session: bound, payload } = await client.redeem<Cart, { flash: string }>({ code, sessionId: made.id })
  t.equal(payload.flash, 'hello')
  t.not(bound.id, made.id)
  t.match(await failsWith(t, client.session(made.id).get(), 'session_gone', 410), { reason: 'rotated' })

  const moved = await client.session<Cart>(bound.id).rotate()
  t.equal(moved.settings.theme, 'dark')
  const second = await client.create({ subject })
  const found: string[] = []
  for await (const { id } of client.subject(subject).sessions()) found.push(id)
  t.strictSame(found.sort(), [moved.id, second.id].sort())
  t.equal(await client.subject(subject).end({ except: moved.id }), 1)
  const { sessions, missing, gone } = await client.batch([moved.id, second.id, randomUUID()])
  t.strictSame([Object.keys(sessions), missing.length, gone[0]?.reason], [[moved.id], 1, 'revoked'])

  const all: string[] = []
  for await (const { id } of client.sessions()) all.push(id)
  t.ok(all.includes(moved.id), 'which is among all of them')
  t.notOk(all.includes(second.id), 'and the ended one is not')

  const last = client.session(moved.id)
  const token = await last.token({ keys: { read: ['*'], write: [] } })
  const reader = open(t, { credential: token.access_token }).session('current')
  t.equal((await reader.get('theme')) as string, 'dark')
  await last.revokeTokens()
  await failsWith(t, reader.get(), 'invalid_credential', 401)
  await last.end()
  await last.end()
  const refused = await failsWith(t, last.set('a', 1), 'session_gone', 410)
  t.match(refused, { reason: 'deleted', endedAt: /^20/ })
  t.ok((refused.endedSecondsAgo ?? -1) >= 0 && (refused.endedSecondsAgo ?? 9) < 5)

  const { front, client: late } = await openBehind(t)
  const date = new Date(Date.parse(refused.endedAt ?? '') + 90_000).toUTCString()
  const body = JSON.stringify({ code: 'session_gone', detail: 'x', reason: 'rotated', endedAt: refused.endedAt })
  front.harm(() => ({ status: 410, headers: { date, ...OURS }, body }))
  const byItsClock = await failsWith(t, late.session(moved.id).get(), 'session_gone', 410)
  const ago = byItsClock.endedSecondsAgo ?? 0
  t.ok(ago > 88 && ago <= 90, "by the service's clock, whatever ours says")
})

t.test('many calls at once are no leak to Node', async (t) => {
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  t.teardown(() => process.off('warning', note))
  const client = open(t)
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 30 }, () => client.session(randomUUID()).get({ signal })))
  t.strictSame(warnings, [])
})

t.test('a refusal says in its code, its detail and its members what it is about', async (t) => {
  const session = open(t).session(randomUUID())
  const { etag } = await session.set('a', 1)
  const lost = await failsWith(t, session.set('a', 2, { ifMatch: 'other' }), 'precondition_failed', 412)
  t.equal(lost.etag, etag, 'with the present ETag')
  await session.set('a', 2, { ifMatch: etag })
  await failsWith(t, session.set('a', 3, { ifNoneMatch: '*' }), 'precondition_failed', 412)
  await failsWith(t, session.patch([{ op: 'test', path: '/a', value: 9 }]), 'test_failed', 409)
  const bad = await failsWith(t, session.patch([{ op: 'add', path: 'a', value: 9 }]), 'invalid_request', 400)
  t.ok((bad.errors?.length ?? 0) > 0)
  t.notMatch(JSON.stringify(bad) + bad.stack, KEYS.shop, 'and holds no secret')
  const long = await failsWith(t, session.set('k'.repeat(129), 1), 'key_length', 422)
  t.match(long, { limit: 128, type: 'urn:coatcheck:problem:key_length', title: /\w/, errors: [{ pointer: /^#\/k+$/ }] })
  await failsWith(t, open(t, { credential: 'ck_shop_wrong' }).session(randomUUID()).get(), 'invalid_credential', 401)
  await failsWith(t, open(t, { credential: undefined }).session('current').get(), 'credential_required', 401)
})

const CHANGES = ({ method }: Sent): boolean => method !== 'GET'

t.test('a call whose answer was lost is done once, and its outcome comes all the same', async (t) => {
  const { front, client } = await openBehind(t)
  const session = client.session(randomUUID())
  const harmed = <Result>(work: () => Promise<Result>): Promise<Result> => {
    harmFirst(front, CHANGES, 'lose', 'break')
    return work()
  }
  t.equal(await harmed(() => session.increment('hits')), 1)
  t.equal(await session.get('hits'), 1)
  await session.set('flash', 'once')
  t.equal(await harmed(() => session.take('flash')), 'once')
  t.equal((await harmed(() => session.patch([{ op: 'add', path: '/list', value: [1] }]))).created, false)
  await harmed(() => session.patch([{ op: 'add', path: '/list/-', value: 2 }]))
  t.strictSame(await session.get('list'), [1, 2])
  await harmed(() => session.remove('list'))
  t.equal(await session.get('list'), undefined)

  const subject = `user-${randomUUID()}`
  const made = await harmed(() => client.create({ subject }))
  const moved = await harmed(() => client.session(made.id).rotate())
  const all: string[] = []
  for await (const { id } of client.subject(subject).sessions()) all.push(id)
  t.strictSame(all, [moved.id], 'made once and rotated once')
})

t.test('what is not safe to repeat is not repeated: a second token would be minted', async (t) => {
  const { front, client } = await openBehind(t)
  const session = client.session(randomUUID())
  for (const work of [() => session.token({ keys: { read: ['*'], write: ['*'] } }), () => session.handoff()]) {
    front.sent.length = 0
    harmFirst(front, CHANGES, 'lose')
    await failsWith(t, work(), 'unreachable')
    t.equal(front.sent.length, 1)
    // Whoever was told to come later was refused: nothing was done.
    harmFirst(front, CHANGES, { status: 429, headers: { 'retry-after': '0' } })
    await work()
    t.equal(front.sent.length, 3)
  }
})

t.test('a client comes again after as long as the service asks for, and not if that is too late', async (t) => {
  const { front, client } = await openBehind(t)
  const session = client.session(randomUUID())
  const away = { status: 503, headers: { 'retry-after': '1' } }
  harmFirst(front, () => true, away)
  const started = performance.now()
  t.strictSame(await session.get(), {})
  t.ok(performance.now() - started >= 1000, 'it has waited')

  front.harm(() => ({ status: 503, headers: { 'retry-after': '30' } }))
  front.sent.length = 0
  const error = await failsWith(t, session.get({ timeoutMs: 5000 }), 'unreachable', 503)
  t.equal(error.retryAfterSeconds, 30)
  t.equal(front.sent.length, 1)
  t.ok(performance.now() - started < 4000, 'it does not wait for what comes too late')

  front.harm(() => ({ status: 502, body: '<html>' }))
  front.sent.length = 0
  await failsWith(t, session.get({ timeoutMs: 1500 }), 'unreachable', 502)
  t.ok(front.sent.length > 2, `${front.sent.length} tries`)
  const keys = new Set(front.sent.map(({ headers }) => headers['idempotency-key']))
  t.strictSame([...keys], [undefined], 'a read needs no key')
})

t.test('a call ends at its deadline, at its signal, and when the client is closed', async (t) => {
  const { front, client } = await openBehind(t, { timeoutMs: 300 })
  const session = client.session(randomUUID())
  front.harm(() => 'hold')
  await failsWith(t, session.get(), 'deadline_exceeded')
  await failsWith(t, session.set('a', 1, { timeoutMs: 50 }), 'deadline_exceeded')

  const controller = new AbortController()
  const reason = new Error('the page was left')
  front.sent.length = 0
  const aborted = session.get({ signal: controller.signal, timeoutMs: 60_000 })
  await until(() => front.sent.length === 1, 'the call is under way')
  controller.abort(reason)
  t.equal(await aborted.catch((error) => error), reason)
  t.equal(await session.get({ signal: controller.signal }).catch((error) => error), reason, 'also beforehand')

  const pending = session.get({ timeoutMs: 60_000 })
  await until(() => front.sent.length === 2, 'the next call is under way')
  client.close()
  await failsWith(t, pending, 'closed')
  await failsWith(t, session.get(), 'closed')
})

t.test('a call ends at its deadline whoever keeps it waiting', async (t) => {
  const never = open(t, { timeoutMs: 100, credential: () => new Promise<string>(() => {}) })
  await failsWith(t, never.session(randomUUID()).get(), 'deadline_exceeded')
  const controller = new AbortController()
  const stream = never.session(randomUUID()).changes({ signal: controller.signal }).next()
  controller.abort()
  t.match(await stream, { done: true }, 'and a stream at its signal')

  const ending = new AbortController()
  t.teardown(() => ending.abort())
  const endless = pause(2 ** 40, ending.signal).then(() => 'over')
  endless.catch(() => {})
  t.equal(await Promise.race([endless, pause(20).then(() => 'not yet')]), 'not yet', 'a long pause is not a short one')
})

t.test('an update that runs out of time says why', async (t) => {
  const { front, client } = await openBehind(t)
  const session = client.session<{ n: number }>(randomUUID())
  const timeoutMs = 1500
  let runs = 0
  const outrun = session.update(
    async ({ n = 0 }) => {
      await session.set('n', n + 1)
      if (++runs > 3) await pause(timeoutMs)
      return { n: n + 100 }
    },
    { timeoutMs },
  )
  const lost = await failsWith(t, outrun, 'precondition_failed', 412)
  t.match(lost.detail, /1500 ms.* faster 3 times.* Nothing was written/)
  t.equal(await session.get('n'), 4)

  const slow = session.update(() => pause(200).then(() => ({ n: 0 })), { timeoutMs: 100 })
  t.match((await failsWith(t, slow, 'deadline_exceeded')).detail, /^There were 100 ms.* Nothing was written/)
  t.equal(await session.get('n'), 4)

  front.harm(({ method }) => (method === 'PATCH' ? 'hold' : undefined))
  const unanswered = session.update(({ n = 0 }) => ({ n: n + 1 }), { timeoutMs: 800 })
  t.match((await failsWith(t, unanswered, 'deadline_exceeded')).detail, /800 ms.* is not known/)
})

t.test('a key that no path carries is read, written and counted all the same, and on conditions', async (t) => {
  const session = open(t).session<Record<string, number | string>>(randomUUID())
  const key = 'a/../b'
  t.equal(await session.get(key), undefined)
  await session.remove(key)
  t.equal((await session.view().catch((error) => error)).code, 'session_not_found', 'nothing is begun by removing')
  await failsWith(t, session.set(key, 1, { ifMatch: '*' }), 'precondition_failed', 412)
  const first = await session.set(key, 1, { ifNoneMatch: '*' })
  t.equal(first.created, true)
  await failsWith(t, session.set(key, 2, { ifNoneMatch: '*' }), 'precondition_failed', 412)
  await failsWith(t, session.set(key, 2, { ifNoneMatch: '*', ifMatch: '*' }), 'precondition_failed', 412)
  await failsWith(t, session.remove('no/such', { ifMatch: '*' }), 'precondition_failed', 412)
  const second = await session.set(key, 2, { ifMatch: first.etag })
  await failsWith(t, session.set(key, 3, { ifMatch: first.etag }), 'precondition_failed', 412)
  await session.set(key, 3, { ifMatch: '*' })
  t.not((await session.read()).etag, second.etag)
  t.strictSame(await session.get(), { [key]: 3 })
  await session.remove(key, { ifMatch: '*' })
  await session.remove(key)
  t.strictSame(await session.get(), {})
  await t.rejects(session.set(key, undefined as unknown as number), TypeError)
})

t.test('what stands in a path never leads out of its segment', async (t) => {
  const { front, client } = await openBehind(t)
  const id = randomUUID()
  for (const name of ['..', '.', '', `../${id}`, `${id}/settings`, `${id};x`, '%2e%2e', `${id}\n`, 'a b']) {
    t.throws(() => client.session(name), TypeError, JSON.stringify(name))
  }
  for (const name of ['..', '', '/u', 'u/', 'x/../u', 'x\\..\\u', 'x%2F..%2Fu', 'u\n', '\ud800', './u']) {
    t.throws(() => client.subject(name), TypeError, JSON.stringify(name))
  }
  t.strictSame(front.sent, [], 'no call is made')
  for (const name of [
    'henrik@example.org',
    'auth0|5f7c8ec7',
    'https://idp.example/users/42?x#y',
    'a...b',
    '100 %',
    'ü',
  ]) {
    const { id } = await client.create({ subject: name })
    t.equal(await client.subject(name).end({ except: id }), 0, name)
    t.equal(await client.subject(name).end(), 1, name)
  }
})

t.test('a credential that no header can hold is refused without a word of it', async (t) => {
  for (const credential of ['ck_shop_secret\nX: y', 'ck_shop secret', 'ck_shop_sécret', '']) {
    t.throws(() => open(t, { credential }), { name: 'TypeError', message: /^(?!.*s.cret)/ })
    const asked = open(t, { credential: () => credential }).session(randomUUID())
    const error = await asked.get().catch((reason) => reason)
    t.equal(error.name, 'TypeError')
    t.notMatch(inspect(error), /s.cret/)
  }
  t.strictSame(
    await open(t, { credential: `${KEYS.shop}\n` })
      .session(randomUUID())
      .get(),
    {},
    'a file ends in a line break',
  )
})

t.test('what differs in JSON is a difference', (t) => {
  const [one, other] = [new Date(0), new Date(1)]
  t.strictSame(difference({ at: one, o: {} }, { at: other, o: one }).set, { at: other, o: one })
  t.strictSame(difference({ at: one.toJSON() }, { at: one }).set, {})
  t.end()
})

t.test('an update wins in the end, however many others write, and writes what it changed alone', async (t) => {
  const client = open(t)
  const session = client.session<{ list: number[]; name: string; theme?: string }>(randomUUID())
  const add = (n: number) =>
    session.update(
      async (settings) => {
        settings.list = [...(settings.list ?? []), n]
        return undefined
      },
      { timeoutMs: 60_000 },
    )
  await Promise.all(Array.from({ length: 12 }, (_, n) => add(n)))
  const { list } = await session.get()
  t.strictSame(
    list?.toSorted((a, b) => a - b),
    Array.from({ length: 12 }, (_, n) => n),
  )

  await session.set('theme', 'dark')
  await session.patch({ name: 'a' })
  const { etag } = await session.read()
  t.strictSame(await session.update((settings) => ({ ...settings })), { list, theme: 'dark', name: 'a' })
  t.equal((await session.read()).etag, etag, 'nothing changed, nothing was written')
  t.strictSame(
    await session.update(({ theme: _, ...rest }) => rest),
    { list, name: 'a' },
    'what is left out is removed',
  )

  const { access_token } = await client.session(session.id).token({ keys: { read: ['name'], write: ['name'] } })
  const narrow = open(t, { credential: access_token }).session<{ name: string }>('current')
  await narrow.update((settings) => ({ name: `${settings.name}b` }))
  t.strictSame(await session.get(), { list, name: 'ab' }, 'a narrow credential replaces nothing of what it cannot see')
})

t.test('a credential that is refused is asked for again, once for all who need it', async (t) => {
  const client = open(t)
  const session = client.session(randomUUID())
  let asked = 0
  const credential = async () => {
    asked += 1
    return session.token({ scope: 'read write touch', keys: { read: ['*'], write: ['*'] } })
  }
  const page = open(t, { credential }).session('current')
  await Promise.all([page.set('a', 1), page.set('b', 2), page.get()])
  t.equal(asked, 1)
  await session.revokeTokens()
  t.strictSame(await Promise.all([page.get('a'), page.get('b')]), [1, 2])
  t.equal(asked, 2)

  const hopeless = open(t, { credential: () => 'ck_shop_wrong' }).session(randomUUID())
  await failsWith(t, hopeless.get(), 'invalid_credential', 401)
  const without = open(t, { credential: () => Promise.reject(new Error('no token today')) }).session(randomUUID())
  await t.rejects(without.get(), { message: 'no token today' })
})

t.test('a renewal that failed is tried again while the token is good', async (t) => {
  const { front } = await openBehind(t, { credential: undefined })
  const renewals = () => front.sent.filter(({ path }) => path.endsWith('/tokens')).length
  front.harm(({ path }) => (path.endsWith('/tokens') && renewals() < 2 ? { status: 400, body: '{}' } : undefined))
  const session = open(t).session(randomUUID())
  const scope = 'read renew'
  const token = await session.token({ scope, keys: { read: ['*'] }, expiresInSeconds: 4 })
  const visitor = open(t, { url: front.url, credential: token, renew: true, timeoutMs: 500 }).session('current')
  await until(() => renewals() >= 2, 'it is renewed at last')
  await until(
    async () => (await visitor.view()) && !isSent(front.sent.at(-1), token.access_token),
    'the next one is used',
  )
})

const isSent = (sent: Sent | undefined, token: string): boolean => sent?.headers.authorization === `Bearer ${token}`

t.test('a token renews itself, for as long as it may', async (t) => {
  const { front, client: page } = await openBehind(t, { credential: undefined })
  page.close()
  const session = open(t).session(randomUUID())
  const token = await session.token({
    scope: 'read write touch renew',
    keys: { read: ['*'], write: ['*'] },
    expiresInSeconds: 2,
  })
  const visitor = open(t, { url: front.url, credential: token.access_token, renew: true }).session('current')
  const started = performance.now()
  const lived = async () => {
    await visitor.get()
    return performance.now() - started > 4500
  }
  await until(lived, 'the token has outlived itself twice')
  const renewals = front.sent.filter(({ path }) => path.endsWith('/tokens')).length
  t.ok(renewals >= 1 && renewals <= 6, `${renewals} renewals`)
})

t.test('a credential goes to no other server', async (t) => {
  const seen: (string | undefined)[] = []
  const other = createServer(({ headers }, answer) => {
    seen.push(headers.authorization)
    answer.end('{}')
  }).listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await until(() => other.listening, 'the other server listens')
  const { port } = other.address() as { port: number }
  const { front, client } = await openBehind(t)
  // Told to come so late, a client does not come again.
  const late = { 'retry-after': '60' }
  front.harm(() => ({ status: 307, headers: { location: `http://127.0.0.1:${port}/`, ...late } }))
  const led = await failsWith(t, client.session(randomUUID()).get(), 'unreachable', 307)
  t.match(led.detail, /redirect/)
  t.strictSame(seen, [])

  // Some runtimes refuse what they do not know, and browsers do not show a redirect.
  const asWorkerd = open(t, {
    fetch: (input, init) =>
      init?.redirect === 'manual' ? fetch(input, init) : Promise.reject(new TypeError('Invalid redirect value')),
  })
  t.strictSame(await asWorkerd.session(randomUUID()).get(), {})
  const opaque = { type: 'opaqueredirect', status: 0, ok: false, headers: new Headers(late), json: async () => null }
  const inBrowser = open(t, { fetch: async () => opaque as unknown as Response })
  const hidden = await failsWith(t, inBrowser.session(randomUUID()).get(), 'unreachable')
  t.match(hidden.detail, /redirect/)
  for (const url of ['http://user:secret@127.0.0.1', 'ftp://x', 'nothing', 'http://x/?a=b']) {
    t.throws(() => createClient({ url }), TypeError)
  }
  t.notMatch(String(await failure(client.session(randomUUID()).get())), KEYS.shop)
})
