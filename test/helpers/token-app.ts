/** The whole application over a real store, called without a socket; on each store in turn. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { bodyLimitFor } from '../../src/app.ts'
import { type CookieSecrets, createCookieSecrets } from '../../src/domain/credentials/cookie-secrets.ts'
import { PERMISSIONS } from '../../src/domain/credentials/permission.ts'
import { createSigningKeys, type SigningKeys } from '../../src/domain/credentials/signing-keys.ts'
import type { BrowserRule, PolicyOf } from '../../src/domain/policy.ts'
import type { Observe } from '../../src/observe.ts'
import { drawId } from '../../src/store/layout/partition.ts'
import { openLmdbStore } from '../../src/store/lmdb/store.ts'
import type { Store } from '../../src/store/port.ts'
import { openRedisStore } from '../../src/store/redis/store.ts'
import { POLICY } from './app.ts'
import { buildHeldApp } from './held-app.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { until } from './until.ts'

/** API keys of two namespaces. */
export const KEY = 'ck_app_abcdef'
export const OTHER_KEY = 'ck_other_abcdef'

const hashed = (namespace: string, key: string) => ({
  namespace,
  hash: createHash('sha256').update(key).digest(),
  permissions: PERMISSIONS,
})

export const FORM = 'application/x-www-form-urlencoded'

export type Answer = {
  readonly status: number
  readonly body: string
  readonly json: Record<string, unknown>
  readonly headers: Record<string, unknown>
  readonly etag: string
  /** The problem's code. */
  readonly code: unknown
}

export type TokenBody = {
  readonly scope?: string
  readonly keys?: { readonly read?: readonly string[]; readonly write?: readonly string[] }
  readonly expiresInSeconds?: number
  readonly audience?: string
  readonly subject?: boolean
}

export const ALL = { read: ['*'], write: ['*'] } as const

/** A page that browsers of the namespace `app` may call from, where it has a browser rule. */
export const PAGE = 'https://app.example'

/** An API key or a token, a cookie as a browser sends it back, or nothing. */
export type Credential = string | { readonly cookie: string } | null

export type ServiceSettings = {
  readonly issuer?: string
  /** The browser rules of namespaces; read at each call, so that they can be changed. */
  readonly browsers?: Record<string, BrowserRule | null>
  /** In place of secrets from the store. */
  readonly cookieSecrets?: CookieSecrets
  readonly tombstoneSeconds?: number
  /** How long before its end those who watch a session are told. */
  readonly expiringSeconds?: number
  /** How often a stream of events looks at its session. */
  readonly lookMs?: number
  /** How long a reader of events may leave what waits for it. */
  readonly catchUpMs?: number
  readonly observe?: Observe
  readonly failuresPerMinute?: number
}

/** What a browser is given, as it sends it back: name, `=` and value. */
export const cookieIn = ({ headers }: { readonly headers: Record<string, unknown> }): string =>
  String([headers['set-cookie']].flat()[0]).split(';', 1)[0] as string

