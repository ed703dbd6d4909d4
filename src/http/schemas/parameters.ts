/** What calls take in their path, their query and their headers. */
import { type TSchema, Type } from 'typebox'
import { IDEMPOTENCY_KEY_PATTERN, ORIGIN_PATTERN, PATH_ID_PATTERN } from '../patterns.ts'
import { EXAMPLE_ID, Key, oneOf } from './bricks.ts'

const PathId = Type.String({
  pattern: PATH_ID_PATTERN,
  description: "A session's UUID, or `current`: the session of the token or cookie that is sent.",
  examples: [EXAMPLE_ID],
})

export const SessionParams = Type.Object({ id: PathId })
export const KeyParams = Type.Object({ id: PathId, key: Key })

/** `?touch=false`: look, or write, without that counting as use. */
export const UseQuery = Type.Object(
  {
    touch: Type.Optional(
      oneOf(['true', 'false'], {
        description: '`false`: this call does not count as use of the session, and slides no clock.',
        default: 'true',
      }),
    ),
  },
  { additionalProperties: false },
)

// Optional headers have no examples: the Swagger UI would send them.
const etags = (description: string) => Type.Optional(Type.String({ description }))

export const IfNoneMatch = {
  'if-none-match': etags('ETags that the caller has: 304 if one of them is the present one.'),
}

export const Preconditions = {
  'if-match': etags('Write only if the present ETag is among these; `*`: only if there is something.'),
  'if-none-match': etags('Write only if the present ETag is not among these; `*`: only if there is nothing.'),
}

export const IdempotencyKey = {
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: IDEMPOTENCY_KEY_PATTERN,
      description:
        'Up to 255 visible ASCII characters, drawn for this call. Sent again with the same call within 60 s, it gets the first outcome and nothing is done twice.',
    }),
  ),
}

export const Origin = {
  'coatcheck-origin': Type.Optional(
    Type.String({
      pattern: ORIGIN_PATTERN,
      description:
        'What the writer says of itself, such as the id of a tab: it is told to those who watch, so that the writer can pass over its own echo.',
    }),
  ),
}

export const Prefer = {
  prefer: Type.Optional(
    Type.String({
      description: '`return=representation` (RFC 7240): answer what the path names as it is after the write.',
      examples: ['return=representation'],
    }),
  ),
}

/** Request headers; whatever else is sent along is none of the schema's business. */
export const Headers = (...parts: readonly Record<string, TSchema>[]) => Type.Object(Object.assign({}, ...parts))
