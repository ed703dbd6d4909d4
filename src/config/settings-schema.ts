/**
 * Compiles the JSON Schema of a namespace's settings (draft 2020-12) to a check of single values. A writer writes single
 * keys, so the schema describes single keys. Rules about several keys, such as `required`, are refused. The text of a fault
 * comes from the schema alone, never from the value that was sent.
 */
import { createRequire } from 'node:module'
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { pointerTo, tokensOf } from '../domain/json/pointer-fault.ts'
import type { ValueCheck } from '../domain/policy.ts'
import type { Fault } from '../errors.ts'

/** The keywords that a schema of settings may have at its top level. */
const TOP: readonly string[] = ['properties', 'patternProperties', 'additionalProperties', '$defs']

const MAX_DETAIL = 256

/** The demand of a schema, in words. */
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

const require = createRequire(import.meta.url)

/** Only who has such a schema waits for the compiler to be loaded. */
const newAjv = (): Ajv2020 => {
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const formats = require('ajv-formats') as typeof import('ajv-formats')
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTuples: false,
    allowUnionTypes: true,
    // Otherwise a key such as `toString` would seem to exist, because every object inherits such a member.
    ownProperties: true,
    logger: false,
  })
  formats.default(ajv)
  return ajv
}

export type CompiledSchema = { readonly check: ValueCheck } | { readonly faults: readonly Fault[] }

/** A fault in the schema itself. */
const faulty = (pointer: string, detail: string): CompiledSchema => ({ faults: [{ pointer, detail }] })

/** Compiles a schema to a check, or returns the faults of the schema. A `$ref` may only point into the schema itself. */
export const compileSettingsSchema = (schema: Readonly<Record<string, unknown>>): CompiledSchema => {
  const others = Object.keys(schema).filter((name) => !TOP.includes(name))
  if (others.length > 0) {
    const detail = `cannot be said of all settings at once, for writers write single keys: it takes ${TOP.join(', ')}`
    return { faults: others.map((name) => ({ pointer: pointerTo([name]), detail })) }
  }
  const ajv = newAjv()
  // Each key is checked alone, in an object that holds nothing else.
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
