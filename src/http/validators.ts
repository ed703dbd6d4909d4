/**
 * Checks what calls bring against the schemas of their routes. A check is compiled when a call first needs it, and not at the start:
 * the compiler and 40 routes would take a fifth of the time from nothing to the first answer. `test/http/input.test.ts` needs all.
 */
import { createRequire } from 'node:module'
import type { Ajv, ErrorObject, Options } from 'ajv'
import type { FastifyServerOptions } from 'fastify'

/** As Fastify takes it: the faults of its last call lie beside it. */
type Check = { (value: unknown): boolean; errors?: ErrorObject[] | null }

const OPTIONS: Options = { coerceTypes: false, removeAdditional: false, allErrors: false, useDefaults: true }

const UNKNOWN = {
  instancePath: '',
  schemaPath: '#/additionalProperties',
  keyword: 'additionalProperties',
  message: 'must NOT have additional properties',
}

const require = createRequire(import.meta.url)

const load = (schemas: Readonly<Record<string, unknown>>): Ajv => {
  const { Ajv } = require('ajv') as typeof import('ajv')
  const formats = require('ajv-formats') as typeof import('ajv-formats')
  const ajv = new Ajv(OPTIONS)
  formats.default(ajv)
  for (const schema of Object.values(schemas)) ajv.addSchema(schema as object)
  return ajv
}

/** Loads the compiler ahead of the first call that needs it, which otherwise waits some 100 ms for it. */
export const loadCompiler = (): void => {
  require('ajv')
  require('ajv-formats')
}

type Schema = { readonly properties?: object; readonly additionalProperties?: unknown }

const takesNothing = ({ properties, additionalProperties }: Schema): boolean =>
  additionalProperties === false && Object.keys(properties ?? {}).length === 0

/** Most routes take no query. Whether there is one is said without a compiler, also to whoever asks if the process is alive. */
const checkNothing = (): Check => {
  const check: Check = (value) => {
    const [name] = Object.keys(value as object)
    check.errors = name === undefined ? null : [{ ...UNKNOWN, params: { additionalProperty: name } }]
    return name === undefined
  }
  return check
}

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

/** Header names in the schemas are in lower case. */
const compileLater = (schemas: Readonly<Record<string, unknown>>) => {
  let ajv: Ajv | undefined
  return ({ schema, httpPart }: { readonly schema: unknown; readonly httpPart?: string }): Check => {
    if (httpPart === 'querystring' && takesNothing(schema as Schema)) return checkNothing()
    let compiled: Check | undefined
    const check: Check = (value) => {
      if (!compiled) {
        ajv ??= load(schemas)
        compiled = ajv.compile(schema as object) as Check
      }
      const fits = compiled(value)
      check.errors = compiled.errors ?? null
      return fits
    }
    return check
  }
}

/** Fastify's type speaks of a particular compiler; it calls no more of it than this. */
export const buildValidator = compileLater as unknown as NonNullable<Compilers['buildValidator']>
