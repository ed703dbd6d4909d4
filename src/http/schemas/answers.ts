/** What calls answer: each status with its body, its headers and its errors. */
import { type TSchema, Type } from 'typebox'
import { CoatcheckError, ERRORS, type ErrorCode } from '../../errors.ts'
import { JSON_TYPE } from '../plugins/json-body.ts'
import { PROBLEM_TYPE, problemHeaders, problemOf } from '../plugins/problems.ts'
import type { RouteFacts } from '../route-facts.ts'

const ref = (id: string) => Type.Unsafe({ $ref: `${id}#` })

const ETAG_HEADER = {
  ETag: { type: 'string', required: true, description: 'The ETag after this call, in double quotes.' },
}

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

/** What each of the codes looks like when it is answered. */
const examplesOf = (codes: readonly ErrorCode[]) =>
  Object.fromEntries(
    codes.map((code) => [code, { summary: ERRORS[code].title, value: problemOf(new CoatcheckError(code)) }]),
  )

/** One answer that stands for these errors, which share a status. */
export const problemAnswer = (codes: readonly ErrorCode[], headers: object, schema: object = ref('Problem')) => ({
  description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join('\n\n'),
  content: { [PROBLEM_TYPE]: { schema, examples: examplesOf(codes) } },
  ...(Object.keys(headers).length === 0 ? {} : { headers }),
})

/** The answers of a route that may be refused with these codes, by status. */
export const problemAnswers = (codes: readonly ErrorCode[], route: RouteFacts): Record<number, object> => {
  const byStatus = new Map<number, ErrorCode[]>()
  // In the order of the closed list, whoever named them first.
  for (const code of (Object.keys(ERRORS) as ErrorCode[]).filter((one) => codes.includes(one))) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [status, problemAnswer(list, problemHeaders(status, list, route.method))]),
  )
}

type Success = { readonly description: string; readonly content?: object; readonly headers?: object }

const preferenceApplied = (required: boolean) => ({
  'Preference-Applied': {
    type: 'string',
    enum: ['return=representation'],
    description: 'The body is there because `Prefer` asked for it.',
    ...(required ? { required } : {}),
  },
})

/** The successes that a route names, and what follows for them from the headers that it takes. */
export const successAnswers = (
  named: Readonly<Record<number, object>>,
  { headers, changesSomething }: RouteFacts,
): Record<number, object> => {
  const answers = { ...named } as Record<number, Success>
  if (headers.has('if-none-match') && !changesSomething)
    answers[304] = noBodyWithEtag('The caller has the present state.')
  if (headers.has('prefer')) {
    for (const [status, answer] of Object.entries(answers)) {
      if (answer.content === undefined) continue
      // Only what began something is answered with this status whether or not the body was asked for.
      const mayBeEmpty = status === '201'
      answers[Number(status)] = {
        ...answer,
        description: mayBeEmpty
          ? `${answer.description} The body is empty unless \`Prefer: return=representation\` is sent.`
          : answer.description,
        headers: { ...answer.headers, ...preferenceApplied(!mayBeEmpty) },
      }
    }
  }
  return answers
}
