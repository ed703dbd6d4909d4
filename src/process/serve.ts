/** The process: configuration, store, application, listening, and an orderly end. The only file that knows every part. */
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { availableParallelism } from 'node:os'
import { pino } from 'pino'
import { bodyLimitFor, buildApp, readableBy } from '../app.ts'
import { type Config, ConfigError, isLoopback } from '../config/environment.ts'
import { type Configuration, readConfiguration } from '../config/read-configuration.ts'
import { trustedProxies } from '../config/trusted-proxies.ts'
import { unsafeSettings } from '../config/unsafe-settings.ts'
import { createCookieSecrets, fixedCookieSecrets } from '../domain/credentials/cookie-secrets.ts'
import { createSigningKeys, fixedSigningKeys } from '../domain/credentials/signing-keys.ts'
import { periodically } from '../domain/periodically.ts'
import type { OperatorAccess } from '../http/operator-access.ts'
import { answerAll, SERVER_OPTIONS } from '../http/server.ts'
import { loadCompiler } from '../http/validators.ts'
import { heedCopy } from '../store/heed-copy.ts'
import { type Finding, isLmdb, lmdbFolder, type OnState, type OpenOptions, openStore } from '../store/open.ts'
import { type Store, StoreUnfit } from '../store/port.ts'
import { VERSION } from '../version.ts'
import { closeOnSignal } from './close-on-signal.ts'
import { drain } from './drain.ts'
import { firstKey, greeting, urlOf } from './first-start.ts'
import { listenFault } from './listen-fault.ts'
import { createCounting } from './metrics/counting.ts'
import { createMetrics } from './metrics/metrics.ts'
import { timeStore } from './metrics/timed-store.ts'
import { createStoreLog } from './store-log.ts'
import { kindOf, withoutSecrets } from './store-name.ts'
import { startTraces } from './traces.ts'
import { startWorkers } from './workers/primary.ts'
import { toPrimary } from './workers/worker.ts'

const operatorAccess = (config: Config): OperatorAccess => {
  if (config.ADMIN_PORT !== undefined) return { kind: 'port', port: config.ADMIN_PORT }
  return { kind: isLoopback(config.HOST) ? 'open' : 'api-key' }
}

/** What one replica retires the others have forgotten within 5 s. */
const RINGS_REFRESH_MS = 3000
/** The mark of a copy is heeded within 5 s. */
const MARK_MS = 3000
/** When what tells of Node itself is loaded, if nobody has asked for metrics: those who waited for the start come first. */
const METRICS_LATER_MS = 10_000
/** How often the setup of the store is looked at, for the log. */
const HEALTH_MS = 10_000

/** A store whose URL is at fault is a fault of the configuration. What the URL holds is not quoted: it may be secret. */
const openConfigured = async (options: OpenOptions): Promise<Store> => {
  try {
    return await openStore(options)
  } catch (error) {
    throw new ConfigError([`COATCHECK_STORE: ${(error as Error).message}`])
  }
}

/** A store that answers and can never serve as it is configured stops the start. One that is away may come later. */
const refuseIfUnfit = async (store: Store): Promise<void> => {
  try {
    await store.check()
  } catch (error) {
    if (!(error instanceof StoreUnfit)) return
    await store.close()
    throw new ConfigError([`COATCHECK_STORE: ${error.message}`])
  }
}

/** The same application on a port of its own, where alone it shows what is for operators. */
const adminServer = (app: Awaited<ReturnType<typeof buildApp>>, origins: readonly string[]): Server => {
  const handle: RequestListener = (request, response) => app.routing(request, response)
  const server = createServer(SERVER_OPTIONS, handle)
  answerAll(server, handle, readableBy(origins))
  return server
}

/** Runs the service until it is told to stop. Throws `ConfigError` when the configuration does not allow a start. */
export const startService = async (env: NodeJS.ProcessEnv = process.env): Promise<void> => {
  const configuration = readConfiguration(env)
  const { WORKERS, DRAIN_SECONDS, LOG_LEVEL } = configuration.config
  const count = WORKERS === 'auto' ? availableParallelism() : Number(WORKERS)
  if (count === 1 || cluster.isWorker) return serve(env, configuration)
  return startWorkers({ count, drainMs: DRAIN_SECONDS * 1000, log: pino({ level: LOG_LEVEL }) })
}

