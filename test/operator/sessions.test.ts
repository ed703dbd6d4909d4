/** The commands for sessions, in a pipe and on a terminal, on a service that runs; hostile values among what they show. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { isHarmless, operatorAt } from '../helpers/operator.ts'
import { until } from '../helpers/until.ts'
import { folder } from '../scripts/project.ts'

// The command looks for an API key in the folder that it is run in: this one has none.
process.chdir(folder(t))

const api = await onLmdb(t)
const coatcheck = operatorAt(api.port)
const terminal = operatorAt(api.port, { isTerminal: true })

const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202etxt.exe\u2028\u007f'

/** A new session with these settings, written as this text. */
const begin = async (settings: string): Promise<string> => {
  const id = randomUUID()
  await api.call('PATCH', `/v1/sessions/${id}/settings`, { text: settings })
  return id
}

t.test('settings are lines in a pipe, a table on a terminal, and JSON if asked, as they were put', async (t) => {
  const id = await begin('{"visits":12345678901234567890,"price":1.10,"theme":"dark","cart":{ "2":[],\n"1":1e2 }}')
  t.strictSame(await coatcheck(`get ${id}`), {
    code: 0,
    out: 'cart\t{ "2":[], "1":1e2 }\nprice\t1.10\ntheme\t"dark"\nvisits\t12345678901234567890\n',
    errors: '',
  })
  const { out, errors } = await terminal(`get ${id}`)
  t.equal(
    out,
    'KEY     VALUE\ncart    { "2":[], "1":1e2 }\nprice   1.10\ntheme   "dark"\nvisits  12345678901234567890\n',
  )
  t.match(errors, /^4 keys; the session expires in 100 days\n$/)
  const json = await coatcheck(`get ${id} --json`)
  t.match(json.out, '"cart":{ "2":[],\n"1":1e2 }')
  t.strictSame(JSON.parse(json.out), JSON.parse((await api.call('GET', `/v1/sessions/${id}/settings`)).text))

  t.equal((await coatcheck(`get ${id} price`)).out, '1.10\n')
  t.equal((await coatcheck(`get ${id} theme`)).out, '"dark"\n')
  t.equal((await coatcheck(`get ${id} theme --raw`)).out, 'dark\n')
})

t.test('what is stored reaches a terminal only escaped, and is the same value then', async (t) => {
  const id = randomUUID()
  const key = `key\t${HOSTILE}`
  await api.call('PATCH', `/v1/sessions/${id}/settings`, { body: { [key]: HOSTILE, wide: '服务'.repeat(40) } })
  for (const words of [`get ${id}`, `get ${id} --json`, `show ${id}`, `show ${id} --json`]) {
    const { out, errors, code } = await terminal(words)
    t.equal(code, 0)
    isHarmless(t, out + errors)
  }
  const { out: table } = await terminal(`get ${id}`)
  t.match(table, '…\n', 'what is wider than the terminal is cut')
  for (const option of [[], ['--raw']]) isHarmless(t, (await terminal(['get', id, key, ...option])).out)
  t.equal(JSON.parse((await terminal(['get', id, key])).out), HOSTILE)
  const [name, value] = (await coatcheck(`get ${id}`)).out.split('\n')[0]?.split('\t') ?? []
  t.strictSame([JSON.parse(`"${name}"`), JSON.parse(value ?? '')], [key, HOSTILE])
  isHarmless(t, (await terminal(['get', id, `none${HOSTILE}`])).errors)
  isHarmless(t, (await terminal(['get', HOSTILE])).errors)
})

t.test('looking is no use of a session unless it is asked for', async (t) => {
  const id = (await api.call('POST', '/v1/sessions', { body: { idleTimeoutSeconds: 6 } })).json.id
  const { json: before } = await api.call('GET', `/v1/sessions/${id}?touch=false`)
  await until(() => Date.now() > Date.parse(before.lastSeenAt) + 700, 'the slack is over')
  const lastSeen = async (words: string) => JSON.parse((await coatcheck(words)).out).lastSeenAt
  await coatcheck(`get ${id}`)
  t.equal(await lastSeen(`show ${id} --json`), before.lastSeenAt)
  t.not(await lastSeen(`show ${id} --json --touch`), before.lastSeenAt)
})

