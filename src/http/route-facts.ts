/** What a route says of itself, in the form in which it is asked what the route can answer. */
import type { RouteOptions } from 'fastify'
import { type Access, securityOf } from './access.ts'
import { changesSomething } from './origins.ts'
import { JSON_TYPE } from './plugins/json-body.ts'
import { TokenBody } from './token-body.ts'

export type RouteFacts = {
  readonly method: string
  /** Whether it needs a credential of any kind. */
  readonly needsCredential: boolean
  /** Whether a session token or a cookie will do. */
  readonly takesSessions: boolean
  /** Whether it is more than a look; only such a call has a body. */
  readonly changesSomething: boolean
  readonly mediaTypes: readonly string[]
  /** Whether the body may be left out. */
  readonly isBodyOptional: boolean
  /** The names of its parameters in the path, its headers in lower case, and the members of its body. */
  readonly params: ReadonlySet<string>
  readonly headers: ReadonlySet<string>
  readonly members: ReadonlySet<string>
  /** Whether it asks for a session token, alone or along with something else. */
  readonly asksForToken: boolean
  /** Whether it writes settings. */
  readonly writesSettings: boolean
}

const namesIn = (schema: unknown): ReadonlySet<string> =>
  new Set(Object.keys((schema as { properties?: object } | undefined)?.properties ?? {}))

export const factsOf = ({
  method,
  schema,
  config = {},
}: Pick<RouteOptions, 'method' | 'schema' | 'config'>): RouteFacts => {
  const [name = ''] = [method].flat()
  const access: Access = config.access ?? 'api-key'
  const members = namesIn(schema?.body)
  return {
    method: name,
    needsCredential: access !== 'anybody',
    takesSessions: securityOf(access).some((one) => !('apiKey' in one)),
    changesSomething: changesSomething({ method: name }),
    mediaTypes: config.mediaTypes ?? [JSON_TYPE],
    isBodyOptional: config.emptyBodyIsObject === true,
    params: namesIn(schema?.params),
    headers: namesIn(schema?.headers),
    members,
    asksForToken: schema?.body === TokenBody || members.has('token'),
    writesSettings: config.writesSettings === true,
  }
}
