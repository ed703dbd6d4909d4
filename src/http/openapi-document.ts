/** What the document says beyond what its generator takes from the routes. */
import { ERRORS, type ErrorCode } from '../errors.ts'
import { problemAnswer } from './schemas/answers.ts'

/** The member of the document that lists the answers to calls that are none of its operations. */
const OUTSIDE_OPERATIONS = 'x-outside-operations'

const ALLOW = { Allow: { required: true, description: 'The methods that the path takes.', schema: { type: 'string' } } }

/** As the finished document refers to it. */
const PROBLEM = { $ref: '#/components/schemas/Problem' }

/** Answers that are given before an operation is found, as Response Objects by status. */
const OUTSIDE: readonly (readonly [code: ErrorCode, headers?: object])[] = [
  ['invalid_request'],
  ['not_found'],
  ['method_not_allowed', ALLOW],
  ['request_timeout'],
  ['headers_too_large'],
  ['internal_error'],
]

const outsideOperations = () => ({
  description: 'What is answered where no operation is found: the path is unknown, or the request cannot be read.',
  responses: Object.fromEntries(
    OUTSIDE.map(([code, headers = {}]) => [ERRORS[code].status, problemAnswer([code], headers, PROBLEM)]),
  ),
})

type Header = { required?: boolean; readonly schema?: { required?: unknown } }
type Operation = {
  'x-body-optional'?: boolean
  readonly requestBody?: { required?: boolean }
  readonly responses?: Record<string, { readonly headers?: Record<string, Header> }>
}

/** What is said of a header stands beside its schema, and the generator puts all of it within. */
const placeRequired = (header: Header): void => {
  if (header.schema?.required !== true) return
  delete header.schema.required
  header.required = true
}

/**
 * Puts right what the generator has no words for: bodies that may be left out, headers that are always there, and answers
 * outside all operations.
 */
export const completed = <Document extends { paths?: object }>(document: Document): Document => {
  for (const path of Object.values(document.paths ?? {}) as Record<string, Operation>[]) {
    for (const operation of Object.values(path)) {
      if (operation['x-body-optional'] && operation.requestBody) operation.requestBody.required = false
      delete operation['x-body-optional']
      for (const { headers = {} } of Object.values(operation.responses ?? {}))
        Object.values(headers).forEach(placeRequired)
    }
  }
  return { ...document, [OUTSIDE_OPERATIONS]: outsideOperations() }
}
