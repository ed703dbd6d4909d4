/** Whom a route is for: what its description says, and who is refused. */
import t from 'tap'
import type { Caller } from '../../src/domain/credentials/caller.ts'
import { ALL_KEYS } from '../../src/domain/credentials/key-rule.ts'
import type { Permission } from '../../src/domain/credentials/permission.ts'
import type { Scope } from '../../src/domain/credentials/scope.ts'
import { type Access, accessRefusal, securityOf } from '../../src/http/access.ts'

const service = (...may: Permission[]): Caller => ({
  kind: 'api-key',
  namespace: 'shop',
  credentialId: 'k',
  may,
  keys: ALL_KEYS,
})

const holder = (via: 'token' | 'cookie', ...may: Scope[]): Caller => ({
  ...{ kind: 'session', via, namespace: 'shop', credentialId: 'c', sessionId: 's', life: 'l', gen: 'g' },
  ...{ may, keys: ALL_KEYS, expiresAt: 1, renewUntil: null },
})

const refusal = (caller: Caller, access: Access) => {
  const error = accessRefusal(caller, access)
  return error && `${error.code}: ${error.message}`
}

const BROWSERS = /^insufficient_scope: .* it needs a session token, not an API key/
const SERVICES = /^insufficient_scope: .* it needs an API key/

t.test('a route for anybody has no requirement', async (t) => {
  t.same(securityOf('anybody'), [])
  t.equal(refusal(service(), 'anybody'), undefined)
})

t.test('a route for any API key takes each, and no token or cookie', async (t) => {
  t.same(securityOf('api-key'), [{ apiKey: [] }])
  t.equal(refusal(service(), 'api-key'), undefined)
  t.match(refusal(holder('token', 'read'), 'api-key'), SERVICES)
  t.match(refusal(holder('cookie', 'read'), 'api-key'), SERVICES)
})

t.test('a route for one permission takes API keys that have it', async (t) => {
  t.same(securityOf('rotate'), [{ apiKey: ['rotate'] }])
  t.equal(refusal(service('read', 'rotate'), 'rotate'), undefined)
  t.match(refusal(service('read'), 'rotate'), /^insufficient_scope: This API key .* lacks rotate\.$/)
  t.match(refusal(holder('token', 'read'), 'read'), SERVICES)
})

t.test('a route for several permissions asks for all, and names those that are lacking', async (t) => {
  const access = { permissions: ['create', 'rotate', 'subjects'] } as const
  t.same(securityOf(access), [{ apiKey: ['create', 'rotate', 'subjects'] }])
  t.equal(refusal(service('subjects', 'rotate', 'create'), access), undefined)
  t.match(refusal(service('rotate'), access), /^insufficient_scope: This API key .* lacks create and subjects\.$/)
  t.match(refusal(holder('token', 'read'), access), SERVICES)
})

t.test('a route for scopes takes tokens, cookies and API keys that have all of them', async (t) => {
  const access = ['read', 'events'] as const
  t.same(securityOf(access), [
    { apiKey: ['read', 'events'] },
    { sessionToken: ['read', 'events'] },
    { sessionCookie: ['read', 'events'] },
  ])
  for (const caller of [
    service('read', 'events'),
    holder('token', 'events', 'read'),
    holder('cookie', 'read', 'events'),
  ])
    t.equal(refusal(caller, access), undefined)
  t.match(refusal(service('read'), access), /^insufficient_scope: This API key .* lacks events\.$/)
  t.match(refusal(holder('token', 'read'), access), /^insufficient_scope: The token lacks the scope events\.$/)
  t.match(refusal(holder('cookie', 'take'), access), /^insufficient_scope: The cookie lacks the scope read events\.$/)
})

t.test('an API key that may mint tokens may do what a token does to renew itself', async (t) => {
  for (const scope of ['renew', 'cookie'] as const) {
    t.same(securityOf([scope]), [{ apiKey: ['tokens'] }, { sessionToken: [scope] }, { sessionCookie: [scope] }])
    t.equal(refusal(service('tokens'), [scope]), undefined)
    t.match(refusal(service('read'), [scope]), /lacks tokens/)
  }
})

t.test('a route for tokens alone takes no cookie and no API key', async (t) => {
  const access = { scopes: ['cookie'], via: ['token'] } as const
  t.same(securityOf(access), [{ sessionToken: ['cookie'] }])
  t.equal(refusal(holder('token', 'cookie'), access), undefined)
  t.match(refusal(holder('token', 'read'), access), /^insufficient_scope: The token lacks the scope cookie\.$/)
  t.match(refusal(holder('cookie', 'cookie'), access), /^insufficient_scope: This call takes no cookie/)
  t.match(refusal(service('tokens'), access), BROWSERS)
})
