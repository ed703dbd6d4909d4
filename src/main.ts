/** The process: configuration, store, application, listening, and an orderly end. The only file that knows every part. */
import { createServer } from 'node:http'
import { relative } from 'node:path'
import closeWithGrace from 'close-with-grace'
import { parseApiKeys } from './api-key.ts'
import { bodyLimitFor, buildApp } from './app.ts'
import { type Config, ConfigError, isLoopback, readConfig } from './config.ts'
import type { Policy } from './domain/policy.ts'
import { startSweeper } from './domain/sweeper.ts'
import { type FirstKey, firstKey } from './first-start.ts'
import type { ApiKey } from './http/plugins/authentication.ts'
import type { DocsAccess } from './http/plugins/documentation.ts'
import { isLmdb, lmdbFolder, openStore } from './store/open.ts'
import { drawId } from './store/partition.ts'

const CLOSE_MS = 8000

const policyFrom = (config: Config): Policy => ({
  idleTimeoutSeconds: config.IDLE_TIMEOUT_SECONDS,
  lifetimeSeconds: config.LIFETIME_SECONDS,
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

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`

/** What a newcomer needs to read at a first start; it holds no secret. */
const greeting = (url: string, docsUrl: string, headerFile: string): string => {
  const file = relative(process.cwd(), headerFile) || headerFile
  const session = `${url}/v1/sessions/${drawId()}/settings`
  return `
Coatcheck serves ${url}
Swagger UI       ${docsUrl}/docs (Authorize with the key in ${file})

Paste this to keep a setting and see it:

  curl -H @${file} -H 'Prefer: return=representation' -X PATCH --json '{"theme":"dark"}' ${session}

and this to read it again, also after a restart:

  curl -H @${file} ${session}

`
}

/** Runs the service until it is told to stop. Throws `ConfigError` when the configuration does not allow a start. */
export const serve = async (env: NodeJS.ProcessEnv = process.env): Promise<void> => {
  const config = readConfig(env)
  const { apiKeys, first } = keysFor(config)
  const policy = policyFrom(config)

  let report = (_event: 'ready' | 'error', _detail: string): void => {}
  const store = await openStore({ url: config.STORE, onConnection: (event, detail) => report(event, detail) })
  const app = await buildApp({
    store,
    policyOf: () => policy,
    apiKeys,
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

  const admin = config.ADMIN_PORT === undefined ? undefined : createServer((req, res) => app.routing(req, res))
  const { close } = closeWithGrace({ delay: CLOSE_MS, logger: false, skip: ['SIGINT', 'SIGTERM'] }, async ({ err }) => {
    if (err) log.fatal({ err: { message: err.message, stack: err.stack } }, 'the process ends by a fault')
    else log.info('closing')
    admin?.close()
    // A call that was under way leaves its connection open, and the client may never use it again.
    const idle = setInterval(() => app.server.closeIdleConnections(), 100)
    await app.close()
    clearInterval(idle)
    await sweeper.stop()
    await store.close()
  })

  let firstSignal = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (firstSignal === 0) void close()
      else if (performance.now() - firstSignal > 1000) process.exit(1)
      firstSignal ||= performance.now()
    })

  const listening = await app.listen({ host: config.HOST, port: config.PORT })
  const port = Number(new URL(listening).port)
  const adminHost = config.ADMIN_HOST ?? config.HOST
  if (admin)
    await new Promise<void>((resolve, reject) => {
      admin.once('error', reject)
      admin.listen(config.ADMIN_PORT, adminHost, resolve)
    })

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