/** One instance of the service over a store. */
export const startService = async (store: Store, settings: ServiceSettings = {}) => {
  const signingKeys: SigningKeys = createSigningKeys(store)
  await signingKeys.refresh()
  const cookieSecrets = settings.cookieSecrets ?? createCookieSecrets(store)
  await cookieSecrets.refresh()
  const { browsers = {}, tombstoneSeconds = POLICY.tombstoneSeconds } = settings
  const policyOf: PolicyOf = (namespace) => ({ ...POLICY, tombstoneSeconds, browser: browsers[namespace] ?? null })
  const app: FastifyInstance = await buildHeldApp({
    store,
    policyOf,
    origins: Object.values(browsers).flatMap((rule) => rule?.origins ?? []),
    cookieSecrets,
    apiKeys: [hashed('app', KEY), hashed('other', OTHER_KEY)],
    signingKeys,
    failuresPerMinute: settings.failuresPerMinute ?? null,
    observe: settings.observe,
    expiringSeconds: settings.expiringSeconds ?? 60,
    lookMs: settings.lookMs,
    catchUpMs: settings.catchUpMs,
    docs: { kind: 'open' },
    logger: { level: 'error' },
    bodyLimit: bodyLimitFor(POLICY.limits.settingsBytes),
    publicUrl: settings.issuer,
    // A machine that is busy with other tests is no overload.
    shedsLoad: false,
  })

  const credentialHeaders = (credential: Credential): Record<string, string> => {
    if (credential === null) return {}
    return typeof credential === 'string'
      ? { authorization: `Bearer ${credential}` }
      : { cookie: credential.cookie, 'sec-fetch-site': 'same-origin' }
  }

  /**
   * Calls with a credential; with a cookie as a page of the service's own origin. A body that is no string is sent as
   * JSON.
   */
  const call = async (
    credential: Credential,
    method: string,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers: {
        ...credentialHeaders(credential),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      payloadAsStream: true,
    })
    const { statusCode: status, headers: sent } = answer
    const isStream = String(sent['content-type']).startsWith('text/event-stream')
    // A stream of events has no end.
    if (isStream) answer.stream().destroy()
    const text = isStream ? '' : await textOf(answer.stream())
    const isJson = String(sent['content-type']).includes('json')
    const json = isJson && text !== '' ? JSON.parse(text) : {}
    return { status, body: text, json, headers: sent, etag: String(sent.etag), code: json?.code }
  }

  /** Begins a session with these settings and answers its id. */
  const begin = async (settings: Record<string, unknown> = {}, more: object = {}): Promise<string> => {
    const id = drawId()
    const made = await call(KEY, 'POST', '/v1/sessions', { id, settings, ...more })
    if (made.status !== 201) throw new Error(`No session was begun: ${made.body}`)
    return id
  }

  /** A token for a session, for all keys unless said otherwise. */
  const mint = async (id: string, body: TokenBody = {}): Promise<string> => {
    const minted = await call(KEY, 'POST', `/v1/sessions/${id}/tokens`, { keys: ALL, ...body })
    if (minted.status !== 201) throw new Error(`No token was minted: ${minted.body}`)
    return minted.json.access_token as string
  }

  /** A cookie for a token, asked for by `PAGE`. */
  const exchange = async (token: string): Promise<{ readonly cookie: string }> => {
    const given = await call(token, 'POST', '/v1/cookie', undefined, { origin: PAGE })
    if (given.status !== 204) throw new Error(`No cookie was given: ${given.body}`)
    return { cookie: cookieIn(given) }
  }

  return { app, store, signingKeys, cookieSecrets, exchange, call, begin, mint, close: () => app.close() }
}

export type Service = Awaited<ReturnType<typeof startService>>

export type Place = {
  readonly service: Service
  /** Another instance, as on another machine: over the same Redis, or, as LMDB is for one process, the same store. */
  readonly another: Service
  readonly store: Store
  /** Moves the clock, where that can be done. */
  readonly elapse: ((ms: number) => void) | undefined
  /** The Redis, where there is one. */
  readonly redis: RedisServer | undefined
}

/** Runs the tests on each store. */
export const onEachStore = (
  t: Test,
  run: (t: Test, place: Place) => Promise<void>,
  settings: ServiceSettings = {},
): void => {
  t.test('LMDB', async (t) => {
    const path = await mkdtemp(join(tmpdir(), 'coatcheck-'))
    let ahead = 0
    const store = await openLmdbStore({ path, clock: () => Date.now() + ahead })
    const [service, another] = [await startService(store, settings), await startService(store, settings)]
    const elapse = (ms: number): void => {
      ahead += ms
    }
    t.teardown(async () => {
      await service.close()
      await another.close()
      await store.close()
      await rm(path, { recursive: true })
    })
    await run(t, { service, another, store, elapse, redis: undefined })
  })

  t.test('Redis', async (t) => {
    const redis = await startRedis()
    const stores = [openRedisStore({ url: redis.url }), openRedisStore({ url: redis.url })] as const
    for (const store of stores) {
      const answers = () =>
        store.check().then(
          () => true,
          () => false,
        )
      await until(answers, 'the store answers')
    }
    const [service, another] = [await startService(stores[0], settings), await startService(stores[1], settings)]
    t.teardown(async () => {
      await service.close()
      await another.close()
      for (const store of stores) await store.close()
      await redis.stop()
    })
    await run(t, { service, another, store: stores[0], elapse: undefined, redis })
  })
}