t.test('a session is shown with its clocks', async (t) => {
  const { id } = (await api.call('POST', '/v1/sessions', { body: { subject: 'user-1', settings: { a: 1 } } })).json
  const { out } = await coatcheck(`show ${id}`)
  const facts = Object.fromEntries(
    out
      .trim()
      .split('\n')
      .map((line) => line.split('\t')),
  )
  t.match(facts, { id, subject: 'user-1', revision: '1', keys: '1', expiresAt: /^\d{4}-/ })
  t.match((await terminal(`show ${id}`)).out, /expiresAt +\S+Z {2}in \d+ days\n/)
})

t.test('what is put is JSON if it reads so, text otherwise, and all or nothing', async (t) => {
  const id = randomUUID()
  const put = await coatcheck(['set', id, 'n', '-1', 'price', '1.10', 'theme', 'dark', 'on', 'true', 'o', '{"b":null}'])
  t.match(put, { code: 0, out: /^1-[\w-]{8}\n$/ })
  const { text } = await api.call('GET', `/v1/sessions/${id}/settings`)
  t.match(text, '"price":1.10')
  t.strictSame(JSON.parse(text), { n: -1, price: 1.1, theme: 'dark', on: true, o: { b: null } })
  const tag = put.out.trim()

  await coatcheck([
    'set',
    id,
    'zip',
    '01234',
    'on',
    'true',
    '--string',
    '--remove',
    'n',
    '--remove',
    'absent',
    '--remove',
    'o',
  ])
  const big = await coatcheck(['set', id, 'big', '-', '--json'], { input: ' 12345678901234567890\n' })
  t.match(JSON.parse(big.out), { etag: /^3-/, created: false })
  t.match((await api.call('GET', `/v1/sessions/${id}/settings`)).text, '"big":12345678901234567890')
  t.strictSame((await api.call('GET', `/v1/sessions/${id}/settings/zip`)).text, '"01234"')
  t.strictSame((await api.call('GET', `/v1/sessions/${id}/settings/on`)).text, '"true"')
  t.equal((await api.call('GET', `/v1/sessions/${id}/settings/n`)).status, 404)
  await coatcheck(['set', id, 'note', '-', '-s'], { input: '{ no JSON\n' })
  t.equal((await coatcheck(['get', id, 'note', '--raw'])).out, '{ no JSON\n')

  const lost = await coatcheck(['set', id, 'theme', 'light', '--if-match', tag])
  t.match(lost, { code: 5, out: '', errors: /The ETag is now 4-/ })
  const missing = await coatcheck(['set', randomUUID(), 'theme', 'light', '--if-match', '*'])
  t.equal(missing.code, 5)
  const seen = await terminal(['set', randomUUID(), 'theme', 'light', '--remove', 'x'])
  t.match(seen.out, /^theme = "light"\nx is removed\nETag 1-/)
  t.match(seen.errors, 'this call has begun it')

  for (const words of [['theme'], ['theme=dark'], ['theme', '{"a":'], [], ['a', '-', 'b', '-']]) {
    const refused = await coatcheck(['set', id, ...words])
    t.match(refused, { code: 2, out: '', errors: /Usage: coatcheck set/ }, words.join(' '))
  }
})

