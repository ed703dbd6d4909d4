/** Calls from the description alone: right ones, ones that are almost right, and wild ones. */
import fc from 'fast-check'
import type { Operation } from '../helpers/operations.ts'
import { anyValue, fromSchema, KEYS_IN_USE, type Schema } from './from-schema.ts'

export const CREDENTIALS = ['apiKey', 'writer', 'token', 'cookie', 'none', 'wrong'] as const
export type CredentialName = (typeof CREDENTIALS)[number]

export type FuzzCall = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly credential: CredentialName
}

type Parameter = { readonly in: string; readonly name: string; readonly schema: Schema; readonly required?: boolean }

/** What settings hold that narrow credentials may not read, and no log. */
export const CANARY = 'CANARY-4f1d0c9d2b71'

const TYPES = ['application/json', 'application/merge-patch+json', 'application/json-patch+json', 'text/plain', '']

/** Of a header: visible ASCII, as clients can send it. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
  maxLength: 40,
})

const wildSegment = fc.oneof(
  fc.constantFrom('', '.', '..', '%', '%zz', '%2F', '%00', '%ff', 'current', '*', `${'x'.repeat(300)}`),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => encodeURIComponent(text)),
)

/** One thing is wrong: cut, doubled, or another character at some place. */
const spoilt = (text: string, where: number, how: string): string => {
  const at = Math.floor(where * text.length)
  if (how === 'cut') return text.slice(0, at)
  return how === 'double' ? text + text.slice(at) : text.slice(0, at) + how + text.slice(at + 1)
}

type Spoil = (call: FuzzCall) => FuzzCall

const withHeader =
  (name: string, value: string): Spoil =>
  (call) => ({ ...call, headers: { ...call.headers, [name]: value } })

/** What makes another part of a right call another. */
const spoils: fc.Arbitrary<Spoil> = fc.oneof(
  fc
    .tuple(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom('cut', 'double', '"', '{', ']', '\\', '\u0000', ' '),
    )
    .map(
      ([where, how]): Spoil =>
        (call) =>
          call.body === undefined ? call : { ...call, body: spoilt(call.body, where, how) },
    ),
  fc.constantFrom(...TYPES).map((type) => withHeader('content-type', type)),
  fc
    .tuple(fc.constantFrom('if-match', 'if-none-match', 'idempotency-key', 'prefer', 'last-event-id'), headerText)
    .map(([name, value]) => withHeader(name, value)),
  fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS').map(
    (method): Spoil =>
      (call) => ({ ...call, method }),
  ),
  wildSegment.map(
    (text): Spoil =>
      (call) => ({ ...call, path: call.path.replace(/[^/?]*(\?|$)/, `${text}$1`) }),
  ),
  fc.tuple(headerText, headerText).map(([name, value]): Spoil => {
    const member = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
    return (call) => ({ ...call, path: `${call.path}${call.path.includes('?') ? '&' : '?'}${member}` })
  }),
)

const patchPointer = fc
  .tuple(fc.constantFrom(...KEYS_IN_USE), fc.array(fc.constantFrom('0', '1', '-', 'a', '~1', '01'), { maxLength: 2 }))
  .map(([key, rest]) => ['', key.replaceAll('~', '~0').replaceAll('/', '~1'), ...rest].join('/'))

const patchOperation = fc.record(
  {
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path: patchPointer,
    from: patchPointer,
    value: anyValue,
  },
  { requiredKeys: ['op', 'path'] },
)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The text of a right body, and its type. */
const bodyOf = (operation: Operation): fc.Arbitrary<{ type: string; text: string | undefined }> => {
  const content = Object.entries(operation.requestBody?.content ?? {})
  if (content.length === 0) return fc.constant({ type: '', text: undefined })
  const components = (operation.components as { schemas: Record<string, Schema> }).schemas
  return fc.oneof(
    ...content.map(([type, { schema }]) => {
      const values =
        type === 'application/json-patch+json'
          ? fc.array(patchOperation, { maxLength: 6 })
          : fromSchema(schema as Schema, components)
      return values.map((value) => ({
        type,
        text:
          type === 'application/x-www-form-urlencoded'
            ? new URLSearchParams(
                Object.entries(value as object).map(([name, one]): [string, string] => [name, textOf(one)]),
              ).toString()
            : JSON.stringify(value),
      }))
    }),
  )
}

