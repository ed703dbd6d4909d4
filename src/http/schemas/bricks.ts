/** What many schemas are made of. */
import { Type } from 'typebox'
import { ID_PATTERN } from '../patterns.ts'

export const EXAMPLE_ID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

/** One of a few words, as a plain `enum`. */
export const oneOf = <const Words extends readonly string[]>(words: Words, options: object = {}) =>
  Type.Unsafe<Words[number]>({ type: 'string', enum: [...words], ...options })

export const Id = Type.String({
  pattern: ID_PATTERN,
  description: "A session's UUID, of any version and in either case; answers have it in lower case.",
  examples: [EXAMPLE_ID],
})

export const Key = Type.String({
  minLength: 1,
  description: 'A key of the settings, percent-encoded where it holds `/` or the like.',
  examples: ['theme'],
})
