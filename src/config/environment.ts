/**
 * The configuration: one schema, from which come the types, the defaults, the checks and the table in
 * docs/configuration.md. It is read from the environment, `PORT` and `HOST` by their own names, everything else as
 * `COATCHECK_<NAME>`. `<NAME>_FILE` names a file to read a value from, for secrets that are mounted; a setting whose own name
 * ends like that is a path. Every fault is reported at once.
 */
import { readFileSync } from 'node:fs'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { LONGEST_KEY_BYTES, LONGEST_SUBJECT_BYTES } from '../domain/policy.ts'

const seconds = (description: string, default_: number) =>
  Type.Integer({ minimum: 1, maximum: 4_000_000_000, default: default_, description })

const count = (description: string, default_: number, maximum: number) =>
  Type.Integer({ minimum: 1, maximum, default: default_, description })

const path = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))

export const ConfigSchema = Type.Object({
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 3000,
    description: 'The port to listen on; 0 takes a free port.',
  }),
  HOST: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    description:
      'The address to listen on. Another address than loopback needs configured API keys. `0.0.0.0` in the image.',
  }),
  STORE: Type.String({
    pattern: '^(lmdb:.+|rediss?(\\+(unix|sentinel|cluster))?://.+)$',
    default: 'lmdb:./data',
    description:
      'Where sessions are kept: `lmdb:<folder>`, `redis://[user:password@]host[:port][/db]`, `redis+unix://[user:password@]/path/of/the/socket[?db=…]`, `redis+sentinel://host,host/master`, `redis+cluster://host,host`; `rediss` for TLS. With `COATCHECK_STORE_FILE` the service reads the user and the password again for each new connection.',
  }),
  STORE_CA_FILE: path(
    'A PEM file with the authorities that sign the certificate of Redis, instead of those of the system. The service reads it and the two files below again for each new connection.',
  ),
  STORE_CERT_FILE: path(
    'A PEM file with the certificate that the service shows to Redis, if Redis demands one, and with its chain.',
  ),
  STORE_KEY_FILE: path('A PEM file with the private key of that certificate, without a passphrase.'),
  STORE_COPIES: count(
    'How many replicas of Redis must have what a namespace with the durability `replicated` writes, before it is answered.',
    1,
    16,
  ),
  API_KEYS: Type.Optional(
    Type.String({
      description:
        'Comma-separated `<namespace>:<SHA-256 of the key, hex>`, as `coatcheck key new` prints it. Several may be valid at once. If left out, with LMDB on loopback, the service makes one in the data folder.',
    }),
  ),
  CONFIG: Type.Optional(
    Type.String({
      description:
        'The path of a JSON file with the clocks, limits, browser rule, JSON Schema and named API keys of single namespaces.',
    }),
  ),
  IDLE_TIMEOUT_SECONDS: seconds('Idle timeout of a new session (100 days).', 8_640_000),
  LIFETIME_SECONDS: seconds(
    'Absolute lifetime of a new session (400 days, as long as a browser keeps a cookie).',
    34_560_000,
  ),
  TOMBSTONE_SECONDS: seconds('How long the service refuses the id of an ended session (a day).', 86_400),
  MAX_SETTINGS_BYTES: count('The largest size of all keys and values of a session, as text in bytes.', 65_536, 262_144),
  MAX_KEYS: count('The largest number of keys of a session.', 256, 10_000),
  MAX_KEY_BYTES: count('The largest size of one key, in bytes.', 128, LONGEST_KEY_BYTES),
  MAX_DEPTH: count('The deepest nesting of objects and arrays, including the settings object itself.', 16, 100),
  MAX_BATCH: count('The largest number of ids in one batch.', 100, 1000),
  MAX_SUBJECT_BYTES: count('The largest size of a subject, in bytes.', 256, LONGEST_SUBJECT_BYTES),
  SIGNING_KEYS: Type.Optional(
    Type.String({
      description:
        'A private JWK Set (RFC 7517) of Ed25519 keys, best given as `COATCHECK_SIGNING_KEYS_FILE`. The first key signs session tokens, all of them verify. If left out, the service makes keys, keeps them in the store and rotates them.',
    }),
  ),
  COOKIE_SECRETS: Type.Optional(
    Type.String({
      pattern: '^[^\\s,]{32,}(\\s*,\\s*[^\\s,]{32,})*$',
      description:
        'Comma-separated secrets that sign cookies, the newest first, each of at least 32 characters and without spaces. The first signs, all of them verify. If left out, the service makes secrets, keeps them in the store and rotates them.',
    }),
  ),
  ENCRYPTION_KEYS: Type.Optional(
    Type.String({
      description:
        'A private JWK Set of 256-bit keys (`"kty": "oct"`), best given as `COATCHECK_ENCRYPTION_KEYS_FILE`. What is stored is encrypted under the first key; all of them decrypt. docs/encryption.md says how to turn it on, and what it does not protect from. If left out, nothing is encrypted.',
    }),
  ),
  ENCRYPTION: Type.Union([Type.Literal('prepared'), Type.Literal('on'), Type.Literal('required')], {
    default: 'on',
    description:
      'What is done with the encryption keys. `prepared`: the replica opens what others have encrypted, and encrypts nothing new itself; for the first step of turning it on with several replicas. `on`: it encrypts. `required`: it also refuses what is stored in plain text.',
  }),
  PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^?#]+$',
      description:
        'The URL by which callers reach the service, with the path prefix of a proxy if there is one. If left out, `Location` is a path.',
    }),
  ),
  TRUST_PROXY: Type.String({
    default: 'off',
    description:
      'The proxies whose `X-Forwarded-*` headers the service believes: `off`, or a comma-separated list of addresses and networks, such as `10.0.0.0/8`.',
  }),
  RATE_LIMIT: Type.String({
    pattern: '^([1-9]\\d{0,8}|off)$',
    default: '60',
    description:
      'Wrong credentials per minute and address, and likewise hand-offs that cannot be redeemed; further ones get 429. An IPv6 network of 64 bits counts as one address. `off` removes the limit. Valid credentials and codes are never limited.',
  }),
  DRAIN_SECONDS: Type.Integer({
    minimum: 0,
    maximum: 300,
    default: 5,
    description:
      'How long the service still takes connections after SIGTERM, while `/readyz` is 503: longer than balancers need to notice it. It ends within 10 s after that. With `0`, and after SIGINT, it ends at once and closes idle connections: for where nothing balances.',
  }),
  LOAD_SHEDDING: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'on',
    description:
      'Whether calls get 503 `overloaded` while the process is behind by more than a second. With `off` they wait as long as it is behind: only for where a proxy sheds load.',
  }),
  WORKERS: Type.String({
    pattern: '^(auto|[1-9]\\d?)$',
    default: '1',
    description:
      'How many processes serve the port, for a machine with several cores: a number, or `auto` for one a core. Only with Redis. To callers, balancers and Prometheus they are one replica.',
  }),
  LOG_LEVEL: Type.Union(
    ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'The lowest level that is logged, as JSON lines on standard output.' },
  ),
  ADMIN_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description:
        'A second port. The metrics, the API description and the Swagger UI are then only there. If left out, they are on `PORT`: open on loopback, otherwise for whoever has an API key: the page asks for it.',
    }),
  ),
  ADMIN_HOST: Type.Optional(
    Type.String({ minLength: 1, description: 'The address of the second port; `HOST` if left out.' }),
  ),
  EXPIRING_SECONDS: count('How long before the end of a session its readers get the event `expiring`.', 60, 86_400),
  SWEEP_INTERVAL_SECONDS: count('How often the service looks for expired sessions and removes them.', 10, 86_400),
})

