/**
 * The configuration: one schema, from which come the types, the defaults, the checks and the table in
 * docs/configuration.md. It is read from the environment, `PORT` and `HOST` by their own names, everything else as
 * `COATCHECK_<NAME>`. `<NAME>_FILE` names a file to read a value from, for secrets that are mounted. Every fault is
 * reported at once.
 */
import { readFileSync } from 'node:fs'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

const seconds = (description: string, default_: number) =>
  Type.Integer({ minimum: 1, maximum: 4_000_000_000, default: default_, description })

const count = (description: string, default_: number, maximum: number) =>
  Type.Integer({ minimum: 1, maximum, default: default_, description })

export const ConfigSchema = Type.Object({
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 3000,
    description: 'The port to listen on; 0 takes a free one.',
  }),
  HOST: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    description: 'The address to listen on. Beyond loopback API keys must be configured. `0.0.0.0` in the image.',
  }),
  STORE: Type.String({
    pattern: '^(lmdb:.+|rediss?(\\+(sentinel|cluster))?://.+)$',
    default: 'lmdb:./data',
    description:
      'Where sessions are kept: `lmdb:<folder>`, `redis://[user:password@]host[:port][/db]`, `redis+sentinel://host,host/master`, `redis+cluster://host,host`; `rediss` for TLS.',
  }),
  API_KEYS: Type.Optional(
    Type.String({
      description:
        'Comma-separated `<namespace>:<SHA-256 of the key, hex>`, as `coatcheck key new` prints it. Several at once for roll-over. Left out, with LMDB on loopback, one is made in the data folder.',
    }),
  ),
  CONFIG: Type.Optional(
    Type.String({
      description:
        'The path of a JSON file for more: clocks, limits, browser rule, JSON Schema and named API keys of each namespace.',
    }),
  ),
  IDLE_TIMEOUT_SECONDS: seconds('Idle timeout of a new session (100 days).', 8_640_000),
  LIFETIME_SECONDS: seconds(
    'Absolute lifetime of a new session (400 days, as long as a browser keeps a cookie).',
    34_560_000,
  ),
  TOMBSTONE_SECONDS: seconds('How long an ended id stays gone (a day).', 86_400),
  MAX_SETTINGS_BYTES: count('The text of all keys and values of a session, in bytes.', 65_536, 16_000_000),
  MAX_KEYS: count('Keys of a session.', 256, 10_000),
  MAX_KEY_BYTES: count('Bytes of one key.', 128, 1024),
  MAX_DEPTH: count('How deep objects and arrays may stand, the settings object itself counted.', 16, 100),
  MAX_BATCH: count('Ids in one batch.', 100, 1000),
  MAX_SUBJECT_BYTES: count('Bytes of a subject.', 256, 1024),
  SIGNING_KEYS: Type.Optional(
    Type.String({
      description:
        'A private JWK Set (RFC 7517) of Ed25519 keys, best given as `COATCHECK_SIGNING_KEYS_FILE`: the first signs session tokens, all verify. Left out, keys are made, kept in the store and rotated.',
    }),
  ),
  COOKIE_SECRETS: Type.Optional(
    Type.String({
      pattern: '^[^\\s,]{32,}(\\s*,\\s*[^\\s,]{32,})*$',
      description:
        'Comma-separated secrets that cookies are signed with, each of at least 32 characters and without spaces: the newest first, which signs; all verify. Left out, they are made, kept in the store and rotated.',
    }),
  ),
  PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^?#]+$',
      description:
        'The URL by which callers reach the service, with the path prefix of a proxy if there is one. Without it `Location` is a path.',
    }),
  ),
  TRUST_PROXY: Type.String({
    default: 'off',
    description:
      'Whose `X-Forwarded-*` headers are believed: `off`, or a comma-separated list of addresses and networks, such as `10.0.0.0/8`.',
  }),
  RATE_LIMIT: Type.String({
    pattern: '^([1-9]\\d{0,8}|off)$',
    default: '60',
    description:
      'Failed authentications per minute and address, beyond which the answer is 429; `off` turns it off. Who sends a valid API key is never limited.',
  }),
  LOG_LEVEL: Type.Union(
    ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'How much is logged, as JSON lines on standard output.' },
  ),
  ADMIN_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description:
        'A second port, on which alone the API description and the Swagger UI are then served. Without it they are on `PORT`: open on loopback, behind an API key beyond it.',
    }),
  ),
  ADMIN_HOST: Type.Optional(
    Type.String({ minLength: 1, description: 'The address of the second port; `HOST` if left out.' }),
  ),
  EXPIRING_SECONDS: count('How long before its end those who watch a session are told that it is ending.', 60, 86_400),
  SWEEP_INTERVAL_SECONDS: count('How often what is over is looked for and removed.', 10, 86_400),
})

export type Config = Static<typeof ConfigSchema>

/** The environment variable of a setting. */
export const variableOf = (name: string): string => (name === 'PORT' || name === 'HOST' ? name : `COATCHECK_${name}`)

/** Every fault of a configuration, each a line that says which variable and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n- ${faults.join('\n- ')}`,
    )
    this.faults = faults
  }
}

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

const readVariable = (env: Environment, variable: string, faults: string[]): string | undefined => {
  const direct = env[variable]
  const file = env[`${variable}_FILE`]
  if (file === undefined || file === '') return direct === '' ? undefined : direct
  if (direct !== undefined && direct !== '') {
    faults.push(`${variable} and ${variable}_FILE are both set: unset one.`)
    return undefined
  }
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    faults.push(
      `${variable}_FILE cannot be read (${(error as NodeJS.ErrnoException).code}): check the path and who may read it.`,
    )
    return undefined
  }
}

/** What a schema asks for, in words; never with the value at hand, which may be secret. */
const demand = (schema: TSchema & { minimum?: number; maximum?: number; anyOf?: { const: string }[] }): string => {
  if ('minimum' in schema) return `must be a whole number from ${schema.minimum} to ${schema.maximum}`
  if (schema.anyOf) return `must be one of ${schema.anyOf.map((one) => one.const).join(', ')}`
  if ('pattern' in schema) return `must match ${String(schema.pattern)}`
  return 'is missing or empty'
}

/**
 * Reads the configuration with every fault there is. What is at fault is left at its default, so that the rest can be
 * looked at, too.
 */
export const examineEnvironment = (env: Environment): { config: Config; faults: string[] } => {
  const faults: string[] = []
  const config: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries<TSchema>(ConfigSchema.properties)) {
    const { default: default_, description } = schema as { default?: unknown; description?: string }
    if (default_ !== undefined) config[name] = default_
    const text = readVariable(env, variableOf(name), faults)
    if (text === undefined) continue
    const value = 'type' in schema && schema.type === 'integer' && /^\d{1,15}$/.test(text) ? Number(text) : text
    if (Value.Check(schema, value)) config[name] = value
    else faults.push(`${variableOf(name)} ${demand(schema)}: ${description}`)
  }
  return { config: config as Config, faults }
}

/** Reads the configuration; throws `ConfigError` with every fault there is. */
export const readEnvironment = (env: Environment): Config => {
  const { config, faults } = examineEnvironment(env)
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/

/** Whether an address can only be reached from this machine. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host)
