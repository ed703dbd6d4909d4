/** What the document says beyond what its generator takes from the routes. */
import { ERRORS, type ErrorCode } from '../errors.ts'
import { API_VERSION, isOfApi } from './plugins/answer-headers.ts'
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

const VERSION_SCHEMA = { type: 'string', const: API_VERSION }

/** Each answer under /v1 has it, so the document says it once and refers to it. */
const VERSION_HEADER = {
  required: true,
  description:
    'The version of the API. An answer without it is not from Coatcheck: a proxy or a maintenance page gave it.',
  schema: VERSION_SCHEMA,
}

const VERSION = { 'Coatcheck-Version': { $ref: '#/components/headers/CoatcheckVersion' } }

const REQUEST_ID_HEADER = {
  required: true,
  description:
    'The name of this call: `X-Request-Id` as it was sent, if it has 1 to 128 of letters, digits and `._:+/=@-`, else a new one. It stands in the log of the service.',
  schema: { type: 'string' },
}

const REQUEST_ID = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } }

const VERSION_OUTSIDE = {
  'Coatcheck-Version': {
    description: 'Where the path begins with `/v1/`, or the request cannot be read.',
    schema: VERSION_SCHEMA,
  },
}

const outsideOperations = () => ({
  description: 'What is answered where no operation is found: the path is unknown, or the request cannot be read.',
  responses: Object.fromEntries(
    OUTSIDE.map(([code, headers = {}]) => [
      ERRORS[code].status,
      problemAnswer([code], { ...headers, ...VERSION_OUTSIDE, ...REQUEST_ID }, PROBLEM),
    ]),
  ),
})

type Header = { readonly $ref?: string; required?: boolean; readonly schema?: { required?: unknown } }
type Operation = {
  'x-body-optional'?: boolean
  readonly requestBody?: { required?: boolean }
  readonly responses?: Record<string, { headers?: Record<string, Header> }>
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
export const completed = <Document extends { paths?: object; components?: object }>(document: Document): Document => {
  for (const [place, path] of Object.entries(document.paths ?? {}) as [string, Record<string, Operation>][]) {
    for (const operation of Object.values(path)) {
      if (operation['x-body-optional'] && operation.requestBody) operation.requestBody.required = false
      delete operation['x-body-optional']
      for (const { headers = {} } of Object.values(operation.responses ?? {}))
        Object.values(headers).forEach(placeRequired)
      const always = isOfApi(place) ? { ...VERSION, ...REQUEST_ID } : REQUEST_ID
      for (const response of Object.values(operation.responses ?? {}))
        response.headers = { ...response.headers, ...always }
    }
  }
  return {
    ...document,
    components: { ...document.components, headers: { CoatcheckVersion: VERSION_HEADER, RequestId: REQUEST_ID_HEADER } },
    [OUTSIDE_OPERATIONS]: outsideOperations(),
  }
}
