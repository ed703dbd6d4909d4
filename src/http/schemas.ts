/** The bricks that the routes' schemas are made of. What a call takes and answers is written down here and in its route. */
import { type TSchema, Type } from 'typebox'
import { CoatcheckError, ERRORS, type ErrorCode } from '../errors.ts'
import { ID_PATTERN, IDEMPOTENCY_KEY_PATTERN, ORIGIN_PATTERN, PATH_ID_PATTERN } from './patterns.ts'
import { JSON_TYPE } from './plugins/json-body.ts'
import { PROBLEM_TYPE, problemOf } from './plugins/problems.ts'
import { TokenAnswer, TokenBody } from './token-body.ts'

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

export const Settings = Type.Object(
  {},
  {
    additionalProperties: true,
    description: "An app's settings: a JSON object. Each value is kept as the text that was sent.",
    examples: [{ username: 'henrik', theme: 'dark' }],
  },
)

const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-11-21T20:00:00.000Z'] })

const idleTimeout = {
  minimum: 1,
  maximum: 4_000_000_000,
  description: 'How long the session lives unused.',
  examples: [8_640_000],
}
const lifetime = {
  minimum: 1,
  maximum: 4_000_000_000,
  description: 'How long the session lives at most, used or not.',
  examples: [34_560_000],
}

const subject = {
  description: 'The user that the session is bound to. A session token does not see it.',
  examples: ['user-42'],
}

const SessionState = {
  id: Id,
  etag: Type.String({
    description: 'The ETag of the settings, without quotes; `0` while they are unwritten.',
    examples: ['3-Xq2mB0aZ'],
  }),
  revision: Type.Integer({ minimum: 0, description: '+1 with each change of the settings.', examples: [3] }),
  subject: Type.Optional(Type.Union([Type.String(), Type.Null()], subject)),
  createdAt: time('When this life of the session began.'),
  lastSeenAt: time('The latest use that was written down: at most a tenth of the idle timeout, or 60 s, too early.'),
  idleTimeoutSeconds: Type.Integer(idleTimeout),
  lifetimeSeconds: Type.Integer(lifetime),
  expiresAt: time('When the session ends if nobody uses it from now on.'),
}

/** A session without its settings, as `touch` answers it. */
export const SessionClocks = Type.Object(SessionState, {
  $id: 'SessionClocks',
  title: 'A session without its settings',
})

export const Session = Type.Object({ ...SessionState, settings: Settings }, { $id: 'Session', title: 'A session' })

/** The user that a session is bound to, as a call names it. */
export const Subject = Type.String({ minLength: 1, ...subject })

export const ClocksAsked = {
  idleTimeoutSeconds: Type.Optional(Type.Integer(idleTimeout)),
  lifetimeSeconds: Type.Optional(Type.Integer(lifetime)),
}

/** A session that was begun or moved, and the token if one was asked for. */
export const SessionWithToken = Type.Object(
  { ...SessionState, settings: Settings, token: Type.Optional(TokenAnswer) },
  { $id: 'SessionWithToken', title: 'A session, and its token if one was asked for' },
)

export const NewSession = Type.Object(
  {
    id: Type.Optional(Id),
    settings: Type.Optional(Settings),
    subject: Type.Optional(Subject),
    ...ClocksAsked,
    token: Type.Optional(TokenBody),
  },
  { additionalProperties: false, examples: [{ settings: { username: 'henrik' } }] },
)

export const Problem = Type.Object(
  {
    type: Type.String({ examples: ['urn:coatcheck:problem:session_gone'] }),
    title: Type.String({ description: 'The same for every problem of this code.' }),
    status: Type.Integer({ examples: [410] }),
    code: oneOf(Object.keys(ERRORS) as ErrorCode[], {
      description: 'One of a closed list: what a program switches on.',
    }),
    detail: Type.String({ description: 'What to do about this case.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description: 'An RFC 6901 pointer into the body, or `#/path`, `#/query`, `#/headers`.',
          }),
          detail: Type.String(),
        }),
      ),
    ),
    limit: Type.Optional(Type.Integer({ description: 'How much may be.' })),
    reason: Type.Optional(Type.String({ description: 'Why a session is gone.', examples: ['deleted'] })),
    endedAt: Type.Optional(Type.String({ format: 'date-time', description: 'When a session was ended.' })),
    requestId: Type.Optional(Type.String({ description: 'What to look for in the log.' })),
  },
  { $id: 'Problem', title: 'A problem, RFC 9457' },
)

const ref = (id: string) => Type.Unsafe({ $ref: `${id}#` })

const ETAG_HEADER = { ETag: { type: 'string', description: 'The ETag after this call, in double quotes.' } }

/** An answer with a JSON body. */
export const answers = (description: string, schema: TSchema | string, headers?: Record<string, unknown>) => ({
  description,
  content: { [JSON_TYPE]: { schema: typeof schema === 'string' ? ref(schema) : schema } },
  ...(headers === undefined ? {} : { headers }),
})

export const answersWithEtag = (description: string, schema: TSchema | string) =>
  answers(description, schema, ETAG_HEADER)

/** An answer without a body. */
export const noBody = (description: string, headers?: Record<string, unknown>) => ({
  description,
  type: 'null',
  ...(headers === undefined ? {} : { headers }),
})

export const noBodyWithEtag = (description: string) => noBody(description, ETAG_HEADER)

const EVERYWHERE: readonly ErrorCode[] = [
  'invalid_request',
  'credential_required',
  'invalid_credential',
  'insufficient_scope',
  'rate_limited',
  'internal_error',
  'overloaded',
  'store_unavailable',
]

/** What each of the codes looks like when it is answered. */
const examplesOf = (codes: readonly ErrorCode[]) =>
  Object.fromEntries(
    codes.map((code) => [code, { summary: ERRORS[code].title, value: problemOf(new CoatcheckError(code)) }]),
  )

function problemsOf(codes: readonly ErrorCode[]): Record<number, object> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join('\n\n'),
        content: { [PROBLEM_TYPE]: { schema: ref('Problem'), examples: examplesOf(list) } },
      },
    ]),
  )
}

/** The error answers of a call: those that every call may give, and its own. */
export const problems = (...codes: readonly ErrorCode[]): Record<number, object> =>
  problemsOf([...EVERYWHERE, ...codes])

/** The errors of a probe, which needs no credential. */
export const probeProblems = problemsOf(['invalid_request', 'overloaded', 'store_unavailable'])

/** The errors of every call that may have a body, which is every one that changes something. */
export const BODY_ERRORS = [
  'origin_not_allowed',
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
  'name_refused',
  'too_deep',
] as const satisfies readonly ErrorCode[]

export const WRITE_ERRORS = [
  'session_gone',
  'precondition_failed',
  'settings_too_large',
  'too_many_keys',
  'key_length',
  'settings_invalid',
  'idempotency_key_reused',
  'store_full',
] as const satisfies readonly ErrorCode[]
