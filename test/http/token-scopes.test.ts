/** Which scope each call needs of a token and of a cookie, taken from the OpenAPI document: what it says is what is done. */
import t from 'tap'
import { SCOPES } from '../../src/domain/credentials/scope.ts'
import { ALL, type Credential, FORM, KEY, onEachStore, PAGE } from '../helpers/token-app.ts'

type Operation = { operationId: string; security?: Record<string, string[]>[] }
type Call = {
  method: string
  path: string
  operationId: string
  scopes: readonly string[] | undefined
  /** What a cookie needs, if it is taken. */
  cookieScopes: readonly string[] | undefined
}

/** What to send to a call that takes a body. */
const BODIES: Record<string, unknown> = {
  replaceSettings: {},
  patchSettings: { theme: 'light' },
  putKey: '"light"',
  readSessions: { ids: [] },
  takeKeyByName: { key: 'count' },
  incrementKeyByName: { key: 'count' },
}

const callsOf = (document: { paths: Record<string, Record<string, Operation>> }): Call[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => security !== undefined && security.length > 0)
      .map(([method, { operationId, security }]) => ({
        method: method.toUpperCase(),
        path,
        operationId,
        scopes: security?.find((one) => 'sessionToken' in one)?.sessionToken,
        cookieScopes: security?.find((one) => 'sessionCookie' in one)?.sessionCookie,
      })),
  )

onEachStore(
  t,
  async (t, { service }) => {
    const { app, call, begin, mint, exchange } = service
    const calls = callsOf(app.swagger() as unknown as Parameters<typeof callsOf>[0])

    /** A token with these scopes, and a cookie for it, which has the scope to get it beside them. */
    const holders = async (id: string, scopes: readonly string[]): Promise<[what: string, Credential][]> => {
      const own = scopes.filter((scope) => scope !== 'cookie')
      const cookie = await exchange(await mint(id, { scope: [...own, 'cookie'].join(' ') }))
      return [
        ['a token', await mint(id, { scope: scopes.join(' ') })],
        ['a cookie', cookie],
      ]
    }

    const send = (credential: Credential, { method, path, operationId }: Call) => {
      const url = path.replace('{id}', 'current').replace('{key}', 'count')
      const isForm = /introspect|revoke/.test(path)
      const headers: Record<string, string> = {
        origin: PAGE,
        ...(isForm ? { 'content-type': FORM } : {}),
        ...(operationId === 'replaceSettings' ? { 'if-match': '*' } : {}),
      }
      return call(credential, method, url, isForm ? 'token=x' : BODIES[operationId], headers)
    }

    t.test('the table is that of the contract', async (t) => {
      const forTokens = calls.filter(({ scopes }) => scopes !== undefined)
      t.same(Object.fromEntries(forTokens.map(({ operationId, scopes }) => [operationId, scopes])), {
        getSession: ['read'],
        endSession: ['end'],
        touchSession: ['touch'],
        getSettings: ['read'],
        replaceSettings: ['write'],
        patchSettings: ['write'],
        getKey: ['read'],
        putKey: ['write'],
        deleteKey: ['write'],
        takeKey: ['take'],
        incrementKey: ['read', 'write'],
        takeKeyByName: ['take'],
        incrementKeyByName: ['read', 'write'],
        mintToken: ['renew'],
        exchangeToken: ['cookie'],
        watchSession: ['events'],
      })
      for (const { operationId, scopes, cookieScopes } of calls) {
        t.same(cookieScopes, operationId === 'exchangeToken' ? undefined : scopes, `${operationId} with a cookie`)
      }
      for (const operationId of ['createSession', 'readSessions', 'revokeTokens', 'introspectToken', 'revokeToken']) {
        t.ok(
          calls.some((one) => one.operationId === operationId && one.scopes === undefined),
          `${operationId} is for API keys`,
        )
      }
    })

    for (const one of calls) {
      const { method, path, scopes } = one
      if (scopes === undefined) {
        t.test(`${method} ${path} is for API keys only`, async (t) => {
          const id = await begin({ count: 1 })
          for (const [what, credential] of await holders(id, SCOPES)) {
            const refused = await send(credential, one)
            t.equal(refused.status, 403, what)
            t.equal(refused.code, 'insufficient_scope', what)
            t.match(String(refused.headers['www-authenticate']), 'error="insufficient_scope"')
          }
          t.equal((await call(KEY, 'GET', `/v1/sessions/${id}`)).status, 200, 'and nothing was done')
        })
        continue
      }
      t.test(`${method} ${path} needs ${scopes.join(' and ')}, and nothing else`, async (t) => {
        const id = await begin({ count: 1 })
        for (const lacking of scopes) {
          const others = SCOPES.filter((scope) => scope !== lacking)
          for (const [what, credential] of await holders(id, others)) {
            // No cookie is without this one: it is what one is given for.
            if (what === 'a cookie' && lacking === 'cookie') continue
            const refused = await send(credential, one)
            t.equal(refused.status, 403, `${what} without ${lacking}`)
            t.equal(refused.code, 'insufficient_scope')
          }
        }
        t.match((await call(KEY, 'GET', `/v1/sessions/${id}/settings`)).json, { count: 1 }, 'and nothing was done')
        for (const [what, credential] of await holders(id, scopes)) {
          const done = await send(credential, one)
          if (what === 'a cookie' && one.cookieScopes === undefined) t.equal(done.code, 'insufficient_scope')
          else t.ok(done.status >= 200 && done.status < 300, `${done.status} for ${what} with exactly these`)
          await call(KEY, 'PATCH', `/v1/sessions/${id}/settings`, { count: 1 })
        }
      })
    }

    t.test('HEAD needs what GET needs', async (t) => {
      const id = await begin({ count: 1 })
      const [writer, reader] = [await mint(id, { scope: 'write' }), await mint(id, { scope: 'read' })]
      for (const path of ['', '/settings', '/settings/count']) {
        t.equal((await call(writer, 'HEAD', `/v1/sessions/current${path}`)).status, 403)
        t.equal((await call(reader, 'HEAD', `/v1/sessions/current${path}`)).status, 200)
      }
    })

    t.test('who may not read is shown nothing after a write, and finds nothing out by one', async (t) => {
      const id = await begin({ role: 'admin' })
      const writer = await mint(id, { scope: 'write' })
      const patched = await call(
        writer,
        'PATCH',
        '/v1/sessions/current/settings',
        { theme: 'dark' },
        { prefer: 'return=representation' },
      )
      t.equal(patched.status, 204)
      t.equal(patched.body, '')
      const tested = await call(
        writer,
        'PATCH',
        '/v1/sessions/current/settings',
        [{ op: 'test', path: '/role', value: 'admin' }],
        { 'content-type': 'application/json-patch+json' },
      )
      t.equal(tested.code, 'insufficient_scope')
      const copied = await call(
        writer,
        'PATCH',
        '/v1/sessions/current/settings',
        [{ op: 'copy', from: '/role', path: '/x' }],
        { 'content-type': 'application/json-patch+json' },
      )
      t.equal(copied.code, 'insufficient_scope')
      const guessed = await call(writer, 'PUT', '/v1/sessions/current/settings/role', '"x"', { 'if-match': '"guess"' })
      t.equal(guessed.code, 'insufficient_scope')
      t.equal(guessed.headers.etag, undefined)
    })
  },
  { browsers: { app: { keys: ALL, origins: [PAGE] } } },
)
