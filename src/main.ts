/** The process: configuration, store, application, listening, and an orderly end. The only file that knows every part. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { parseApiKeys } from './api-key.ts'
import { bodyLimitFor, buildApp } from './app.ts'
import { closeOnSignal } from './close-on-signal.ts'
import { type Config, ConfigError, isLoopback, readConfig } from './config.ts'
import type { Policy } from './domain/policy.ts'
import { startRepeating } from './domain/repeating.ts'
import { createSigningKeys } from './domain/signing-keys.ts'
import { startSweeper } from './domain/sweeper.ts'
import { type FirstKey, firstKey, greeting, urlOf } from './first-start.ts'
import type { ApiKey } from './http/plugins/authentication.ts'
import type { DocsAccess } from './http/plugins/documentation.ts'
import { answerUnreadable } from './http/unreadable.ts'
import { isLmdb, lmdbFolder, type OpenOptions, openStore } from './store/open.ts'
import type { Clocks, Store } from './store/port.ts'

const clocksFrom = (config: Config): Clocks => ({
  idleTimeoutSeconds: config.IDLE_TIMEOUT_SECONDS,
  lifetimeSeconds: config.LIFETIME_SECONDS,
})

const policyFrom = (config: Config): Policy => ({
  clocks: { anonymous: clocksFrom(config), bound: clocksFrom(config) },
  browser: null,
  checkValue: null,
  tombstoneSeconds: config.TOMBSTONE_SECONDS,
  limits: {
    settingsBytes: config.MAX_SETTINGS_BYTES,
    keys: config.MAX_KEYS,
    keyBytes: config.MAX_KEY_BYTES,
    depth: config.MAX_DEPTH,
    batch: config.MAX_BATCH,
    subjectBytes: config.MAX_SUBJECT_BYTES,
  },
})

const NO_KEYS =
  'COATCHECK_API_KEYS is missing. It is made by itself only for the embedded store on loopback. ' +
  'Run `coatcheck key new`, configure the line with the hash that it prints, and give the key to your service.'

/** The API keys that are configured, or the one of a first start where that is allowed. */
const keysFor = (config: Config): { apiKeys: ApiKey[]; first: FirstKey | undefined } => {
  if (config.API_KEYS !== undefined) {
    try {
      return { apiKeys: parseApiKeys(config.API_KEYS), first: undefined }
    } catch (error) {
      throw new ConfigError([(error as Error).message])
    }
  }
  if (!isLmdb(config.STORE) || !isLoopback(config.HOST)) throw new ConfigError([NO_KEYS])
  const first = firstKey(lmdbFolder(config.STORE))
  return { apiKeys: [first.apiKey], first }
}

const docsFor = (config: Config): DocsAccess => {
  if (config.ADMIN_PORT !== undefined) return { kind: 'port', port: config.ADMIN_PORT }
  return { kind: isLoopback(config.HOST) ? 'open' : 'api-key' }
}

/** What one replica retires the others have forgotten within 5 s. */
const SIGNING_KEYS_REFRESH_MS = 3000

/** A store whose URL is at fault is a fault of the configuration. What the URL holds is not quoted: it may be secret. */
const openConfigured = async (url: string, onConnection: OpenOptions['onConnection']): Promise<Store> => {
  try {
    return await openStore({ url, ...(onConnection === undefined ? {} : { onConnection }) })
  } catch (error) {
    throw new ConfigError([`COATCHECK_STORE: ${(error as Error).message}`])
  }
}

/** The same application on a port of its own, where alone it shows what is for operators. */
const adminServer = (app: Awaited<ReturnType<typeof buildApp>>): Server => {
  const server = createServer((request, reply) => app.routing(request, reply))
  server.headersTimeout = app.server.headersTimeout
  server.requestTimeout = app.server.requestTimeout
  server.on('clientError', answerUnreadable)
  return server
}

/** Runs the service until it is told to stop. Throws `ConfigError` when the configuration does not allow a start. */
export const serve = async (env: NodeJS.ProcessEnv = process.env): Promise<void> => {
  const config = readConfig(env)
  const { apiKeys, first } = keysFor(config)
  const policy = policyFrom(config)

  let report = (_event: 'ready' | 'error', _detail: string): void => {}
  const store = await openConfigured(config.STORE, (event, detail) => report(event, detail))
  const signingKeys = createSigningKeys(store)
  const app = await buildApp({
    store,
    policyOf: () => policy,
    apiKeys,
    signingKeys,
    failuresPerMinute: config.RATE_LIMIT === 'off' ? null : Number(config.RATE_LIMIT),
    docs: docsFor(config),
    publicUrl: config.PUBLIC_URL,
    trustProxy: config.TRUST_PROXY === 'off' ? false : config.TRUST_PROXY.split(',').map((one) => one.trim()),
    logger: { level: config.LOG_LEVEL },
    bodyLimit: bodyLimitFor(policy.limits.settingsBytes),
  })
  const { log } = app

  let last = ''
  report = (event, detail) => {
    // A Redis that stays away is reported once, not at every attempt to reach it.
    if (`${event} ${detail}` === last) return
    last = `${event} ${detail}`
    if (event === 'ready') log.info('the store is there')
    else log.error({ cause: detail }, 'the store cannot be reached; calls are answered 503 until it is back')
  }

  const sweeper = startSweeper(store, {
    intervalMs: config.SWEEP_INTERVAL_SECONDS * 1000,
    onError: () => log.debug('a sweep was left out: the store is away'),
  })

  const keyKeeper = startRepeating(() => signingKeys.refresh(), {
    intervalMs: SIGNING_KEYS_REFRESH_MS,
    onError: () => log.debug('the signing keys were not looked at: the store is away'),
  })
  await keyKeeper.first

  const admin = config.ADMIN_PORT === undefined ? undefined : adminServer(app)
  closeOnSignal(log, async () => {
    admin?.close()
    // A call that was under way leaves its connection open, and the client may never use it again.
    const idle = setInterval(() => app.server.closeIdleConnections(), 100)
    await app.close()
    clearInterval(idle)
    await sweeper.stop()
    await keyKeeper.stop()
    await store.close()
  })

  const listening = await app.listen({ host: config.HOST, port: config.PORT })
  const port = Number(new URL(listening).port)
  const adminHost = config.ADMIN_HOST ?? config.HOST
  if (admin) {
    admin.listen(config.ADMIN_PORT, adminHost)
    await once(admin, 'listening')
  }

  const url = urlOf(config.HOST, port)
  const docsUrl = config.ADMIN_PORT === undefined ? url : urlOf(adminHost, config.ADMIN_PORT)
  if (first) process.stdout.write(greeting(url, docsUrl, first.headerFile))
  store.check().then(
    ({ warnings }) => {
      for (const warning of warnings) log.warn(warning)
    },
    () => log.warn('the store does not answer yet; calls are answered 503 until it does'),
  )
}