export type Config = Static<typeof ConfigSchema>

/** The environment variable of a setting. */
export const variableOf = (name: string): string => (name === 'PORT' || name === 'HOST' ? name : `COATCHECK_${name}`)

/** All faults of a configuration. Each is a line with the variable and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(
      faults.length === 1
        ? `The configuration has a fault: ${faults[0]}`
        : `The configuration has ${faults.length} faults:\n- ${faults.join('\n- ')}`,
    )
    this.faults = faults
  }
}

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

const isPath = (variable: string): boolean => variable.endsWith('_FILE')

/** The file that a variable's value is read from, if there is one. */
export const fileOf = (env: Environment, variable: string): string | undefined =>
  isPath(variable) ? undefined : env[`${variable}_FILE`] || undefined

export const readValueFile = (file: string): string => readFileSync(file, 'utf8').trim()

const readVariable = (env: Environment, variable: string, faults: string[]): string | undefined => {
  const direct = env[variable]
  const file = fileOf(env, variable)
  if (file === undefined) return direct === '' ? undefined : direct
  if (direct !== undefined && direct !== '') {
    faults.push(`${variable} and ${variable}_FILE are both set: unset one.`)
    return undefined
  }
  try {
    return readValueFile(file)
  } catch (error) {
    faults.push(
      `${variable}_FILE cannot be read (${(error as NodeJS.ErrnoException).code}): check the path and who may read it.`,
    )
    return undefined
  }
}

/** The demand of a schema in words. It never quotes the value, which may be secret. */
const demand = (schema: TSchema & { minimum?: number; maximum?: number; anyOf?: { const: string }[] }): string => {
  if ('minimum' in schema) return `must be a whole number from ${schema.minimum} to ${schema.maximum}`
  if (schema.anyOf) return `must be one of ${schema.anyOf.map((one) => one.const).join(', ')}`
  if ('pattern' in schema) return `must match ${String(schema.pattern)}`
  return 'is missing or empty'
}

/** Reads the configuration and all its faults. A faulty setting keeps its default, so that the rest can be checked, too. */
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

/** Reads the configuration. Throws `ConfigError` with all faults. */
export const readEnvironment = (env: Environment): Config => {
  const { config, faults } = examineEnvironment(env)
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/

/** Whether an address can only be reached from this machine. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host)
