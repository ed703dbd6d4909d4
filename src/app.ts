/**
 * Builds the HTTP application from what it is given. It opens nothing and listens to nothing: that is `main.ts`. Plugins
 * are registered in the order in which a request meets them.
 */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify'
import type { ApiKey } from './domain/credentials/api-key.ts'
import type { CookieSecrets } from './domain/credentials/cookie-secrets.ts'
import { createCookies } from './domain/credentials/cookies.ts'
import { createTokens } from './domain/credentials/session-token.ts'
import type { SigningKeys } from './domain/credentials/signing-keys.ts'
import { createFeeds } from './domain/events/feed.ts'
import { createSessionStreams } from './domain/events/session-stream.ts'
import { createWatch } from './domain/events/watch.ts'
import type { Policy } from './domain/policy.ts'
import { createHandoffs } from './domain/sessions/handoffs.ts'
import { createLook } from './domain/sessions/look.ts'
import { createRotations } from './domain/sessions/rotations.ts'
import { createSessions } from './domain/sessions/sessions.ts'
import { createSubjectLimits } from './domain/sessions/subject-limits.ts'
import { createSubjects } from './domain/sessions/subjects.ts'
import { createGrants } from './domain/sessions/token-grants.ts'
import { createChanges } from './domain/settings/read-modify-write.ts'
import { createSettings } from './domain/settings/settings.ts'
import { createKeys } from './domain/settings/settings-keys.ts'
import { CoatcheckError } from './errors.ts'
import { type CountFailure, createFailureCounts } from './http/failure-counts.ts'
import type { OperatorAccess } from './http/operator-access.ts'
import { answerHeaders, setAnswerHeaders } from './http/plugins/answer-headers.ts'
import { authentication } from './http/plugins/authentication.ts'
import { crossOrigin, keepToOwnOrigins, readingHeaders } from './http/plugins/cross-origin.ts'
import { documentation } from './http/plugins/documentation.ts'
import { draining } from './http/plugins/draining.ts'
import { eventStreams } from './http/plugins/event-streams.ts'
import { failureLimits } from './http/plugins/failure-limits.ts'
import { fairTurns } from './http/plugins/fair-turns.ts'
import { jsonBody } from './http/plugins/json-body.ts'
import { knownPreconditions } from './http/plugins/known-preconditions.ts'
import { knownRoutes } from './http/plugins/known-routes.ts'
import { loadShedding } from './http/plugins/load-shedding.ts'
import { observation } from './http/plugins/observation.ts'
import { problems, problemText } from './http/plugins/problems.ts'
import { requestHead } from './http/plugins/request-head.ts'
import { requestLog } from './http/plugins/request-log.ts'
import { routeAnswers } from './http/plugins/route-answers.ts'
import { strictQuery } from './http/plugins/strict-query.ts'
import { unknownRoutes } from './http/plugins/unknown-routes.ts'
import { requestIdOf } from './http/request-ids.ts'
import { backupRoute } from './http/routes/backup.ts'
import { cookieRoutes } from './http/routes/cookie.ts'
import { eventRoutes } from './http/routes/events.ts'
import { handoffRoutes } from './http/routes/handoffs.ts'
import { healthRoutes } from './http/routes/health.ts'
import { keyRoutes } from './http/routes/keys.ts'
import { type Metrics, metricsRoute } from './http/routes/metrics.ts'
import { reencryptRoute } from './http/routes/reencrypt.ts'
import { sessionListRoutes } from './http/routes/session-lists.ts'
import { sessionRoutes } from './http/routes/sessions.ts'
import { settingsRoutes } from './http/routes/settings.ts'
import { signingKeyRoutes } from './http/routes/signing-keys.ts'
import { subjectRoutes } from './http/routes/subjects.ts'
import { tokenRoutes } from './http/routes/tokens.ts'
import { Problem, RotatedSession, Session, SessionClocks, SessionWithToken } from './http/schemas.ts'
import { answerAll, type ReadableBy, SERVER_OPTIONS } from './http/server.ts'
import { buildValidator } from './http/validators.ts'
import { type Observe, UNOBSERVED } from './observe.ts'
import type { Store } from './store/port.ts'

export type AppOptions = {
  readonly store: Store
  readonly policyOf: (namespace: string) => Policy
  readonly apiKeys: readonly ApiKey[]
  readonly signingKeys: SigningKeys
  readonly cookieSecrets: CookieSecrets
  /** The origins of the browser rules of all namespaces: pages of these may read answers. */
  readonly origins: readonly string[]
  /** Failures of a kind a minute and address, such as wrong credentials; null for no limit. */
  readonly failuresPerMinute: number | null
  /** Counts them, for all workers; by itself, if left out. */
  readonly countFailure?: CountFailure | undefined
  /** How long before its end those who watch a session are told that it is ending. */
  readonly expiringSeconds: number
  /** How often a stream of events looks at its session at least, in ms; 15 s if left out. */
  readonly lookMs?: number | undefined
  /** How long a reader of events may leave what waits for it, in ms; half a minute if left out. */
  readonly catchUpMs?: number | undefined
  /** How long a reader of a backup may take nothing, in ms; a minute if left out. */
  readonly backupStalledMs?: number | undefined
  /** Who may see the description and the metrics. */
  readonly docs: OperatorAccess
  /** What the service has counted; without it there is no `/metrics`. */
  readonly metrics?: Metrics | undefined
  /** Told what happens; nobody is, if it is left out. */
  readonly observe?: Observe | undefined
  readonly publicUrl?: string | undefined
  readonly trustProxy?: FastifyServerOptions['trustProxy']
  readonly logger?: FastifyServerOptions['logger']
  /** The largest body that is read, in bytes. */
  readonly bodyLimit: number
  /** Whether calls are refused while the event loop is far behind; they are if left out. */
  readonly shedsLoad?: boolean | undefined
}

