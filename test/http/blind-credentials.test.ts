/**
 * Credentials without the right `read`: API keys and tokens alike. Whatever they call, no answer shows a stored value or a
 * subject, and no outcome tells whether a guess at a value is right.
 */
import t from 'tap'
import { hashOf, newApiKey } from '../../src/config/api-keys.ts'
import { compileSettingsSchema } from '../../src/config/settings-schema.ts'
import { PERMISSIONS } from '../../src/domain/credentials/permission.ts'
import { SCOPES } from '../../src/domain/credentials/scope.ts'
import { keyVersion } from '../../src/domain/etag.ts'
import { type Answer, type Api, type Call, idOf, KEYS, newSession, onEachStore, POLICY } from '../helpers/app.ts'
import { callOf, nameOf, operationsOf, pathOf } from '../helpers/operations.ts'

const JSON_PATCH = 'application/json-patch+json'
const BLIND = newApiKey('blind')
const READER = newApiKey('reader')

/** `take` and `events` show values by themselves: that is what their calls are for. */
const SHOWS = ['read', 'take', 'events']
const without = (...left: readonly string[]) => PERMISSIONS.filter((one) => !left.includes(one))

const PLANTED = 'planted-value'
const SUBJECT = 'planted-subject'
const PREFER = { prefer: 'return=representation' }

const apiKey = (key: string, permissions: readonly (typeof PERMISSIONS)[number][]) => ({
  namespace: 'shop',
  hash: Buffer.from(hashOf(key), 'hex'),
  permissions,
})

/** A rule by which one member of a value, where it is there, forbids what another one holds. */
const compiled = compileSettingsSchema({
  properties: {
    inside: { type: 'object', dependentSchemas: { b: { type: 'object', properties: { a: { type: 'string' } } } } },
  },
})
if (!('check' in compiled)) throw new Error('The schema of these tests is at fault.')
const { check } = compiled

const options = {
  policyOf: () => ({ ...POLICY, checkValue: check }),
  apiKeys: [apiKey(KEYS.shop, PERMISSIONS), apiKey(BLIND, without(...SHOWS)), apiKey(READER, PERMISSIONS)],
}

const planted = async ({ call }: Api): Promise<string> => {
  const session = newSession()
  const body = {
    id: idOf(session),
    subject: SUBJECT,
    settings: { role: PLANTED, theme: 'x', visits: 1, inside: { a: 1 } },
  }
  await call('POST', '/v1/sessions', { body })
  return session
}

const tokenFor = async ({ call }: Api, session: string): Promise<string> => {
  const scope = SCOPES.filter((one) => !SHOWS.includes(one)).join(' ')
  const body = { scope, keys: { read: ['*'], write: ['*'] } }
  const { json } = await call('POST', `${session}/tokens`, { body })
  return (json as unknown as { access_token: string }).access_token
}

/** Each kind of credential that may do everything but read. */
const BLIND_ONES = {
  'an API key': async () => BLIND,
  'a token': tokenFor,
}

await onEachStore(
  t,
  async (t, api) => {
    for (const [name, credential] of Object.entries(BLIND_ONES)) {
      await t.test(`no call of the description shows ${name} without read what is stored`, async (t) => {
        let done = 0
        for (const operation of operationsOf(api)) {
          // Who may make a backup may have everything: that is what `operate` says, and why nobody has it by default.
          if (operation.operationId === 'makeBackup') continue
          const session = await planted(api)
          const key = await credential(api, session)
          const path = pathOf(operation, idOf(session)).replace('user-42', SUBJECT)
          const answer = await api.call(operation.method, path, { ...callOf(operation), headers: PREFER, key })
          t.notMatch(answer.text, PLANTED, `${nameOf(operation)} shows no value`)
          if (!operation.operationId.includes('ntrospect'))
            t.notMatch(answer.text, SUBJECT, `${nameOf(operation)}, no subject`)
          if (answer.status < 300) done++
        }
        t.ok(done >= 6, `${done} of them were done`)
      })

      await t.test(`no outcome tells ${name} without read whether a guess is right`, async (t) => {
        const outcome = async (path: string, method: string, call: Call): Promise<unknown> => {
          const session = await planted(api)
          const answer: Answer = await api.call(method, `${session}/settings${path}`, {
            ...call,
            key: await credential(api, session),
          })
          return [answer.status, answer.json.code, answer.json.detail, answer.headers.etag]
        }
        const patch = (...operations: object[]): Call => ({ body: operations, type: JSON_PATCH })
        const tag = (value: string) => `"${keyVersion(JSON.stringify(value))}"`
        const guesses: Record<string, (guess: string) => readonly [path: string, method: string, call: Call]> = {
          test: (guess) => ['', 'PATCH', patch({ op: 'test', path: '/role', value: guess })],
          'test beside a write': (guess) => [
            '',
            'PATCH',
            patch({ op: 'add', path: '/seen', value: 1 }, { op: 'test', path: '/role', value: guess }),
          ],
          copy: (guess) => [
            '',
            'PATCH',
            patch({ op: 'copy', from: guess === PLANTED ? '/role' : '/none', path: '/seen' }),
          ],
          move: (guess) => [
            '',
            'PATCH',
            patch({ op: 'move', from: guess === PLANTED ? '/role' : '/none', path: '/seen' }),
          ],
          'PUT with If-Match': (guess) => ['/role', 'PUT', { body: 'x', headers: { 'if-match': tag(guess) } }],
          'PUT with If-None-Match': (guess) => [
            '/role',
            'PUT',
            { body: 'x', headers: { 'if-none-match': tag(guess) } },
          ],
          'DELETE with If-Match': (guess) => ['/role', 'DELETE', { headers: { 'if-match': tag(guess) } }],
          increment: (guess) => [`/${guess === PLANTED ? 'role' : 'none'}/increment`, 'POST', { body: {} }],
        }
        for (const [what, callFor] of Object.entries(guesses)) {
          const right = await outcome(...callFor(PLANTED))
          t.strictSame(right, await outcome(...callFor('another')), what)
          t.match(right, [403, 'insufficient_scope'], what)
        }
      })
    }

    await t.test('a repeated create shows nothing that others wrote since', async (t) => {
      const session = newSession()
      const call = { body: { id: idOf(session) }, headers: { 'idempotency-key': 'again' }, key: BLIND }
      const first = await api.call('POST', '/v1/sessions', call)
      t.equal(first.status, 201)
      await api.call('PATCH', `${session}/settings`, { body: { role: PLANTED } })
      const again = await api.call('POST', '/v1/sessions', call)
      t.hasStrict(again, { status: 201, json: { id: idOf(session), settings: {} } })
      t.equal(
        (await api.call('POST', '/v1/sessions', { ...call, key: READER })).status,
        409,
        'which is of that key alone',
      )
    })

    await t.test('a fault inside a value that the caller may not read points at its key alone', async (t) => {
      const session = await planted(api)
      const patches: Call[] = [
        { body: { inside: { b: 1 } } },
        { body: [{ op: 'add', path: '/inside/b', value: 1 }], type: JSON_PATCH },
      ]
      for (const patch of patches) {
        const seen = await api.call('PATCH', `${session}/settings`, patch)
        t.hasStrict(seen.json, { code: 'settings_invalid', errors: [{ pointer: '#/inside/a' }] })
        const unseen = await api.call('PATCH', `${session}/settings`, { ...patch, key: await tokenFor(api, session) })
        t.hasStrict(unseen.json, { code: 'settings_invalid', errors: [{ pointer: '#/inside' }] })
        t.notMatch(unseen.text, 'string')
      }
    })
  },
  options,
)
