/** Values that a JSON Schema takes, and values that it almost takes; for the part of the language that the description uses. */
import fc from 'fast-check'

export type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
}

/** Names of settings that the calls use, so that they meet. */
export const KEYS_IN_USE = ['theme', 'role', 'n', 'list', 'cart', 'ü/ä~b']

/** Names that are refused, or too long. */
const REFUSED_KEYS = ['__proto__', 'constructor', '', 'k'.repeat(129), 'ü'.repeat(65)]

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KEYS_IN_USE) },
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.constantFrom(...REFUSED_KEYS) },
)

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
)

/** Any JSON value of a moderate size. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: fc.dictionary(key, scalar, { maxKeys: 5 }) },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
)

export const fromSchema = (schema: Schema, components: Readonly<Record<string, Schema>>): fc.Arbitrary<unknown> => {
  const of = (one: Schema): fc.Arbitrary<unknown> => {
    if (one.$ref !== undefined) return of(components[one.$ref.split('/').at(-1) ?? ''] ?? {})
    if ('const' in one) return fc.constant(one.const)
    if (one.enum) return fc.constantFrom(...one.enum)
    const choices = one.anyOf ?? one.oneOf
    if (choices) return fc.oneof(...choices.map(of))
    if (one.allOf?.[0]) return of(one.allOf[0])
    switch (Array.isArray(one.type) ? one.type[0] : one.type) {
      case 'object': {
        const named = fc.record(
          Object.fromEntries(Object.entries(one.properties ?? {}).map(([name, of_]) => [name, of(of_)])),
          { requiredKeys: [...(one.required ?? [])] },
        )
        if (one.additionalProperties === false) return named
        const others = typeof one.additionalProperties === 'object' ? of(one.additionalProperties) : anyValue
        return fc
          .tuple(fc.dictionary(key, others, { maxKeys: 4 }), named)
          .map(([more, known]) => ({ ...more, ...(known as object) }))
      }
      case 'array':
        return fc.array(one.items ? of(one.items) : anyValue, { maxLength: 4 })
      case 'string': {
        if (one.pattern !== undefined) return fc.stringMatching(new RegExp(one.pattern))
        const { minLength = 0, maxLength = 40 } = one
        return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 40) })
      }
      case 'integer':
        return fc.oneof(
          fc.constantFrom(one.minimum ?? 0, one.maximum ?? 1000),
          fc.integer({ min: one.minimum ?? -1000, max: Math.min(one.maximum ?? 1000, 2 ** 31 - 1) }),
        )
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true })
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      default:
        return anyValue
    }
  }
  return of(schema)
}