/** Bodies carry whitespace, escapes and patch operations that the stored texts do not. */
export const bodyLimitFor = (settingsBytes: number): number => settingsBytes * 2 + 65_536

const LOOK_MS = 15_000

/** For what is answered below the framework. */
export const readableBy =
  (origins: readonly string[]): ReadableBy =>
  (request) =>
    Object.entries(readingHeaders(origins, request)).map(([name, value]) => `${name}: ${value}`)

export const buildApp = async (options: AppOptions): Promise<FastifyInstance> => {
  const { store, policyOf, signingKeys, observe = UNOBSERVED } = options
  // Paths begin with a slash of their own.
  const publicUrl = options.publicUrl?.replace(/\/+$/, '')
  const tokens = createTokens({ signingKeys, issuer: options.publicUrl ?? 'coatcheck', now: store.now, observe })
  const cookies = createCookies({
    now: store.now,
    browserKeysOf: (namespace) => policyOf(namespace).browser?.keys ?? null,
    secrets: options.cookieSecrets,
    observe,
  })

  const app = fastify({
    logger: options.logger ?? false,
    trustProxy: options.trustProxy ?? false,
    bodyLimit: options.bodyLimit,
    requestTimeout: SERVER_OPTIONS.requestTimeout,
    // A call that comes in over a kept connection while the service ends is answered as any other, and is its last.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    routerOptions: { maxParamLength: 4096 },
    http: SERVER_OPTIONS,
    // A path that cannot be decoded: no hook is asked.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      setAnswerHeaders(reply, request.url)
      reply.headers(readingHeaders(options.origins, request))
      observe.answered(request.method, 'unknown', 400, reply.elapsedTime)
      observe.refused('invalid_request')
      request.log.info({ method: request.method, route: 'unknown', status: 400, why: error.code }, 'call')
      reply
        .code(400)
        .type('application/problem+json')
        .send(problemText(new CoatcheckError('invalid_request')))
    },
    // `answerAll` does it.
    clientErrorHandler: () => {},
    // Most answers are texts already, and a serializer compiled for each schema would double what building the app costs.
    schemaController: { compilersFactory: { buildValidator, buildSerializer: () => () => JSON.stringify } },
  }).withTypeProvider<TypeBoxTypeProvider>()
  answerAll(app.server, (request, response) => app.routing(request, response), readableBy(options.origins))

  for (const schema of [Session, SessionClocks, SessionWithToken, RotatedSession, Problem]) app.addSchema(schema)

  await app.register(observation, { observe })
  await app.register(requestLog)
  await app.register(routeAnswers)
  await app.register(jsonBody)
  await app.register(problems)
  await app.register(knownRoutes)
  await app.register(answerHeaders)
  await app.register(crossOrigin, { origins: options.origins })
  await app.register(requestHead)
  await app.register(unknownRoutes)
  if (options.shedsLoad !== false) await app.register(loadShedding)
  const { failuresPerMinute, countFailure = createFailureCounts() } = options
  await app.register(failureLimits, { failuresPerMinute, countFailure })
  await app.register(authentication, {
    apiKeys: options.apiKeys,
    tokens,
    cookies,
    policyOf,
    onCaller: keepToOwnOrigins(policyOf),
  })
  await app.register(fairTurns)
  await app.register(knownPreconditions)
  await app.register(documentation, { access: options.docs, publicUrl })

  const applyChange = createChanges(store)
  const subjects = createSubjects({ store, policyOf })
  const subjectLimits = createSubjectLimits({ store, policyOf })
  const look = createLook(store)
  const sessions = createSessions({ store, policyOf, subjects, subjectLimits, look })
  const settings = createSettings({ store, policyOf, look, applyChange })
  const keys = createKeys({ store, policyOf, look, applyChange })
  const rotations = createRotations({ store, policyOf, subjects, subjectLimits })
  const handoffs = createHandoffs({ store, policyOf, sessions, subjects, subjectLimits, rotations })
  const grants = createGrants({ store, policyOf, sessions, tokens, cookies })

  const watch = createWatch(store)
  const streams = createSessionStreams({
    store,
    watch,
    expiringMs: options.expiringSeconds * 1000,
    lookMs: options.lookMs ?? LOOK_MS,
    observe,
  })
  const feeds = createFeeds({ watch, streams, now: store.now, observe })

  await app.register(draining)
  await app.register(eventStreams, { catchUpMs: options.catchUpMs })
  await app.register(strictQuery)
  await app.register(healthRoutes, { store })
  if (options.metrics) await app.register(metricsRoute, { metrics: options.metrics, access: options.docs })
  await app.register(sessionRoutes, {
    sessions,
    rotations,
    grants,
    policyOf,
    baseUrl: publicUrl ?? '',
  })
  await app.register(sessionListRoutes, { sessions })
  await app.register(settingsRoutes, { settings })
  await app.register(keyRoutes, { keys })
  await app.register(tokenRoutes, { grants })
  await app.register(cookieRoutes, { grants, policyOf })
  await app.register(signingKeyRoutes, { signingKeys })
  await app.register(backupRoute, { store, stalledMs: options.backupStalledMs })
  await app.register(reencryptRoute, { store })
  await app.register(handoffRoutes, { handoffs, grants })
  await app.register(subjectRoutes, { subjects })
  await app.register(eventRoutes, { look, streams, feeds, policyOf })

  await app.ready()
  return app as unknown as FastifyInstance
}
