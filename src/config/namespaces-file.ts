/**
 * The file that `COATCHECK_CONFIG` names. Its types, its checks and the table in docs/configuration.md
 * come from one schema. A fault is a line with the place in the file and the demand there. It never
 * quotes the value, which may be secret.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { ErrorObject } from 'ajv/dist/2020.js'
import type { Static } from 'typebox'
import { tokensOf } from '../domain/json/pointer-fault.ts'
import { readJson } from '../domain/json/read-json.ts'
import { CoatcheckError } from '../errors.ts'
import { ConfigFileSchema, NAME, type NamespaceEntry, PATTERNS } from './namespaces-schema.ts'

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
  // Only who has such a file waits for the compiler of schemas to be loaded.
  const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
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
