/**
 * A client believes nobody but Coatcheck: whatever else answers at its address, no call of it succeeds, and none takes a
 * refusal for one of the service.
 */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createClient, type Session } from '../../src/client/index.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { type Harm, OURS, startFront } from '../helpers/front.ts'

const api = await onLmdb(t)

type Settings = { theme: string; hits: number }

/** What proxies, maintenance pages and other services answer. */
const FOREIGN: Readonly<Record<string, Harm>> = {
  'a maintenance page': { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Back soon</html>' },
  'an empty 200': { status: 200 },
  'an empty 204': { status: 204 },
  'foreign JSON': { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' },
  'a foreign 201': { status: 201, headers: { etag: '"1-AAAAAAAA"' }, body: '{}' },
  'a redirect': { status: 302, headers: { location: '/elsewhere' } },
  'a redirect by our name': {
    status: 302,
    headers: { ...OURS, location: '/' },
    body: '{"code":"session_gone","detail":"x"}',
  },
  'a foreign refusal': { status: 410, body: '{"code":"session_gone","detail":"x","reason":"deleted"}' },
  'another foreign refusal': { status: 404, body: '{"code":"key_not_found","detail":"x"}' },
  'a cut answer': 'break',
}

/** By the service's name, but with a status that no call is answered with. */
const WRONG_STATUS: Harm = { status: 202, headers: OURS, body: '{}' }

type CallOf = (session: Session<Settings>) => Promise<unknown>

const CALLS: Readonly<Record<string, CallOf>> = {
  get: (session) => session.get(),
  'get of a key': (session) => session.get('theme'),
  view: (session) => session.view(),
  set: (session) => session.set('theme', 'dark'),
  patch: (session) => session.patch({ theme: 'dark' }),
  replace: (session) => session.replace({ theme: 'dark', hits: 1 }, { ifMatch: '*' }),
  remove: (session) => session.remove('theme'),
  take: (session) => session.take('theme'),
  increment: (session) => session.increment('hits'),
  touch: (session) => session.touch(),
  rotate: (session) => session.rotate({}),
  token: (session) => session.token({ keys: { read: ['*'], write: [] } }),
  handoff: (session) => session.handoff({}),
  revokeTokens: (session) => session.revokeTokens(),
  end: (session) => session.end(),
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'it succeeded',
    (error: { code?: string }) => error.code ?? String(error),
  )

for (const [name, harm] of [...Object.entries(FOREIGN), ['a status that is not documented', WRONG_STATUS] as const]) {
  t.test(name, async (t) => {
    const front = await startFront(t, api.port)
    const client = createClient({ url: front.url, credential: KEYS.shop, timeoutMs: 300 })
    t.teardown(() => client.close())
    const session = client.session<Settings>(randomUUID())
    await session.patch({ theme: 'dark', hits: 1 }, { timeoutMs: 10_000 })
    front.harm(() => harm)
    const answers = await Promise.all(Object.values(CALLS).map((call) => codeOf(call(session))))
    for (const [at, call] of Object.keys(CALLS).entries()) {
      const isTold = /^(unreachable|deadline_exceeded)$/.test(answers[at] ?? '')
      t.ok(isTold || (harm === 'break' && answers[at] === 'session_gone'), `${call}: ${answers[at]}`)
    }
  })
}
