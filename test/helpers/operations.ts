/** The calls that the API's own description lists, so that a new one is tested by being there. */
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import Schema from 'typebox/schema'
import { ERRORS, type ErrorCode } from '../../src/errors.ts'
import type { Answer, Api, Call } from './app.ts'

type MediaType = { readonly schema: object }

type Described = {
  readonly operationId: string
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly security?: readonly Record<string, readonly string[]>[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Record<string, MediaType> }
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, MediaType> }>
}

type Document = {
  readonly paths: Record<string, Record<string, Described>>
  readonly components: object
}

export type Operation = Described & {
  readonly method: string
  readonly template: string
  readonly components: object
}

export const PROBLEM = 'application/problem+json'

export const operationsOf = ({ app }: Api): Operation[] => {
  const { paths, components } = app.swagger() as unknown as Document
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      ...described,
      method: method.toUpperCase(),
      template,
      components,
    })),
  )
}

export const nameOf = ({ method, template }: Operation): string => `${method} ${template}`

/** The path of an operation, of a session that nobody has used yet unless another is given. */
export const pathOf = ({ template }: Operation, id: string = randomUUID(), key = 'theme', kid = 'unknown'): string =>
  template.replace('{id}', id).replace('{key}', key).replace('{kid}', kid).replace('{subject}', 'user-42')

export const needsKey = ({ security }: Operation): boolean => security?.length !== 0

/** Whether a call can be made with an API key, too. */
export const takesKey = ({ security }: Operation): boolean => security?.some((one) => 'apiKey' in one) !== false

/** What an operation takes, so that it can be refused for one thing alone. */
const BODIES: Record<string, unknown> = {
  createSession: {},
  readSessions: { ids: [] },
  replaceSettings: {},
  patchSettings: {},
  putKey: 1,
  touchSession: {},
  takeKey: {},
  incrementKey: {},
  takeKeyByName: { key: 'theme' },
  incrementKeyByName: { key: 'theme' },
  mintToken: { scope: 'renew', keys: { read: ['*'], write: ['*'] } },
  redeemHandoff: { code: `00${'A'.repeat(32)}`, sessionId: randomUUID() },
}

export const FORM = 'application/x-www-form-urlencoded'

/** Whether a call takes a form, as OAuth has it, and no JSON. */
export const takesForm = ({ requestBody }: Operation): boolean => requestBody?.content[FORM] !== undefined

export const callOf = (operation: Operation): Call => {
  if (takesForm(operation)) return { text: 'token=x', type: FORM }
  return operation.requestBody === undefined ? {} : { body: BODIES[operation.operationId] ?? {} }
}

/** The codes that the description says an answer of this status may have. */
const codesOf = ({ responses }: Operation, status: number): string[] =>
  [...(responses[status]?.description ?? '').matchAll(/`(\w+)`:/g)].map(([, code]) => String(code))

/** That an answer is a problem of the closed list, in full, and one that the description foresees. */
export const isProblem = (t: Test, operation: Operation | undefined, answer: Answer, code: ErrorCode, what: string) => {
  const { status, title } = ERRORS[code]
  t.hasStrict(
    { status: answer.status, type: answer.headers['content-type']?.split(';')[0], json: answer.json },
    { status, type: PROBLEM, json: { status, code, title, type: `urn:coatcheck:problem:${code}` } },
    what,
  )
  if (operation) t.ok(codesOf(operation, status).includes(code), `${nameOf(operation)} documents ${code}`)
}

/** That an answer that was none of refusal is as the description says. */
export const isAsDescribed = (t: Test, operation: Operation, answer: Answer): void => {
  const described = operation.responses[answer.status]
  t.ok(described, `${nameOf(operation)} documents ${answer.status}`)
  const [type = ''] = (answer.headers['content-type'] ?? '').split(';')
  if (described?.content === undefined) {
    t.strictSame([answer.text, type], ['', ''], 'which has no body')
    return
  }
  // What began something is shown only to whoever asks, which OpenAPI has no words for.
  if (answer.status === 201 && answer.text === '') return
  // A stream is looked at elsewhere, event by event.
  if (type === 'text/event-stream' && described.content[type]) return
  // So is a backup.
  if (type === 'application/octet-stream' && described.content[type]) return
  const { schema } = described.content[type] ?? {}
  if (schema === undefined) {
    t.fail(`${nameOf(operation)} answered ${type}`)
    return
  }
  const [, errors] = Schema.Compile({ components: operation.components, allOf: [schema] }).Errors(answer.json)
  t.strictSame(
    errors.map(({ instancePath, message }) => `${instancePath} ${message}`),
    [],
    `${nameOf(operation)} answers what it documents`,
  )
}
