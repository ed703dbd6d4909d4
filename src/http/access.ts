/** Whom a route is for, what its description says of that, and what to answer everybody else. */
import { lackingRights } from '../domain/credentials/access.ts'
import type { Caller, SessionCaller } from '../domain/credentials/caller.ts'
import type { Permission } from '../domain/credentials/permission.ts'
import type { Scope } from '../domain/credentials/scope.ts'
import { CoatcheckError } from '../errors.ts'

type ForSessions = {
  readonly scopes: readonly Scope[]
  readonly via: readonly SessionCaller['via'][]
}

type ForServices = { readonly permissions: readonly Permission[] }

/**
 * Whom a route is for: anybody; any API key; API keys with this permission, or with all of these; a token or cookie that
 * has all of these scopes, and API keys with the permissions of the same names; or no API key at all.
 */
export type Access = 'anybody' | 'api-key' | Permission | ForServices | readonly Scope[] | ForSessions

const SCHEMES = { token: 'sessionToken', cookie: 'sessionCookie' } as const

/** What a token or cookie needs; undefined where none is taken. */
const forSessions = (access: Access): ForSessions | undefined => {
  if (typeof access === 'string' || 'permissions' in access) return undefined
  return 'scopes' in access ? access : { scopes: access, via: ['token', 'cookie'] }
}

/** Who may renew its own token may as a service mint any. */
const permissionOf = (scope: Scope): Permission => (scope === 'renew' || scope === 'cookie' ? 'tokens' : scope)

/** What an API key needs; undefined where none is taken. */
const permissionsFor = (access: Access): readonly Permission[] | undefined => {
  if (access === 'anybody' || access === 'api-key') return []
  if (typeof access === 'string') return [access]
  if ('permissions' in access) return access.permissions
  return 'scopes' in access ? undefined : access.map(permissionOf)
}

/** The security requirements of a route, as OpenAPI 3.1 has them: permissions of API keys, scopes of tokens and cookies. */
export const securityOf = (access: Access): Record<string, readonly string[]>[] => {
  if (access === 'anybody') return []
  const [permissions, sessions] = [permissionsFor(access), forSessions(access)]
  return [
    ...(permissions ? [{ apiKey: permissions }] : []),
    ...(sessions?.via.map((via) => ({ [SCHEMES[via]]: sessions.scopes })) ?? []),
  ]
}

const refused = (detail: string): CoatcheckError => new CoatcheckError('insufficient_scope', detail)

/** The error for a caller whom the route is not for. */
export const accessRefusal = (caller: Caller, access: Access): CoatcheckError | undefined => {
  if (caller.kind === 'api-key') {
    const permissions = permissionsFor(access)
    if (!permissions) return refused('This call is for browsers: it needs a session token, not an API key.')
    const lacking = lackingRights(caller, permissions)
    return lacking.length === 0
      ? undefined
      : refused(`This API key may not do that: it lacks ${lacking.join(' and ')}.`)
  }
  const sessions = forSessions(access)
  if (!sessions) return refused('This call is for services: it needs an API key.')
  if (!sessions.via.includes(caller.via)) return refused('This call takes no cookie: send a session token.')
  const lacking = lackingRights(caller, sessions.scopes)
  return lacking.length === 0 ? undefined : refused(`The ${caller.via} lacks the scope ${lacking.join(' ')}.`)
}
