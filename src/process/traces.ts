/**
 * Traces, for those who ask for them by OpenTelemetry's own variables. Its packages are no dependencies of ours: they are
 * larger than the service, and most who run it do not trace. They are loaded here, before the application is built, and only
 * if a collector is named.
 *
 * A span holds what `KEPT` names, and nothing else: URLs hold session ids, commands hold settings, and errors quote both.
 */
import { createRequire } from 'node:module'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node'

type Env = Readonly<Record<string, string | undefined>>

/** What has to be installed beside Coatcheck. */
export const TRACE_PACKAGES = [
  '@fastify/otel',
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/instrumentation-ioredis',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
] as const

export const REQUEST_ID = 'coatcheck.request_id'

const KEPT = new Set([
  ...['http.request.method', 'http.route', 'http.response.status_code', 'network.protocol.version'],
  ...['db.system.name', 'db.operation.name', 'error.type', 'fastify.type', REQUEST_ID],
])
/** Of a server that we call it is its address; of a call to us it is what the caller made up. */
const KEPT_OF_CLIENTS = new Set(['server.address', 'server.port'])
const CLIENT = 2

/** Asked by machines again and again, or open for hours. */
const NOT_TRACED = /^\/(livez|readyz|metrics|v1\/(sessions\/[^/?]+\/)?events)(\?|$)/

const STOP_MS = 2000

/** A collector is named, and traces are not switched off. */
export const wantsTraces = (env: Env): boolean =>
  Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) &&
  env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
  env.OTEL_TRACES_EXPORTER !== 'none'

/** The span without what may be secret. */
const cut = (span: ReadableSpan): ReadableSpan => {
  const isKept = ([name]: readonly [string, unknown]): boolean =>
    KEPT.has(name) || (span.kind === CLIENT && KEPT_OF_CLIENTS.has(name))
  return Object.create(span, {
    attributes: { value: Object.fromEntries(Object.entries(span.attributes).filter(isKept)) },
    status: { value: { code: span.status.code } },
    events: { value: [] },
    links: { value: [] },
  }) as ReadableSpan
}

const cutting = (exporter: SpanExporter): SpanExporter => ({
  export: (spans, done) => exporter.export(spans.map(cut), done),
  shutdown: () => exporter.shutdown(),
  forceFlush: async () => exporter.forceFlush?.(),
})

const load = async () => {
  const [api, fastify, exporter, http, ioredis, resources, sdk] = await Promise.all([
    import('@opentelemetry/api'),
    import('@fastify/otel'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/instrumentation-http'),
    import('@opentelemetry/instrumentation-ioredis'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-node'),
  ])
  return { api, fastify, exporter, http, ioredis, resources, sdk }
}

const start = (
  { api, fastify, exporter, http, ioredis, resources, sdk }: Awaited<ReturnType<typeof load>>,
  patched: readonly string[],
) => {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = resources
  const named = resourceFromAttributes({ 'service.name': 'coatcheck' })
  const resource = defaultResource()
    .merge(named)
    .merge(detectResources({ detectors: [envDetector] }))
  const provider = new sdk.NodeTracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor(cutting(new exporter.OTLPTraceExporter() as unknown as SpanExporter))],
  })
  provider.register()
  const instrumentations = [
    new http.HttpInstrumentation({
      disableOutgoingRequestInstrumentation: true,
      ignoreIncomingRequestHook: ({ url = '' }) => NOT_TRACED.test(url),
    }),
    new ioredis.IORedisInstrumentation({ dbStatementSerializer: (command) => command }),
    new fastify.FastifyOtelInstrumentation({
      registerOnInitialization: true,
      instrumentHooks: false,
      recordExceptions: false,
      requestHook: (span, request) => span.setAttribute(REQUEST_ID, request.id),
    }),
  ]
  for (const one of instrumentations) one.setTracerProvider(provider)
  // They patch what is required from now on, in place. What was imported before is the same.
  const require = createRequire(import.meta.url)
  for (const name of patched) require(name)
  return { provider, api }
}

export type Traces = {
  /** Of the call under way, for its lines in the log. */
  facts(): object
  /** Sends what is left. It takes no longer than two seconds. */
  stop(): Promise<void>
}

export type TracesOptions = {
  readonly env: Env
  readonly usesRedis: boolean
  readonly warn: (text: string) => void
}

/** Undefined where nobody asks for traces, or where they cannot be made: then it is said why. */
export const startTraces = async ({ env, usesRedis, warn }: TracesOptions): Promise<Traces | undefined> => {
  if (!wantsTraces(env)) return undefined
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf'
  if (protocol !== 'http/protobuf') {
    warn(`OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol.slice(0, 32)}, but traces are sent by http/protobuf alone.`)
  }
  let loaded: Awaited<ReturnType<typeof load>>
  try {
    loaded = await load()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error
    warn(`No traces are sent: the packages for them are missing. Run npm install ${TRACE_PACKAGES.join(' ')}.`)
    return undefined
  }
  const { provider, api } = start(loaded, ['http', ...(usesRedis ? ['ioredis'] : [])])
  return {
    facts() {
      const span = api.trace.getActiveSpan()?.spanContext()
      return span && api.isSpanContextValid(span) ? { traceId: span.traceId, spanId: span.spanId } : {}
    },
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref())
      await Promise.race([provider.shutdown().catch(() => {}), late])
    },
  }
}