/** Serves in this process. */
const serve = async (env: NodeJS.ProcessEnv, configuration: Configuration): Promise<void> => {
  const { config, namespaces, apiKeys, signingKeySet, storeAccess, encryption, unknown } = configuration
  const primary = cluster.isWorker ? toPrimary() : undefined

  const early: Parameters<OnState>[] = []
  const earlyFaults: string[] = []
  let report: OnState = (...state) => early.push(state)
  let warn = (text: string): void => void earlyFaults.push(text)
  const usesRedis = !isLmdb(config.STORE)
  const traces = await startTraces({ env, usesRedis, warn: (text) => warn(text) })
  const counting = createCounting({ version: VERSION, store: kindOf(config.STORE) })
  const opened = await openConfigured({
    url: config.STORE,
    ...storeAccess,
    encryption,
    onFault: (text) => warn(text),
    onState(server, cause) {
      counting.nodeIs(server, cause === undefined)
      report(server, cause)
    },
    onGone: counting.nodeIsGone,
    onLives: counting.onLives,
    copies: namespaces.isAnyReplicated
      ? { needed: config.STORE_COPIES, isFor: (one) => namespaces.policyOf(one).durability === 'replicated' }
      : undefined,
  })
  const heeding = heedCopy(opened)
  await refuseIfUnfit(heeding.store)
  const store = timeStore(heeding.store, counting.storeDurations)
  const folder = isLmdb(config.STORE) ? lmdbFolder(config.STORE) : undefined
  const { metrics, load: loadMetrics } = createMetrics({ counting, store, folder })
  const first = apiKeys.length === 0 ? firstKey(lmdbFolder(config.STORE)) : undefined
  const keys = first ? [first.apiKey] : apiKeys
  const signingKeys = signingKeySet ? await fixedSigningKeys(signingKeySet) : createSigningKeys(store)
  const cookieSecrets = config.COOKIE_SECRETS
    ? fixedCookieSecrets(config.COOKIE_SECRETS.split(',').map((one) => one.trim()))
    : createCookieSecrets(store)
  const app = await buildApp({
    store,
    policyOf: namespaces.policyOf,
    apiKeys: keys,
    signingKeys,
    cookieSecrets,
    origins: namespaces.origins,
    expiringSeconds: config.EXPIRING_SECONDS,
    countFailure: primary?.countFailure,
    failuresPerMinute: config.RATE_LIMIT === 'off' ? null : Number(config.RATE_LIMIT),
    shedsLoad: config.LOAD_SHEDDING === 'on',
    docs: operatorAccess(config),
    metrics: primary?.metricsOfAll(metrics) ?? metrics,
    observe: counting.observe,
    publicUrl: config.PUBLIC_URL,
    trustProxy: config.TRUST_PROXY === 'off' ? false : trustedProxies(config.TRUST_PROXY),
    logger: { level: config.LOG_LEVEL, ...(traces && { mixin: traces.facts }) },
    bodyLimit: bodyLimitFor(namespaces.settingsBytes),
  })
  const { log } = app

  const storeLog = createStoreLog(log)
  report = storeLog.state
  for (const state of early) report(...state)
  warn = (text) => log.warn(text)
  earlyFaults.forEach(warn)
  const findings = unsafeSettings({ env, config, namespaces, unknown })
  const isLogged = ({ check, level }: Finding): boolean => level !== 'note' || check === 'unknown-variable'
  // All workers have the same ones.
  const isFirst = cluster.worker === undefined || cluster.worker.id === 1
  for (const { where, found, todo } of isFirst ? findings.filter(isLogged) : []) warn(`${where}: ${found} ${todo}`)

  const sweep = async (stopping: AbortSignal): Promise<void> => {
    await store.sweep(stopping)
    if (!stopping.aborted) counting.swept()
  }
  const sweeper = periodically(sweep, {
    later: true,
    intervalMs: config.SWEEP_INTERVAL_SECONDS * 1000,
    onError: () => log.debug('a sweep was left out: the store is away'),
  })

  const keyKeeper = periodically(() => Promise.all([signingKeys.refresh(), cookieSecrets.refresh()]), {
    intervalMs: RINGS_REFRESH_MS,
    onError: () => log.debug('the signing keys and cookie secrets were not looked at: the store is away'),
  })
  await keyKeeper.first

  const markKeeper = periodically(heeding.look, {
    later: true,
    intervalMs: MARK_MS,
    onError: () => log.debug('the mark of a copy was not looked at: the store is away'),
  })

  const lookAtStore = async (): Promise<void> => {
    const health = await store.check()
    counting.storeIs({ isUp: true, away: health.away.length, warnings: health.warnings.length })
    storeLog.health(health)
  }
  const healthKeeper = periodically(lookAtStore, {
    intervalMs: HEALTH_MS,
    onError(error) {
      counting.storeIs({ isUp: false, away: 1, warnings: 0 })
      log.debug({ cause: (error as Error).message }, 'the store is away')
    },
  })

  const admin = config.ADMIN_PORT === undefined ? undefined : adminServer(app, namespaces.origins)
  const drainMs = config.DRAIN_SECONDS * 1000
  const end = async (): Promise<void> => {
    // A call that was under way leaves its connection open, and the client may never use it again.
    const idle = setInterval(() => app.server.closeIdleConnections(), 100)
    await app.close()
    clearInterval(idle)
    admin?.close()
    await sweeper.stop()
    await keyKeeper.stop()
    await markKeeper.stop()
    await healthKeeper.stop()
    await store.close()
    await traces?.stop()
  }
  closeOnSignal(log, { drain: () => drain(app, drainMs), drainMs, end })

  const { HOST: host, PORT, ADMIN_PORT: adminPort, ADMIN_HOST: adminHost = host } = config
  const listening = await app.listen({ host, port: PORT }).catch((error) => {
    throw listenFault(error, { host, port: PORT }, { host: 'HOST', port: 'PORT' })
  })
  const port = Number(new URL(listening).port)
  if (admin && adminPort !== undefined) {
    admin.listen(adminPort, adminHost)
    await once(admin, 'listening').catch((error) => {
      const variables = { host: 'COATCHECK_ADMIN_HOST', port: 'COATCHECK_ADMIN_PORT' }
      throw listenFault(error, { host: adminHost, port: adminPort }, variables)
    })
  }

  const served = { namespaces: [...new Set(keys.map(({ namespace }) => namespace))], host, port, adminPort }
  primary?.serves()
  log.info({ version: VERSION, store: withoutSecrets(config.STORE), ...served }, 'Coatcheck serves')
  setImmediate(loadCompiler)
  setTimeout(() => void loadMetrics(), METRICS_LATER_MS).unref()

  const url = urlOf(host, port)
  const docsUrl = adminPort === undefined ? url : urlOf(adminHost, adminPort)
  if (first) process.stdout.write(greeting(url, docsUrl, first.headerFile))
}
