/** What the application says of itself, for others to count: why a credential is not good, and how streams fare. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Observe, UNOBSERVED } from '../../src/observe.ts'
import { openLmdbStore } from '../../src/store/lmdb/store.ts'
import { listen } from '../helpers/events.ts'
import { cookieIn, KEY, PAGE, type ServiceSettings, startService } from '../helpers/token-app.ts'
import { until } from '../helpers/until.ts'

/** A service whose clock can be moved, and all that it says but what it says of each call. */
const begin = async (t: Test, settings: ServiceSettings = {}) => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-'))
  let ahead = 0
  const store = await openLmdbStore({ path, clock: () => Date.now() + ahead })
  const said: string[] = []
  const delays: number[] = []
  const say =
    (what: string) =>
    (...words: string[]): void =>
      void said.push([what, ...words].join(' '))
  const observe: Observe = {
    ...UNOBSERVED,
    refused: say('refused'),
    authenticationFailed: say('failed'),
    minted: say('minted'),
    streamOpened: say('opened'),
    streamClosed: say('closed'),
    readerCutOff: say('cut off'),
    eventSent: say('sent'),
    changeTold: (ms) => void delays.push(ms),
  }
  const browsers = { app: { keys: { read: ['*'], write: ['*'] }, origins: [PAGE] } }
  const service = await startService(store, { browsers, observe, ...settings })
  t.teardown(async () => {
    await service.close()
    await store.close()
    await rm(path, { recursive: true })
  })
  return {
    ...service,
    said,
    delays,
    /** What has been said since it was asked for last. */
    news: (): string[] => said.splice(0),
    elapse(ms: number): void {
      ahead += ms
    },
  }
}

t.test('why a credential is not good is said in few words', async (t) => {
  const { call, news, elapse } = await begin(t)
  const session = async (): Promise<string> => {
    const path = `/v1/sessions/${randomUUID()}`
    await call(KEY, 'PATCH', `${path}/settings`, { a: 1 })
    return path
  }
  const tokenOf = async (path: string, expiresInSeconds = 600): Promise<string> => {
    const body = { scope: 'read cookie', expiresInSeconds }
    return String((await call(KEY, 'POST', `${path}/tokens`, body)).json.access_token)
  }
  const current = '/v1/sessions/current/settings'
  const path = await session()
  const token = await tokenOf(path)
  const cookie = cookieIn(await call(token, 'POST', '/v1/cookie', undefined, { origin: PAGE }))
  t.strictSame(news(), ['minted token', 'minted cookie'])

  const refused = async (
    what: string,
    ...[credential, headers]: [Parameters<typeof call>[0], Record<string, string>?]
  ) => {
    const { status } = await call(credential, 'GET', current, undefined, headers)
    t.equal(status, 401, what)
    return news()
  }
  const wrong = 'refused invalid_credential'
  t.strictSame(await refused('none', null), ['refused credential_required', 'failed none missing'])
  t.strictSame(await refused('no bearer', null, { authorization: 'Basic eA==' }), [wrong, 'failed other wrong'])
  t.strictSame(await refused('a wrong API key', 'ck_app_wrong'), [wrong, 'failed api-key wrong'])
  t.strictSame(await refused('a wrong token', `${token}x`), [wrong, 'failed token wrong'])
  t.strictSame(await refused('a wrong cookie', { cookie: `${cookie}x` }), [wrong, 'failed cookie wrong'])
  t.strictSame(await refused('two cookies', { cookie: `${cookie}; ${cookie}` }), [wrong, 'failed cookie several'])

  await call(KEY, 'DELETE', `${path}/tokens`)
  t.strictSame(await refused('a token that was revoked', token), [wrong, 'failed token revoked'])
  t.strictSame(await refused('its cookie', { cookie }), [wrong, 'failed cookie revoked'])
  const other = await session()
  const old = await tokenOf(other, 86_400)
  const short = await tokenOf(other, 10)
  news()
  elapse(11_000)
  t.strictSame(await refused('a token that has expired', short), [wrong, 'failed token expired'])
  await call(KEY, 'DELETE', other)
  news()
  t.equal((await call(old, 'GET', current)).status, 410)
  t.strictSame(news(), ['refused session_gone'], 'that is no failure of the credential')
  await call(KEY, 'POST', '/v1/handoffs/redeem', { code: '00'.repeat(17), sessionId: randomUUID() })
  t.strictSame(news(), ['refused handoff_gone'])
})

t.test('who fails too often is limited', async (t) => {
  const { call, news } = await begin(t, { failuresPerMinute: 1 })
  for (let n = 0; n < 2; n++) await call('ck_app_wrong', 'GET', `/v1/sessions/${randomUUID()}`)
  t.strictSame(news().slice(2), ['refused rate_limited', 'failed api-key limited'])
})

t.test('streams are told of: who reads, what is sent, how late, and who is cut off', async (t) => {
  const service = await begin(t, { catchUpMs: 100 })
  const { call, said, news, delays } = service
  const watch = await listen(service)
  const id = randomUUID()
  const patch = (body: object) => call(KEY, 'PATCH', `/v1/sessions/${id}/settings`, body)
  await patch({ n: 1 })
  const one = await watch(KEY, `/v1/sessions/${id}/events`)
  await one.nextOf('snapshot')
  t.strictSame(news(), ['opened session', 'sent snapshot'])
  t.strictSame(delays, [], 'what was there before is not told late')
  const all = await watch(KEY, '/v1/events')
  await all.nextOf('gap')
  t.strictSame(news(), ['opened namespace', 'sent gap'])
  await patch({ n: 2 })
  await one.nextOf('change')
  await all.nextOf('change')
  t.strictSame(news(), ['sent change', 'sent change'])
  t.equal(delays.length, 2)
  await patch({ long: 'x'.repeat(5000) })
  await all.nextOf('change')
  await one.nextOf('change')
  t.equal(delays.length, 4, 'also where the session had to be read')
  t.ok(delays.every((ms) => ms >= 0 && ms < 30_000))

  all.close()
  one.close()
  await until(() => said.includes('closed session') && said.includes('closed namespace'), 'both are closed')
  news()

  const lazy = await watch(KEY, `/v1/sessions/${id}/events`)
  lazy.pause()
  for (let n = 0; !said.includes('cut off') && n < 500; n++) await patch({ long: `${n}${'x'.repeat(60_000)}` })
  await until(() => said.includes('cut off') && said.includes('closed session'), 'who takes nothing is cut off')
  lazy.close()
})
