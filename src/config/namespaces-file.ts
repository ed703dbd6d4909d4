/**
 * The file that `COATCHECK_CONFIG` names. One schema describes it: the types, the checks and the table in
 * docs/configuration.md come from that schema. A fault is a line with the place in the file and the demand there. It never
 * quotes the value, which may be secret.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { type Static, type TSchema, Type } from 'typebox'
import { DEFAULT_PERMISSIONS, PERMISSIONS, type Permission } from '../domain/credentials/permission.ts'
import { tokensOf } from '../domain/json/pointer-fault.ts'
import { readJson } from '../domain/json/read-json.ts'
import { CoatcheckError } from '../errors.ts'
import { ConfigSchema } from './environment.ts'

const NAME = '^[a-z0-9-]{1,32}$'
const SHA256 = '^[0-9a-f]{64}$'

/** The demands of the patterns, in words. */
const PATTERNS: Readonly<Record<string, string>> = {
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

/** The parts of a schema that appear in words. */
type Node = {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly items?: Node
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly patternProperties?: Readonly<Record<string, Node>>
}

/** The values that a schema takes, in words that follow `must be`. */
const words = (node: Node): string => {
  switch (node.type) {
    case 'integer':
      return `a whole number from ${node.minimum} to ${node.maximum}`
    case 'array':
      return `a list${node.minItems ? ` of ${node.minItems} at least` : ''}${node.maxItems ? ` of ${node.maxItems} at most` : ''}`
    case 'string':
      if (node.enum) return `one of ${node.enum.join(', ')}`
      return PATTERNS[node.pattern ?? ''] ?? `a text of 1 to ${node.maxLength} characters`
    default:
      return 'an object'
  }
}

/** A name of the file that may be shown. An unknown name may be an API key in the wrong place, so it is not shown. */
const shown = (token: string): string => (/^[\w$-]{1,32}$/.test(token) ? token : '…')

/** A place in the file, as faults name it. */
export const placeOf = (tokens: readonly string[]): string => tokens.map(shown).join('.')

/** A line about a fault at a place in the file. */
export const faultLine = (tokens: readonly string[], detail: string): string =>
  `COATCHECK_CONFIG: ${tokens.length === 0 ? 'the file' : placeOf(tokens)} ${detail}`

const lineOf = (error: ErrorObject): string => {
  const at = tokensOf(error.instancePath)
  const node = error.parentSchema as Node
  const { additionalProperty, missingProperty } = error.params as Record<string, string | undefined>
  if (missingProperty !== undefined) {
    return faultLine(
      [...at, missingProperty],
      `is missing: it must be ${words(node.properties?.[missingProperty] ?? {})}`,
    )
  }
  if (additionalProperty === undefined) return faultLine(at, `must be ${words(node)}`)
  const known = node.properties
    ? `is not known here, where ${Object.keys(node.properties).join(', ')} may stand`
    : `is no name of a namespace, which has ${PATTERNS[NAME]}`
  return faultLine([...at, additionalProperty], known)
}

/** The value in a file. Adds a fault if the file has no usable value. */
const parse = (path: string, faults: string[]): unknown => {
  try {
    return JSON.parse(readJson(readFileSync(path)))
  } catch (error) {
    if (error instanceof CoatcheckError) {
      const places = error.extras.errors?.map(({ pointer, detail }) =>
        faultLine(tokensOf(decodeURIComponent(pointer)), detail),
      )
      faults.push(...(places ?? [`COATCHECK_CONFIG: ${error.message.replaceAll('body', 'file')}`]))
    } else {
      const code = (error as NodeJS.ErrnoException).code
      const hint = path.startsWith('{')
        ? 'it is the path of a file, not its text'
        : 'check the path and who may read it'
      faults.push(`COATCHECK_CONFIG: the file cannot be read (${code}): ${hint}.`)
    }
    return undefined
  }
}

/** The namespaces of a file, without the faulty ones. Adds the faults of the file. */
export const readNamespaceEntries = (path: string, faults: string[]): ReadonlyMap<string, NamespaceEntry> => {
  const value = parse(path, faults)
  if (value === undefined) return new Map()
  const ajv = new Ajv2020({ allErrors: true, verbose: true, ownProperties: true, logger: false })
  const validate = ajv.compile<Static<typeof ConfigFileSchema>>(ConfigFileSchema)
  if (validate(value)) return new Map(Object.entries(value.namespaces ?? {}))
  const errors = validate.errors ?? []
  faults.push(...new Set(errors.map(lineOf)))
  const faulty = new Set(errors.map(({ instancePath }) => tokensOf(instancePath)[1]))
  const { namespaces } = value as { namespaces?: Record<string, NamespaceEntry> }
  const named = Object.entries(typeof namespaces === 'object' ? (namespaces ?? {}) : {})
  return new Map(named.filter(([name]) => new RegExp(NAME).test(name) && !faulty.has(name)))
}

/** Every member that the file may have, for the documentation: its place, its values, its meaning. */
export const fileMembers = (): { place: string; takes: string; meaning: string }[] => {
  const below = (node: Node, place: string): { place: string; takes: string; meaning: string }[] => {
    const named = Object.entries(node.properties ?? {}).map(([name, one]) => [
      place === '' ? name : `${place}.${name}`,
      one,
    ])
    const patterned = Object.values(node.patternProperties ?? {}).map((one) => [`${place}.<name>`, one])
    return ([...named, ...patterned] as [string, Node][]).flatMap(([path, one]) => [
      { place: path, takes: words(one), meaning: one.description ?? '' },
      ...below(one.items?.properties ? one.items : one, one.items?.properties ? `${path}[]` : path),
    ])
  }
  return below(ConfigFileSchema as Node, '')
}
