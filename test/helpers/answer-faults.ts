/** What is wrong with an answer by an OpenAPI document: status, media type, headers, body, and the code of a problem. */
import type { OutgoingHttpHeaders } from 'node:http'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

type Media = { readonly schema: object; readonly examples?: object }
type Header = { readonly required?: boolean; readonly $ref?: string }
type Described = { readonly headers?: Record<string, Header>; readonly content?: Record<string, Media> }
type Operation = {
  readonly operationId: string
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly responses: Record<string, Described>
}
type Document = {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly headers?: Record<string, Header> }
  readonly 'x-outside-operations': { readonly responses: Record<string, Described> }
}

export type SeenAnswer = {
  readonly method: string
  /** With its query, as it was sent. */
  readonly path: string
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

/** Headers of the connection, of every answer and of CORS: these are of no operation. */
const COMMON =
  /^(content-(type|length|security-policy)|date|connection|keep-alive|transfer-encoding|cache-control|vary|cross-origin-resource-policy|referrer-policy|x-content-type-options|x-accel-buffering|access-control-.*)$/

/** Only the router answers these, so they say that no operation was found. */
const NO_OPERATION = new Set(['not_found', 'method_not_allowed'])

/** Pages, the document itself and the metrics are no part of the API. */
const UNDESCRIBED = /^\/(docs(\/|$)|(openapi\.json|metrics)$)/

const PROBLEM = 'application/problem+json'

/** Decides which template a path means: one without parameters before one with them. */
const createRouter = ({ paths }: Document) => {
  const templates = Object.keys(paths)
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((template) => ({
      methods: paths[template] as Record<string, Operation>,
      pattern: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]*')}$`, 's'),
    }))
  return (method: string, path: string): Operation | undefined =>
    templates.find(({ pattern, methods }) => pattern.test(path) && methods[method])?.methods[method]
}

const parsed = (text: string): { value?: unknown } => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return {}
  }
}

/** As the router reads it: without the host of a proxy's absolute form; a slash that is encoded stays so. */
const decoded = (url: string): string => {
  const path = url.replace(/^https?:\/\/[^/]*/i, '')
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

export const createFaultsOf = (served: unknown) => {
  const document = served as Document
  const route = createRouter(document)
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv as never)
  /** By the schema's text: a problem is the same in hundreds of places, and to compile it takes longer than most calls. */
  const compiled = new Map<string, ValidateFunction>()

  const bodyFaults = (media: Media, type: string, text: string): string[] => {
    if (!type.endsWith('json')) return []
    const { value } = parsed(text)
    if (value === undefined) return ['its body is no JSON']
    const schema = JSON.stringify(media.schema)
    const validate = compiled.get(schema) ?? ajv.compile({ components: document.components, allOf: [media.schema] })
    compiled.set(schema, validate)
    const faults = validate(value) ? [] : [`its body does not fit: ${ajv.errorsText(validate.errors)}`]
    if (type !== PROBLEM) return faults
    const { code } = value as { code: string }
    return code in (media.examples ?? {}) ? faults : [...faults, `the code ${code} is not described`]
  }

  const headerFaults = ({ headers: described = {} }: Described, sent: OutgoingHttpHeaders): string[] => {
    const whole = ({ $ref, ...own }: Header): Header =>
      document.components.headers?.[$ref?.split('/').at(-1) ?? ''] ?? own
    const known = new Map(Object.entries(described).map(([name, header]) => [name.toLowerCase(), whole(header)]))
    const missing = [...known].filter(([name, { required }]) => required && sent[name] === undefined)
    const unknown = Object.keys(sent).filter((name) => !COMMON.test(name) && !known.has(name))
    return [
      ...missing.map(([name]) => `the header ${name} is missing`),
      ...unknown.map((name) => `the header ${name} is not described`),
    ]
  }

  /** All faults of one answer, in words. */
  return ({ method, path, status, headers, body }: SeenAnswer): string[] => {
    const bare = decoded(path.split('?', 1)[0] ?? '')
    if (UNDESCRIBED.test(bare) || (method === 'OPTIONS' && status === 204)) return []
    const isHead = method === 'HEAD'
    const type = String(headers['content-type'] ?? '').split(';', 1)[0] as string
    const code = type === PROBLEM ? (parsed(body).value as { code?: string } | undefined)?.code : undefined
    const found = NO_OPERATION.has(code ?? '') ? undefined : route(isHead ? 'get' : method.toLowerCase(), bare)
    const described = (found ?? document['x-outside-operations']).responses[status]

    const faults = (): string[] => {
      if (!described) return ['the status is not described']
      const faults = headerFaults(described, headers)
      const takesPrefer = found?.parameters?.some(({ in: place, name }) => place === 'header' && name === 'prefer')
      const isAskedFor = headers['preference-applied'] !== undefined
      // What began something has this status with a body and without.
      const mayBeEmpty = status === 201 && takesPrefer && !isAskedFor
      if (body === '' && type === '' && (!described.content || mayBeEmpty)) return faults
      const media = described.content?.[type]
      if (!media) return [...faults, `the content type "${type}" is not described`]
      if (status < 300 && takesPrefer && !isAskedFor) return [...faults, 'it has a body that nobody asked for']
      return isHead ? faults : [...faults, ...bodyFaults(media, type, body)]
    }
    return faults().map(
      (fault) => `${method} ${bare.slice(0, 100)} (${found?.operationId ?? 'no operation'}) ${status}: ${fault}`,
    )
  }
}

export type FaultsOf = ReturnType<typeof createFaultsOf>