t.test('a session is followed to its end, and so is a namespace, as JSON and as lines', async (t) => {
  const id = await begin('{"price":1.10}')
  const stop = new AbortController()
  const printed = new Map<string, string>()
  const begun = (run: typeof coatcheck, words: string) => {
    const name = `${words} ${run === terminal}`
    printed.set(name, '')
    return run(words, { signal: stop.signal, onOutput: (all) => printed.set(name, all) })
  }
  const all = (text: string) =>
    until(() => [...printed.values()].every((one) => one.includes(text)), `all tell ${text}`)
  const watching = begun(coatcheck, `watch ${id.toUpperCase()} --json`)
  const seen = begun(terminal, `watch ${id}`)
  const plain = begun(coatcheck, `watch ${id}`)
  await all('snapshot')
  const feed = begun(coatcheck, 'watch')
  const follower = begun(terminal, 'watch')
  await until(() => [...printed.values()].every((one) => one !== ''), 'the feeds have begun')
  await coatcheck(['set', id, 'theme', HOSTILE, 'n', '12345678901234567890', '--remove', 'price'])
  await all('change')
  await coatcheck(`end ${id}`)
  await all('ended')
  stop.abort()

  const { code, out } = await watching
  t.equal(code, 0)
  const events = out.trim().split('\n')
  t.match(events[0], '"price":1.10')
  t.match(
    events.map((line) => JSON.parse(line)),
    [
      { event: 'snapshot', id, etag: /^1-/, revision: 1, settings: { price: 1.1 } },
      { event: 'change', id, etag: /^2-/, set: { theme: HOSTILE }, removed: ['price'], origin: 'operator' },
      { event: 'ended', id, reason: 'deleted' },
    ],
  )
  t.match(out, '"n":12345678901234567890')
  const shown = await seen
  isHarmless(t, shown.out)
  t.match(shown.out, /\d\d:\d\d:\d\d snapshot price=1.10\n(.*\n)?.* ended {4}deleted\n$/)
  t.match((await plain).out, new RegExp(`ended\t${id}\t{"reason":"deleted"}\n$`))
  t.equal((await feed).code, 0)
  t.match((await feed).out, new RegExp(`change\t${id}\t{"id":"${id}".*\nended\t${id}\t`))
  isHarmless(t, (await follower).out)

  t.match(await coatcheck(`watch ${id}`), { code: 3, errors: /deleted/ })
})

t.test('sessions are ended, each that can be', async (t) => {
  const [one, other] = [await begin('{}'), await begin('{}')]
  t.strictSame(await coatcheck(`end ${one} ${other}`), { code: 0, out: '2\n', errors: '' })
  t.match(await coatcheck(`get ${one}`), { code: 3, out: '', errors: /was ended \(deleted\)/ })
  const gone = JSON.parse((await coatcheck(`get ${one} --json`)).errors)
  t.match(gone, { code: 'session_gone', status: 410, reason: 'deleted' })
})

t.test('logging out everywhere asks, and does nothing where nobody answers yes', async (t) => {
  for (const _ of [1, 2]) await api.call('POST', '/v1/sessions', { body: { subject: 'user-2' } })
  t.match(await coatcheck('end --subject user-2'), { code: 2, errors: /say --yes/ })
  const refused = await terminal('end --subject user-2', { input: 'n' })
  t.match(refused, { code: 1, errors: /user-2 has 2 sessions. End all of them\? \[y\/N\] Nothing was ended/ })
  const [spared = ''] = (await coatcheck('sessions user-2')).out.split('\t')
  const most = await coatcheck(`end --subject user-2 --yes --except ${spared} --json`)
  t.strictSame(JSON.parse(most.out), { ended: 1 })
  t.match(await terminal('end --subject user-2', { input: 'yes' }), { code: 0, out: '1 session has ended.\n' })
  for (const words of ['end', `end ${spared} --subject x`, `end ${spared} --except ${spared}`]) {
    t.equal((await coatcheck(words)).code, 2, words)
  }
})

