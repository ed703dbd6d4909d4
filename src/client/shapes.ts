/** The shapes of requests and answers, from the OpenAPI document, by the names that the client gives them. */
import type { components, operations } from './api.ts'

type Body<Name extends keyof operations> = operations[Name] extends {
  requestBody?: { content: { 'application/json': infer Shape } }
}
  ? Shape
  : never

type Answer<Name extends keyof operations, Status extends number> = operations[Name] extends {
  responses: { [Key in Status]: { content: { 'application/json': infer Shape } } }
}
  ? Shape
  : never

/** A session with its clocks. Times are RFC 3339, durations seconds. */
export type SessionView<Settings = Record<string, unknown>> = Omit<components['schemas']['Session'], 'settings'> & {
  readonly settings: Partial<Settings>
}

export type TokenRequest = NonNullable<Body<'mintToken'>>
export type Token = Answer<'mintToken', 201>
export type HandoffRequest = NonNullable<Body<'makeHandoff'>>
export type Handoff = Answer<'makeHandoff', 201>
export type RedeemRequest = NonNullable<Body<'redeemHandoff'>>
export type RotateRequest = NonNullable<Body<'rotateSession'>>
export type CreateRequest = NonNullable<Body<'createSession'>>
export type Batch = Answer<'readSessions', 200>
export type SessionPage = Answer<'listSessions', 200>
