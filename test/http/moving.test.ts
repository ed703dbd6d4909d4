/** What callers are answered while `coatcheck copy` has closed the store, or fills it. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { markNewTarget, markSource, unmarkTarget } from '../../src/store/copy-mark.ts'
import { heedCopy } from '../../src/store/heed-copy.ts'
import type { Store } from '../../src/store/port.ts'
import { StoreUnfit } from '../../src/store/port.ts'
import { type Answer, type Api, newSession, onEachStore, serve } from '../helpers/app.ts'
import { until } from '../helpers/until.ts'

const COPY = 'a-copy'
const heeding = async (t: Parameters<typeof serve>[0], plain: Store) => {
  const { store, look } = heedCopy(plain)
  return { ...(await serve(t, store)), look }
}
const isMoving = (t: Parameters<typeof serve>[0], { status, headers, json }: Answer, what: string): void => {
  t.strictSame([status, json.code, headers['retry-after']], [503, 'moving', '5'], what)
}

/** Every call that changes something. */
const changes = async ({ call }: Api, session: string, subject: string) => {
  const patch = { body: { theme: 'late' }, type: 'application/merge-patch+json' }
  return {
    'begin a session': await call('POST', '/v1/sessions', { body: {} }),
    'begin one by a write': await call('PATCH', `${newSession()}/settings`, patch),
    'patch settings': await call('PATCH', `${session}/settings`, patch),
    'put a key': await call('PUT', `${session}/settings/theme`, { body: 'late' }),
    'delete a key': await call('DELETE', `${session}/settings/theme`),
    take: await call('POST', `${session}/settings/theme/take`),
    increment: await call('POST', `${session}/settings/visits/increment`),
    touch: await call('POST', `${session}/touch`),
    rotate: await call('POST', `${session}/rotate`, { body: { subject } }),
    revoke: await call('DELETE', `${session}/tokens`),
    'make a hand-off': await call('POST', `${session}/handoffs`, { body: {} }),
    'log out': await call('DELETE', session),
    'log out everywhere': await call('DELETE', `/v1/subjects/${subject}/sessions`),
  }
}

await onEachStore(t, async (t, { store: plain }) => {
  const api = await heeding(t, plain)
  const { call, look } = api
  const subject = randomUUID()
  const short = { idleTimeoutSeconds: 3, lifetimeSeconds: 600 }
  const settings = { theme: 'dark', visits: 1 }
  const made = await call('POST', '/v1/sessions', { body: { settings, subject } })
  const session = `/v1/sessions/${made.json.id}`
  const used = (await call('POST', '/v1/sessions', { body: { settings, ...short } })).json

  await t.test('a closed store is read and not changed', async (t) => {
    await markSource(plain, { copy: COPY, is: 'closed', at: plain.now() })
    t.equal((await call('PUT', `${session}/settings/visits`, { body: 1 })).status, 204, 'nobody has looked yet')
    await look()
    for (const [what, answer] of Object.entries(await changes(api, session, subject))) isMoving(t, answer, what)
    t.strictSame((await call('GET', `${session}/settings`)).json, settings)
    t.equal((await call('GET', `/v1/subjects/${subject}/sessions`)).status, 200)
    t.equal((await call('POST', '/v1/sessions/batch', { body: { ids: [made.json.id] } })).status, 200)
    t.match((await api.store.check()).warnings.join(), /closed by `coatcheck copy`/)
    t.equal(await api.store.sweep(), 0)
  })

  await t.test('a read whose use is due is answered, and the use is not stored', async (t) => {
    await until(() => plain.now() - Date.parse(used.createdAt) > 400, 'a use is due')
    const { status, json } = await call('GET', `/v1/sessions/${used.id}`)
    t.strictSame([status, json.lastSeenAt], [200, used.lastSeenAt])
  })

  await t.test('a store that was opened again takes writes', async (t) => {
    await markSource(plain, { copy: COPY, is: 'open', at: plain.now() })
    await look()
    t.equal((await call('PUT', `${session}/settings/theme`, { body: 'light' })).status, 204)
    t.strictSame(
      (await api.store.check()).warnings.filter((one) => /copy/.test(one)),
      [],
    )
  })

  await t.test('a store that is not filled yet answers nothing, and is unfit for a start', async (t) => {
    await markNewTarget(plain, { copy: COPY, run: 'a-run' })
    await look()
    isMoving(t, await call('GET', session), 'read')
    isMoving(t, await call('PUT', `${session}/settings/theme`, { body: 'late' }), 'write')
    const fault = await heedCopy(plain)
      .store.check()
      .catch((error: unknown) => error)
    t.ok(fault instanceof StoreUnfit)
    t.match(fault, { message: /target of a copy that is not finished/ })
    await unmarkTarget(plain)
    await look()
    t.equal((await call('GET', session)).status, 200)
  })
})