t.test('the sessions of a user are listed, page after page', async (t) => {
  const ids = new Set<string>()
  for (let i = 0; i < 51; i++) {
    const text = `{"subject":"user/3","settings":{"device":1.${i}0}}`
    ids.add((await api.call('POST', '/v1/sessions', { text })).json.id)
  }
  const lines = (await coatcheck('sessions user/3')).out.trim().split('\n')
  t.strictSame(new Set(lines.map((line) => line.split('\t')[0])), ids)
  t.match(lines[0], /^\S{36}(\t\d{4}-\S+Z){3}$/)
  const json = (await coatcheck('sessions user/3 --json')).out
  t.equal(JSON.parse(json).length, 51)
  t.match(json, '"device":1.50')
  t.match(
    (await terminal('sessions user/3')).out,
    /^SESSION +CREATED +LAST SEEN +EXPIRES\n\S{36} {2}\d+ seconds? ago|in 0 /,
  )
  t.strictSame(await coatcheck('sessions nobody'), { code: 0, out: '', errors: '' })
  t.equal((await coatcheck('sessions nobody --json')).out, '[]\n')
  t.match((await terminal('sessions nobody')).errors, 'nobody is logged in nowhere')

  const other = await begin('{"theme":"dark"}')
  const all = (await coatcheck('sessions')).out.trim().split('\n')
  const listed = new Set(all.map((line) => line.split('\t')[0]))
  t.ok(
    [...ids, other].every((id) => listed.has(id)),
    'without a subject all of the namespace are',
  )
})

t.test('a token is printed alone, and does what was said', async (t) => {
  const id = await begin('{"theme":"dark","role":"guest"}')
  const minted = await coatcheck([
    'token',
    id,
    '--read',
    'theme, lang',
    '--write',
    'theme',
    '--scope',
    'read,write',
    '--expires',
    '60',
  ])
  t.match(minted, { code: 0, out: /^[\w-]+\.[\w-]+\.[\w-]+\n$/, errors: '' })
  const key = minted.out.trim()
  t.strictSame((await api.call('GET', '/v1/sessions/current/settings', { key })).json, { theme: 'dark' })
  t.equal((await api.call('POST', '/v1/sessions/current/touch', { key })).status, 403)
  const seen = await terminal(['token', id, '--read', '*'])
  t.match(seen.errors, /^scope read write touch; reads \*; writes no key; good for 900 s\n$/)
  t.notMatch(seen.errors, seen.out.trim())
  t.match(JSON.parse((await coatcheck(['token', id, '--read', '*', '--json'])).out), { expires_in: 900 })
  const without = await coatcheck(`token ${id}`)
  t.match(without, { code: 1, out: '', errors: /--read '\*' --write '\*'/ })
  t.equal((await coatcheck(`token ${id} --read * --expires soon`)).code, 2)
})

t.test('the exit code says what kind of failure it was, and no failure names the API key', async (t) => {
  const missing = randomUUID()
  const id = await begin('{"theme":"dark"}')
  const wrong = { COATCHECK_API_KEY: KEYS.shop.replace(/.{4}$/, 'zzzz') }
  const cases: [code: number, words: string, says: RegExp, env?: Record<string, string>][] = [
    [3, `get ${missing}`, /no such session/],
    [3, `get ${id} none`, /no such key/],
    [3, `show ${missing}`, /no such session/],
    [1, `get ${id}`, /--url or COATCHECK_URL/, wrong],
    [1, `get ${id}`, /^No API key/, { COATCHECK_API_KEY: '' }],
    [4, `get ${id} --timeout 0.3`, /does not answer/, { COATCHECK_URL: 'http://127.0.0.1:9' }],
    [4, 'watch --timeout 0.3', /does not answer/, { COATCHECK_URL: 'http://127.0.0.1:9' }],
    [1, `get ${id}`, /Is the path in --url/, { COATCHECK_URL: `http://127.0.0.1:${api.port}/docs/json` }],
    [1, `get ${id}`, /no URL of a service/, { COATCHECK_URL: 'nonsense' }],
    [2, `get ${id} --timeout x`, /takes seconds/],
    [2, `get ${id} a b`, /one argument too many/],
  ]
  for (const [code, words, says, env = {}] of cases) {
    const ran = await coatcheck(words, { env })
    t.match(ran, { code, out: '', errors: says }, words)
    t.notMatch(ran.errors, /ck_|\n +at /)
    const json = code === 2 ? undefined : await coatcheck(`${words} --json`, { env })
    if (json) t.type(JSON.parse(json.errors).code, 'string')
  }
})
