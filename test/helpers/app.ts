/**
 * The application in this process, on a real store and on a free port of 127.0.0.1, and the few words in which the tests
 * call it. Each test draws session ids of its own, so those of one file share a server.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import tap, { type Test } from 'tap'
import { type AppOptions, bodyLimitFor } from '../../src/app.ts'
import { hashOf, newApiKey } from '../../src/config/api-keys.ts'
import { createCookieSecrets } from '../../src/domain/credentials/cookie-secrets.ts'
import { PERMISSIONS } from '../../src/domain/credentials/permission.ts'
import { createSigningKeys } from '../../src/domain/credentials/signing-keys.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/port.ts'
import { buildHeldApp } from './held-app.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { until } from './until.ts'

const CLOCKS = { idleTimeoutSeconds: 8_640_000, lifetimeSeconds: 34_560_000 }

/** What holds where nothing is configured. */
export const POLICY: Policy = {
  clocks: { anonymous: CLOCKS, bound: CLOCKS },
  tombstoneSeconds: 86_400,
  limits: { settingsBytes: 65_536, keys: 256, keyBytes: 128, depth: 16, batch: 100, subjectBytes: 256 },
  sessionsPerSubject: null,
  durability: 'acknowledged',
  browser: null,
  checkValue: null,
}

/** Two namespaces, of which the first has two keys. */
export const KEYS = { shop: newApiKey('shop'), shopToo: newApiKey('shop-too'), blog: newApiKey('blog') }

const API_KEYS = Object.entries(KEYS).map(([name, key]) => ({
  namespace: name === 'blog' ? 'blog' : 'shop',
  hash: Buffer.from(hashOf(key), 'hex'),
  permissions: PERMISSIONS,
}))

export type Call = {
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly text?: string | Buffer
  /** The body's content type, if it is not application/json. */
  readonly type?: string
  /** Several values of a header go on lines of their own. */
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** The API key; null sends none. */
  readonly key?: string | null
}

/** Whatever an answer may hold. */
export type Json = {
  id: string
  etag: string
  revision: number
  subject: string | null
  settings: Record<string, unknown>
  createdAt: string
  lastSeenAt: string
  expiresAt: string
  idleTimeoutSeconds: number
  lifetimeSeconds: number
  value: unknown
  sessions: Record<string, Json>
  missing: string[]
  gone: { id: string; reason: string; endedAt: string }[]
  status: number
  code: string
  detail: string
  errors: { pointer: string; detail: string }[]
  limit: number
  reason: string
  endedAt: string
  warnings: string[]
}

export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: Json
}

export type Api = {
  readonly app: FastifyInstance
  readonly store: Store
  readonly port: number
  /** `path` is sent as it is. */
  call(method: string, path: string, call?: Call): Promise<Answer>
}

/** The path of a session that nobody has used yet. */
export const newSession = (): string => `/v1/sessions/${randomUUID()}`

export const idOf = (session: string): string => session.slice('/v1/sessions/'.length)

/** The answer, whole; of a stream of events, which has no end, what stands before the first. */
const answerOf = async (incoming: IncomingMessage): Promise<Answer> => {
  const chunks: Buffer[] = []
  if (incoming.headers['content-type']?.startsWith('text/event-stream')) incoming.destroy()
  else for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const { statusCode: status = 0, headers } = incoming
  return {
    status,
    headers,
    text,
    get json() {
      // A backup is none.
      const isJson = text !== '' && headers['content-type'] !== 'application/octet-stream'
      return (isJson ? JSON.parse(text) : {}) as Json
    },
  }
}