const parametersOf = (operation: Operation, place: string): Parameter[] =>
  ((operation.parameters ?? []) as unknown as Parameter[]).filter((one) => one.in === place)

/** Tags as ours are, hardly ever the present one. */
const TAGS = ['*', '"1-AAAAAAAA"', 'W/"2-AAAAAAAA"', '"1-AAAAAAAA", "2-BBBBBBBB"', '"0"']

const parameterValue = (name: string, schema: Schema): fc.Arbitrary<string> =>
  /^if-(none-)?match$/.test(name) ? fc.constantFrom(...TAGS) : fromSchema(schema, {}).map(textOf)

/** Most calls come from somebody who may do something. */
const credentials: fc.Arbitrary<CredentialName> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('apiKey' as const) },
  { weight: 3, arbitrary: fc.constant('token' as const) },
  { weight: 3, arbitrary: fc.constant('cookie' as const) },
  { weight: 2, arbitrary: fc.constantFrom(...CREDENTIALS) },
)

/** Some of these parameters, each with a value that its schema takes. */
const some = (parameters: readonly Parameter[]): fc.Arbitrary<Record<string, string>> =>
  fc
    .record(Object.fromEntries(parameters.map(({ name, schema }) => [name, parameterValue(name, schema)])), {
      requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name),
    })
    .map((all) => all as Record<string, string>)

/** How many sessions the calls share. In paths they are named by `placeOf`, for others take their place now and then. */
export const SESSIONS = 4

export const placeOf = (n: number): string => `<id ${n}>`

export const callsOf = (operations: readonly Operation[]): fc.Arbitrary<FuzzCall> => {
  const places = Array.from({ length: SESSIONS }, (_, n) => placeOf(n))

  const segment = (name: string): fc.Arbitrary<string> => {
    if (name === 'id') return fc.constantFrom(...places, 'current', ...places.map((place) => place.toUpperCase()))
    if (name === 'key') return fc.constantFrom(...KEYS_IN_USE).map(encodeURIComponent)
    return fc.constantFrom('user-1', 'user-2', '%C3%BC')
  }

  const right = (operation: Operation): fc.Arbitrary<FuzzCall> => {
    const names = [...operation.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))
    return fc
      .record({
        segments: fc.tuple(...names.map(segment)),
        query: some(parametersOf(operation, 'query')),
        headers: some(parametersOf(operation, 'header')),
        body: bodyOf(operation),
        credential: credentials,
        origin: fc.boolean(),
      })
      .map(({ segments, query, headers, body, credential, origin }) => {
        const path = names.reduce((path, name, i) => path.replace(`{${name}}`, segments[i] ?? ''), operation.template)
        const search = new URLSearchParams(Object.entries(query)).toString()
        return {
          method: operation.method,
          path: search === '' ? path : `${path}?${search}`,
          headers: {
            ...Object.fromEntries(Object.entries(headers).filter(([, value]) => /^[\x20-\x7e]*$/.test(value))),
            ...(body.type === '' ? {} : { 'content-type': body.type }),
            ...(origin ? { origin: 'https://page.example' } : {}),
          },
          body: body.text,
          credential,
        }
      })
  }

  const wild = fc.tuple(fc.array(wildSegment, { maxLength: 5 }), anyValue)

  return fc.oneof(
    ...operations.map(right).map((calls) =>
      fc.oneof(
        { weight: 6, arbitrary: calls },
        { weight: 3, arbitrary: fc.tuple(calls, spoils).map(([call, spoil]) => spoil(call)) },
        {
          weight: 1,
          arbitrary: fc.tuple(calls, wild).map(([call, [segments, value]]) => ({
            ...call,
            path: `/v1/${segments.join('/')}`,
            body: JSON.stringify(value),
          })),
        },
      ),
    ),
  )
}
