/** The schema of the file that `COATCHECK_CONFIG` names: what may stand in it, with its bounds and its meaning. */
import { type Static, type TSchema, Type } from 'typebox'
import { DEFAULT_PERMISSIONS, PERMISSIONS, type Permission } from '../domain/credentials/permission.ts'
import type { Durability, SubjectLimit } from '../domain/policy.ts'
import { ConfigSchema } from './environment.ts'

export const NAME = '^[a-z0-9-]{1,32}$'
const SHA256 = '^[0-9a-f]{64}$'

/** The demands of the patterns, in words. */
export const PATTERNS: Readonly<Record<string, string>> = {
  [NAME]: '1 to 32 of a-z, 0-9 and -',
  [SHA256]: '64 hex digits in lower case, as `coatcheck key new` prints them (never the key itself)',
}

const { properties: settings } = ConfigSchema

/** A number with the bounds of the environment's setting of this name. If the file leaves it out, that setting holds. */
const number = (name: keyof typeof settings & `${string}_${string}`, description: string, elsewhere?: string) => {
  const { minimum, maximum } = settings[name] as { minimum?: number; maximum?: number }
  return Type.Optional(
    Type.Integer({
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      description: `${description} ${elsewhere ?? `\`COATCHECK_${name}\``} if left out.`,
    }),
  )
}

/** An object that refuses unknown members. */
const members = <Properties extends Record<string, TSchema>>(properties: Properties, description: string) =>
  Type.Object(properties, { additionalProperties: false, description })

const rule = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 64, description }))

const Browser = members(
  {
    keys: members(
      {
        read: rule(
          'Keys that browsers may read: names, `prefix*` for all names with that prefix, or `*` for all. None if left out.',
        ),
        write: rule('Keys that browsers may write, in the same form.'),
      },
      'The keys of the settings that browsers may use.',
    ),
    origins: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 512 }), {
        description:
          'The origins of pages that may call, such as `https://shop.example`: `https`, or `http` on loopback, without a path. If left out, only pages of the service’s own origin may.',
      }),
    ),
  },
  'The limits of browsers. Without them the service gives no cookie, and each token must name its `keys`.',
)

const ApiKey = members(
  {
    name: Type.String({ pattern: NAME, description: 'The service that holds the key, for readers of the file.' }),
    sha256: Type.String({ pattern: SHA256, description: 'The SHA-256 of the key, as `coatcheck key new` prints it.' }),
    may: Type.Optional(
      Type.Array(Type.Unsafe<Permission>({ type: 'string', enum: [...PERMISSIONS] }), {
        minItems: 1,
        description: `The permissions of the key, from the table below. All but ${PERMISSIONS.filter((one) => !DEFAULT_PERMISSIONS.includes(one)).join(', ')} if left out.`,
      }),
    ),
  },
  'A named API key, beside those of `COATCHECK_API_KEYS`.',
)

const Namespace = members(
  {
    idleTimeoutSeconds: number('IDLE_TIMEOUT_SECONDS', 'Idle timeout of a new session.'),
    lifetimeSeconds: number('LIFETIME_SECONDS', 'Absolute lifetime of a new session.'),
    tombstoneSeconds: number('TOMBSTONE_SECONDS', 'How long the service refuses the id of an ended session.'),
    bound: Type.Optional(
      members(
        {
          idleTimeoutSeconds: number('IDLE_TIMEOUT_SECONDS', 'Idle timeout.', "The namespace's own"),
          lifetimeSeconds: number('LIFETIME_SECONDS', 'Absolute lifetime.', "The namespace's own"),
        },
        'The clocks of sessions that are bound to a subject when they begin.',
      ),
    ),
    limits: Type.Optional(
      members(
        {
          settingsBytes: number('MAX_SETTINGS_BYTES', 'The largest size of all keys and values, as text in bytes.'),
          keys: number('MAX_KEYS', 'The largest number of keys.'),
          keyBytes: number('MAX_KEY_BYTES', 'The largest size of one key, in bytes.'),
          depth: number(
            'MAX_DEPTH',
            'The deepest nesting of objects and arrays, including the settings object itself.',
          ),
          batch: number('MAX_BATCH', 'The largest number of ids in one batch.'),
          subjectBytes: number('MAX_SUBJECT_BYTES', 'The largest size of a subject, in bytes.'),
        },
        'The limits of a session.',
      ),
    ),
    sessionsPerSubject: Type.Optional(
      members(
        {
          most: Type.Integer({ minimum: 1, maximum: 100, description: 'How many sessions may live at once.' }),
          beyond: Type.Unsafe<SubjectLimit['beyond']>({
            type: 'string',
            enum: ['end-oldest', 'refuse'],
            description:
              'What becomes of one more: `end-oldest` ends the sessions that were bound first, `refuse` answers 409 `too_many_sessions`.',
          }),
        },
        'A limit for the sessions of one subject. No limit if left out.',
      ),
    ),
    durability: Type.Optional(
      Type.Unsafe<Durability>({
        type: 'string',
        enum: ['acknowledged', 'replicated'],
        description:
          'With `replicated` a write, a log-out or a login is answered only once as many replicas of Redis as `COATCHECK_STORE_COPIES` says have it; 503 `not_replicated` if they do not have it in time. It needs Redis with replicas ([redis.md](redis.md#durability-as-a-choice)). `acknowledged` if left out.',
      }),
    ),
    browser: Type.Optional(Browser),
    settings: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description: 'A JSON Schema that every value must fit.',
      }),
    ),
    apiKeys: Type.Optional(Type.Array(ApiKey, { description: 'Named API keys.' })),
  },
  'The rules of one namespace.',
)

export type NamespaceEntry = Static<typeof Namespace>

export const ConfigFileSchema = members(
  {
    namespaces: Type.Optional(
      Type.Unsafe<Readonly<Record<string, NamespaceEntry>>>({
        type: 'object',
        patternProperties: { [NAME]: Namespace },
        additionalProperties: false,
        description: 'The namespaces with rules of their own.',
      }),
    ),
  },
  'The file.',
)
