/**
 * The JSON Schema of a namespace's settings (draft 2020-12) made into the check of single values that the domain asks for.
 * A writer writes single keys, so the schema speaks of keys, one by one: what concerns several at once, such as
 * `required`, is refused. What a fault says comes from the schema alone, never from the value that was sent.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { pointerTo } from '../domain/json/pointer-fault.ts'
import type { ValueCheck } from '../domain/policy.ts'
import type { Fault } from '../errors.ts'

/** What a schema of settings may say at its top. */
const TOP: readonly string[] = ['properties', 'patternProperties', 'additionalProperties', '$defs']

/** The names on the way that a pointer of JSON Schema's describes. */
export const tokensOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))

const MAX_DETAIL = 256

/** Words for what a schema asks for. */
const detailOf = ({ keyword, params, message }: ErrorObject): string => {
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
    case 'false schema':
      return 'is not known here'
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).map((one) => JSON.stringify(one)).join(', ')}`
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`
    case 'uniqueItems':
      return 'must not hold the same item twice'
    default:
      return message ?? 'does not fit the schema'
  }
}

const faultOf = (error: ErrorObject): Fault => {
  const { additionalProperty, unevaluatedProperty } = error.params as Record<string, string | undefined>
  const member = additionalProperty ?? unevaluatedProperty
  const place = [...tokensOf(error.instancePath), ...(member === undefined ? [] : [member])]
  const detail = detailOf(error)
  return {
    pointer: pointerTo(place),
    detail: detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL - 1)}…` : detail,
  }
}

const newAjv = (): Ajv2020 => {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTuples: false,
    allowUnionTypes: true,
    // A key that is called `toString` is not there only because every object has such a member.
    ownProperties: true,
    logger: false,
  })
  formats.default(ajv)
  return ajv
}

export type CompiledSchema = { readonly check: ValueCheck } | { readonly faults: readonly Fault[] }

/** One more fault in the schema itself, at a place in it. */
const faulty = (pointer: string, detail: string): CompiledSchema => ({ faults: [{ pointer, detail }] })

/** Makes a check of a schema, or says what is wrong with the schema. A `$ref` leads nowhere but into the schema itself. */
export const compileSettingsSchema = (schema: Readonly<Record<string, unknown>>): CompiledSchema => {
  const others = Object.keys(schema).filter((name) => !TOP.includes(name))
  if (others.length > 0) {
    const detail = `cannot be said of all settings at once, for writers write single keys: it takes ${TOP.join(', ')}`
    return { faults: others.map((name) => ({ pointer: pointerTo([name]), detail })) }
  }
  const ajv = newAjv()
  // One key at a time is looked at, in an object of its own.
  const whole = { type: 'object', ...schema }
  let validate: ValidateFunction
  try {
    if (ajv.validateSchema(whole) !== true) {
      return { faults: (ajv.errors ?? []).map(faultOf) }
    }
    validate = ajv.compile(whole)
  } catch (error) {
    return faulty('#', `cannot be used: ${(error as Error).message}`)
  }
  return {
    check: (key, value) => {
      if (validate({ [key]: value })) return []
      const faults = new Map((validate.errors ?? []).map(faultOf).map((one) => [JSON.stringify(one), one]))
      return [...faults.values()]
    },
  }
}
