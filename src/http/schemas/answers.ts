/** What calls answer: each status with its body, its headers and its errors. */
import { type TSchema, Type } from 'typebox'
import { CoatcheckError, ERRORS, type ErrorCode } from '../../errors.ts'
import { JSON_TYPE } from '../plugins/json-body.ts'
import { PROBLEM_TYPE, problemOf } from '../plugins/problems.ts'

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