/** Calls to a port of this machine, over the connections of an agent. */
export const callOver =
  (port: number, agent: Agent): Api['call'] =>
  (method, path, { body, text, type, headers = {}, key = KEYS.shop } = {}) =>
    new Promise((resolve, reject) => {
      const payload = text ?? (body === undefined ? undefined : JSON.stringify(body))
      const outgoing = request({ host: '127.0.0.1', port, agent, method, path }, (incoming) => {
        answerOf(incoming).then(resolve, reject)
      })
      outgoing.on('error', reject)
      if (key !== null) outgoing.setHeader('authorization', `Bearer ${key}`)
      if (payload !== undefined) {
        outgoing.setHeader('content-type', type ?? 'application/json')
        outgoing.setHeader('content-length', Buffer.byteLength(payload))
      }
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
      outgoing.end(payload)
    })

/**
 * Serves a store that is open already; the app is closed with the test, the store is not. `build` is another one where the
 * looks that are taken at each answer would be in the way.
 */
export const serve = async (
  t: Test,
  store: Store,
  options: Partial<AppOptions> = {},
  build: (options: AppOptions) => Promise<FastifyInstance> = buildHeldApp,
): Promise<Api> => {
  const signingKeys = createSigningKeys(store)
  // A store that is away has no key to sign with, and everything else must work all the same.
  await signingKeys.refresh().catch(() => {})
  const app = await build({
    store,
    signingKeys,
    cookieSecrets: createCookieSecrets(store),
    origins: [],
    policyOf: () => POLICY,
    apiKeys: API_KEYS,
    failuresPerMinute: null,
    expiringSeconds: 60,
    docs: { kind: 'open' },
    bodyLimit: bodyLimitFor(POLICY.limits.settingsBytes),
    // A machine that is busy with other tests is no overload.
    shedsLoad: false,
    ...options,
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  t.teardown(async () => {
    agent.destroy()
    await app.close()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  return { app, store, port, call: callOver(port, agent) }
}

/** Opens a store by its URL and waits until it answers; it is closed with the test. */
export const openFor = async (t: Test, url: string): Promise<Store> => {
  const store = await openStore({ url })
  t.teardown(() => store.close())
  const answers = () =>
    store.check().then(
      () => true,
      () => false,
    )
  await until(answers, 'the store answers')
  return store
}

let shared: Promise<RedisServer> | undefined

/** The Redis of this test file, which nothing may harm. */
export const fileRedis = (): Promise<RedisServer> => {
  shared ??= startRedis().then((server) => {
    tap.teardown(() => server.stop())
    return server
  })
  return shared
}

type Serving = readonly [options?: Partial<AppOptions>, build?: (options: AppOptions) => Promise<FastifyInstance>]

export const onRedis = async (t: Test, ...serving: Serving): Promise<Api> =>
  serve(t, await openFor(t, (await fileRedis()).url), ...serving)

export const onLmdb = async (t: Test, ...serving: Serving): Promise<Api> => {
  const folder = await mkdtemp(join(tmpdir(), 'coatcheck-lmdb-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return serve(t, await openFor(t, `lmdb:${folder}`), ...serving)
}

/** `npm run test:quick` and `npm run test:mutants` ask for LMDB alone. */
const isWanted = ([name]: readonly [string, unknown]): boolean => [undefined, name].includes(process.env.ONLY_STORE)

export const STORES = Object.fromEntries(Object.entries({ LMDB: onLmdb, Redis: onRedis }).filter(isWanted))

/** Runs tests of the API once on each store. */
export const onEachStore = async (
  t: Test,
  tests: (t: Test, api: Api) => Promise<void>,
  options?: Partial<AppOptions>,
): Promise<void> => {
  for (const [name, start] of Object.entries(STORES)) {
    await t.test(`on ${name}`, async (t) => tests(t, await start(t, options)))
  }
}

/** Runs subtests at the same time, which is for those that wait. */
export const allAtOnce = async (
  t: Test,
  tests: readonly (readonly [name: string, test: (t: Test) => Promise<void>])[],
): Promise<void> => {
  t.jobs = tests.length
  await Promise.all(tests.map(([name, test]) => t.test(name, { buffered: true }, test)))
}
