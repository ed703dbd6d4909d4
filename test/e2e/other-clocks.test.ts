/**
 * The store's time is the only time. A replica whose machine has another one, an hour behind or ahead, takes fresh tokens in
 * its first call, and keeps alive what is read through it.
 */
import t, { type Test } from 'tap'
import { allAtOnce, newSession } from '../helpers/app.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'

/** A module that moves the clock of a process, as a machine that is wrong has it. */
const movedBy = (ms: number): string => `
  const Now = Date
  globalThis.Date = class extends Now {
    constructor(...parts) { parts.length === 0 ? super(Now.now() + ${ms}) : super(...parts) }
    static now() { return Now.now() + ${ms} }
  }`

const IDLE_SECONDS = 4

const atAnotherHour = (t: Test, store: string, ms: number): Promise<Service> =>
  startService(t, {
    COATCHECK_STORE: store,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(movedBy(ms))}`,
  })

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

const HOUR_MS = 3_600_000

const movedReplica =
  (ms: number) =>
  async (t: Test): Promise<void> => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const right = await startService(t, { COATCHECK_STORE: redis.url })
    const session = newSession()
    await right.call('PATCH', `${session}/settings`, { body: { a: 1 } })
    const minted = await right.call('POST', `${session}/tokens`, { body: { keys: { read: ['*'], write: ['*'] } } })
    const token = bearer((minted.json as unknown as { access_token: string }).access_token)

    const wrong = await atAnotherHour(t, redis.url, ms)
    t.equal((await wrong.call('GET', `${session}/settings`, token)).status, 200, 'its first answer, to a fresh token')
    const again = await wrong.call('POST', `${session}/tokens`, { body: { keys: { read: ['*'] } } })
    const other = bearer((again.json as unknown as { access_token: string }).access_token)
    t.equal((await right.call('GET', `${session}/settings`, other)).status, 200, 'a token that it minted')

    const made = await right.call('POST', '/v1/sessions', {
      body: { settings: { a: 1 }, idleTimeoutSeconds: IDLE_SECONDS },
    })
    const path = `/v1/sessions/${made.json.id}`
    const end = performance.now() + 1.75 * IDLE_SECONDS * 1000
    let reads = 0
    await until(async () => {
      t.equal((await wrong.call('GET', `${path}/settings`)).status, 200, 'it is there while it is read')
      reads++
      return performance.now() > end
    }, 'more than its idle timeout has passed')
    t.ok(reads > 10)
    await until(
      async () => (await wrong.call('GET', `${path}?touch=false`)).status === 404,
      'left alone it ends',
      10_000,
    )
  }

await allAtOnce(t, [
  ['an hour behind', movedReplica(-HOUR_MS)],
  ['an hour ahead', movedReplica(HOUR_MS)],
])
