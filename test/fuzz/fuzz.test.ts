/**
 * Thousands of calls that nobody thought of, made from the description alone, by API keys, a narrow token, a cookie and
 * nobody, on both stores: never an error of ours, never late, every answer as described, and no secret in an answer or a line
 * of the log. `npm run test:fuzz -- --calls 1000000 --seed 42` makes more of them; the same seed makes the same ones.
 */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { hashOf, newApiKey } from '../../src/config/api-keys.ts'
import { PERMISSIONS } from '../../src/domain/credentials/permission.ts'
import { type Answer, type Api, KEYS, POLICY, STORES } from '../helpers/app.ts'
import { buildHeldApp } from '../helpers/held-app.ts'
import { operationsOf } from '../helpers/operations.ts'
import { CANARY, type CredentialName, callsOf, type FuzzCall, placeOf, SESSIONS } from './calls.ts'

const CALLS = Number(process.env.FUZZ_CALLS ?? 20_000)
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const AT_ONCE = 250

const PAGE = 'https://page.example'
/** What every call has to be answered within, with time for a machine that is busy with other tests. */
const LATE_MS = 10_000

/** May write everything and read nothing. */
const WRITER = newApiKey('writer')

const NARROW = { read: ['theme', 'n', 'list'], write: ['theme', 'n'] }

type Credentials = Readonly<Record<CredentialName, Readonly<Record<string, string>>>>

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })

/** Begins the sessions that the calls share, with a secret in each, and what callers prove themselves by. */
const prepare = async (api: Api, ids: readonly string[]): Promise<Credentials> => {
  for (const id of ids)
    await api.call('PATCH', `/v1/sessions/${id}/settings`, { body: { role: CANARY, theme: 'dark' } })
  const scope = 'read write take touch events renew cookie'
  const minted = await api.call('POST', `/v1/sessions/${ids[0]}/tokens`, { body: { scope, keys: NARROW } })
  const token = (minted.json as unknown as { access_token: string }).access_token
  const given = await api.call('POST', '/v1/cookie', { key: token, headers: { origin: PAGE } })
  return {
    apiKey: bearer(KEYS.shop),
    writer: bearer(WRITER),
    token: bearer(token),
    cookie: { cookie: String(given.headers['set-cookie']).split(';', 1)[0] as string },
    none: {},
    wrong: bearer('ck_shop_wrong'),
  }
}

/** Those that may not see the secret. A whole session may be ended by the others; what they put there is no secret. */
const BLIND: readonly CredentialName[] = ['writer', 'token', 'cookie', 'none', 'wrong']

const fuzz = async (t: Test, start: (typeof STORES)[string], calls: number): Promise<void> => {
  const faults: string[] = []
  const lines: string[] = []
  let present: FuzzCall | undefined
  const found = (fault: string): void => {
    if (faults.length < 20) faults.push(`${fault}\n  ${JSON.stringify(present)}`)
  }
  const api = await start(
    t,
    {
      origins: [PAGE],
      policyOf: () => ({ ...POLICY, browser: { keys: NARROW, origins: [PAGE] } }),
      apiKeys: [
        { namespace: 'shop', hash: Buffer.from(hashOf(KEYS.shop), 'hex'), permissions: PERMISSIONS },
        { namespace: 'shop', hash: Buffer.from(hashOf(WRITER), 'hex'), permissions: ['write', 'create'] },
      ],
      logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } },
    },
    (options) => buildHeldApp(options, found),
  )
  let ids: string[] = []
  const any = callsOf(
    // Keys that are retired would end every token, and a backup holds every secret; these have tests of their own.
    operationsOf(api).filter(({ operationId }) => !['retireSigningKey', 'makeBackup'].includes(operationId)),
  )
  let credentials = {} as Credentials
  const secrets = (): string[] => [CANARY, ...Object.values(credentials).flatMap((one) => Object.values(one))]
  const statuses: Record<string, number> = {}

  const look = ({ credential }: FuzzCall, { status, text }: Answer, ms: number): void => {
    statuses[status] = (statuses[status] ?? 0) + 1
    if (status >= 500) found(`it was answered ${status}: ${text.slice(0, 300)}`)
    if (ms > LATE_MS) found(`the answer took ${ms.toFixed(0)} ms`)
    if (BLIND.includes(credential) && text.includes(CANARY)) found(`it shows the secret: ${text.slice(0, 300)}`)
  }

  const lookAtLog = (): void => {
    for (const line of lines) for (const one of secrets()) if (line.includes(one)) found(`the log has it: ${line}`)
    lines.length = 0
  }

  for (let done = 0, batch = 0; done < calls && faults.length === 0; batch++) {
    // Sessions end, and tokens with them: each batch finds some that live.
    ids = Array.from({ length: SESSIONS }, () => randomUUID())
    credentials = await prepare(api, ids)
    const all = fc.sample(any, { numRuns: Math.min(AT_ONCE, calls - done), seed: SEED + batch })
    for (const one of all) {
      present = one
      const { method, headers, body, credential } = one
      const path = ids.reduce(
        (path, id, n) => path.replace(placeOf(n), id).replace(placeOf(n).toUpperCase(), id.toUpperCase()),
        one.path,
      )
      const started = performance.now()
      const answer = await api.call(method, path, {
        key: null,
        headers: { ...headers, ...credentials[credential] },
        ...(body === undefined ? {} : { text: body, type: headers['content-type'] ?? '' }),
      })
      look(one, answer, performance.now() - started)
    }
    done += all.length
    lookAtLog()
  }
  t.strictSame(faults, [], `calls of the seed ${SEED}`)
  t.comment(`${calls} calls of the seed ${SEED}: ${JSON.stringify(statuses)}`)
  for (const status of ['200', '201', '204', '400', '401', '403', '404', '405', '410', '412', '415', '422'])
    t.ok(statuses[status], `some were answered ${status}`)
}

t.test('whatever is sent, it is answered as described', async (t) => {
  const stores = Object.entries(STORES)
  for (const [name, start] of stores) await t.test(`on ${name}`, (t) => fuzz(t, start, CALLS / stores.length))
})
