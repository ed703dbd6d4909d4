/**
 * The file that `COATCHECK_CONFIG` names: what it may hold, as one schema, from which come the types, the checks and the
 * table in docs/configuration.md. A fault is a line with the place in the file and what is asked for there; what stands
 * there is never quoted, for it may be secret.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { type Static, type TSchema, Type } from 'typebox'
import { DEFAULT_PERMISSIONS, PERMISSIONS, type Permission } from '../domain/credentials/permission.ts'
import { readJson } from '../domain/json/read-json.ts'
import { CoatcheckError } from '../errors.ts'
import { ConfigSchema } from './environment.ts'
import { tokensOf } from './settings-schema.ts'

const NAME = '^[a-z0-9-]{1,32}$'
const SHA256 = '^[0-9a-f]{64}$'

/** What patterns ask for, in words. */
const PATTERNS: Readonly<Record<string, string>> = {
  [NAME]: '1 to 32 of a-z, 0-9 and -',
  [SHA256]: '64 hex digits in lower case, as `coatcheck key new` prints them (never the key itself)',
}

const { properties: settings } = ConfigSchema

/** A number as the environment's setting of this name has it, which also counts if it is left out here. */
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

/** An object whose members are all known. */
const members = <Properties extends Record<string, TSchema>>(properties: Properties, description: string) =>
  Type.Object(properties, { additionalProperties: false, description })

const rule = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 64, description }))

const Browser = members(
  {
    keys: members(
      {
        read: rule(
          'Names of keys that browsers may see; `prefix*` stands for all that begin so, `*` for all. None if left out.',
        ),
        write: rule('The same for keys that they may change.'),
      },
      'Which keys of the settings.',
    ),
    origins: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 512 }), {
        description:
          'The origins of pages that may call, such as `https://shop.example`: `https`, or `http` on loopback, without a path. None if left out: then only pages of the same origin may.',
      }),
    ),
  },
  'What browsers may do at most. Without it no cookie is given, and a token is minted only with `keys` of its own.',
)

const ApiKey = members(
  {
    name: Type.String({ pattern: NAME, description: 'Which service holds the key; for whoever reads the file.' }),
    sha256: Type.String({ pattern: SHA256, description: 'The SHA-256 of the key, as `coatcheck key new` prints it.' }),
    may: Type.Optional(
      Type.Array(Type.Unsafe<Permission>({ type: 'string', enum: [...PERMISSIONS] }), {
        minItems: 1,
        description: `What the key may do, of the permissions below. All but ${PERMISSIONS.filter((one) => !DEFAULT_PERMISSIONS.includes(one)).join(', ')} if left out.`,
      }),
    ),
  },
  'A named API key, beside those of `COATCHECK_API_KEYS`.',
)

const Namespace = members(
  {
    idleTimeoutSeconds: number('IDLE_TIMEOUT_SECONDS', 'Idle timeout of a new session.'),
    lifetimeSeconds: number('LIFETIME_SECONDS', 'Absolute lifetime of a new session.'),
    tombstoneSeconds: number('TOMBSTONE_SECONDS', 'How long an ended id stays gone.'),
    bound: Type.Optional(
      members(
        {
          idleTimeoutSeconds: number('IDLE_TIMEOUT_SECONDS', 'Idle timeout.', "The namespace's own"),
          lifetimeSeconds: number('LIFETIME_SECONDS', 'Absolute lifetime.', "The namespace's own"),
        },
        'The clocks of sessions that begin bound to a subject.',
      ),
    ),
    limits: Type.Optional(
      members(
        {
          settingsBytes: number('MAX_SETTINGS_BYTES', 'The text of all keys and values of a session, in bytes.'),
          keys: number('MAX_KEYS', 'Keys of a session.'),
          keyBytes: number('MAX_KEY_BYTES', 'Bytes of one key.'),
          depth: number('MAX_DEPTH', 'How deep objects and arrays may stand, the settings object itself counted.'),
          batch: number('MAX_BATCH', 'Ids in one batch.'),
          subjectBytes: number('MAX_SUBJECT_BYTES', 'Bytes of a subject.'),
        },
        'What a session may hold.',
      ),
    ),
    browser: Type.Optional(Browser),
    settings: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description: 'A JSON Schema that every value is held to.',
      }),
    ),
    apiKeys: Type.Optional(Type.Array(ApiKey, { description: 'Named API keys.' })),
  },
  'One namespace, by its name.',
)

export type NamespaceEntry = Static<typeof Namespace>

export const ConfigFileSchema = members(
  {
    namespaces: Type.Optional(
      Type.Unsafe<Readonly<Record<string, NamespaceEntry>>>({
        type: 'object',
        patternProperties: { [NAME]: Namespace },
        additionalProperties: false,
        description: 'The namespaces that differ from the rest.',
      }),
    ),
  },
  'The file.',
)

/** As much of a schema as words are made of. */
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

/** What a schema takes, in words that follow on `must be`. */
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

/** A name of the file as it may be shown: what is no name of ours may be a key that got to the wrong place. */
const shown = (token: string): string => (/^[\w$-]{1,32}$/.test(token) ? token : '…')

/** A place in the file, as faults name it. */
export const placeOf = (tokens: readonly string[]): string => tokens.map(shown).join('.')

/** A line that says what is wrong at a place in the file. */
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

/** The value in a file; adds a fault if there is none that can be taken. */
const parse = (path: string, faults: string[]): unknown => {
  try {
    return readJson(readFileSync(path)).value
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

/** The namespaces of a file. What is wrong with it is added to the faults; a namespace with a fault is left out. */
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

/** Every member that the file may have, for the documentation: where it stands, what it takes, what it means. */
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
