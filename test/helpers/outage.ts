/** What the tests of outages have in common: a Redis of their own to harm, and calls of every kind that meet the harm. */
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { type Answer, type Api, type Call, newSession, openFor, serve } from './app.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { stalled } from './stalls.ts'
import { until } from './until.ts'

/** No call takes longer, whatever the store does. */
export const DEADLINE_MS = 2000
/** Half of what it takes to find out by asking. */
const AT_ONCE_MS = 500

const JSON_PATCH = 'application/json-patch+json'

type Sent = readonly [method: string, path: string, call?: Call]

/** A call of each kind. */
export const CALLS: readonly Sent[] = [
  ['GET', ''],
  ['GET', '/settings'],
  ['GET', '/settings/a'],
  ['POST', '/touch'],
  ['PUT', '/settings', { body: {}, headers: { 'if-match': '*' } }],
  ['PATCH', '/settings', { body: { a: 2 } }],
  ['PATCH', '/settings', { body: { o: { y: 1 } } }],
  ['PATCH', '/settings', { body: [{ op: 'remove', path: '/a' }], type: JSON_PATCH }],
  ['PUT', '/settings/a', { body: 1 }],
  ['PUT', '/settings/a', { body: 1, headers: { 'if-match': '*' } }],
  ['DELETE', '/settings/a'],
  ['POST', '/settings/a/take'],
  ['POST', '/settings/a/increment'],
  ['DELETE', ''],
]

/** Killed it has what it answered: with `everysec` Redis answers before it has written, while a slow sync goes on. */
const startOwn = async (t: Test, args: string[] = []): Promise<RedisServer> => {
  const server = await startRedis({ args: ['--appendfsync', 'always', ...args] })
  t.teardown(() => server.stop())
  return server
}

export const serveOn = async (t: Test, url: string): Promise<Api> => serve(t, await openFor(t, url))

/** A Redis and a service on it, with a session whose settings are `{"a":1,"o":{"x":1}}`. */
export const begin = async (t: Test, args?: string[]) => {
  const server = await startOwn(t, args)
  const api = await serveOn(t, server.url)
  const session = newSession()
  await api.call('PATCH', `${session}/settings`, { body: { a: 1, o: { x: 1 } } })
  return { server, api, session }
}

export const adminOf = (t: Test, server: RedisServer): Redis => {
  const admin = new Redis(server.port)
  t.teardown(() => admin.disconnect())
  return admin
}

export type Timed = {
  readonly answer: Answer
  /** How long it took, without the time for which the machine was busy with something else. */
  readonly ms: number
}

export const timed = async (call: Promise<Answer>): Promise<Timed> => {
  const [started, before] = [performance.now(), stalled()]
  const answer = await call
  return { answer, ms: performance.now() - started - (stalled() - before) }
}

export const sendAll = (api: Api, session: string, calls = CALLS) =>
  Promise.all(calls.map(([method, path, call]) => timed(api.call(method, session + path, call))))

/** That an answer tells of an outage and not of a log-out, with what a caller is to do. */
export const isAway = (t: Test, { answer, ms }: Timed, what: string) => {
  t.hasStrict(answer, { status: 503, headers: { 'retry-after': '1' }, json: { code: 'store_unavailable' } }, what)
  t.ok(ms < DEADLINE_MS, `${what} took ${Math.round(ms)} ms`)
}

/** That each call is refused: the first in time, those after it at once. */
export const refusesAll = async (t: Test, api: Api, session: string) => {
  for (const [n, one] of (await sendAll(api, session)).entries()) isAway(t, one, `at first, ${CALLS[n]?.slice(0, 2)}`)
  const later = await sendAll(api, session)
  for (const [n, one] of later.entries()) isAway(t, one, `later, ${CALLS[n]?.slice(0, 2)}`)
  const times = later.map(({ ms }) => ms).sort((a, b) => a - b)
  t.ok((times[times.length / 2] ?? 0) < AT_ONCE_MS, `at once: ${times.map(Math.round)} ms`)
  t.equal((await api.call('GET', '/livez')).status, 200, 'the process lives')
  isAway(t, await timed(api.call('GET', '/readyz')), '/readyz')
}

export const comesBack = (api: Api, path: string) =>
  until(async () => (await api.call('GET', path)).status !== 503, 'it serves again')

export const isAsBefore = async (t: Test, api: Api, session: string) =>
  t.strictSame((await api.call('GET', `${session}/settings`)).json as object, { a: 1, o: { x: 1 } })
