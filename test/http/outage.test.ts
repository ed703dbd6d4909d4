/** Redis goes away, and comes back: each call is refused in time and says so, and everything works by itself after. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { KEYS, newSession } from '../helpers/app.ts'
import { openEvents } from '../helpers/events.ts'
import { adminOf, begin, CALLS, comesBack, DEADLINE_MS, isAsBefore, refusesAll, sendAll } from '../helpers/outage.ts'
import { until } from '../helpers/until.ts'

/** What a machine that has other things to do may add. */
const NOISE_MS = 500

t.test('killed and back with its data', async (t) => {
  const { server, api, session } = await begin(t)
  const gone = newSession()
  await api.call('DELETE', gone)
  await server.kill()
  await refusesAll(t, api, session)
  await server.start()
  await comesBack(api, session)
  await isAsBefore(t, api, session)
  t.equal((await api.call('GET', gone)).status, 410, 'who was logged out is logged out')
  t.equal((await api.call('GET', '/readyz')).status, 200)
  t.equal((await api.call('PATCH', `${session}/settings`, { body: { o: { y: 2 } } })).status, 204)
})

t.test('it is noticed at once, and back within a second', async (t) => {
  const { server, api, session } = await begin(t)
  const refusedAfter = async (harm: () => unknown): Promise<number> => {
    const harmedAt = performance.now()
    await harm()
    await until(async () => (await api.call('GET', session)).status === 503, 'it is refused')
    return Math.round(performance.now() - harmedAt)
  }
  const killed = await refusedAfter(() => server.kill())
  t.ok(killed < 50 + NOISE_MS, `killed: refused after ${killed} ms`)
  await server.start()
  const there = performance.now()
  await comesBack(api, session)
  const back = Math.round(performance.now() - there)
  t.ok(back < 1000, `served ${back} ms after Redis was there`)
  const frozen = await refusedAfter(() => server.freeze())
  t.ok(frozen < 1200 + NOISE_MS, `frozen: refused after ${frozen} ms`)
  server.thaw()
  await comesBack(api, session)
})

t.test('killed and back empty', async (t) => {
  const { server, api, session } = await begin(t)
  const reader = await openEvents(api.port, `${session}/events`, { authorization: `Bearer ${KEYS.shop}` })
  await reader.nextOf('snapshot')
  await server.kill()
  t.equal((await api.call('GET', session)).status, 503)
  await rm(join(server.dir, 'appendonlydir'), { recursive: true })
  await server.start()
  await comesBack(api, session)
  await reader.end()
  t.match(reader.events.at(-1), { event: 'ended', data: '{"reason":"lost"}' }, 'no clock has ended it')
  t.hasStrict(await api.call('GET', session), { status: 404, json: { code: 'session_not_found' } })
  t.equal((await api.call('PATCH', `${session}/settings`, { body: { a: 1 } })).status, 201, 'also the scripts are new')
})

t.test('frozen and thawed', async (t) => {
  const { server, api, session } = await begin(t)
  server.freeze()
  await refusesAll(t, api, session)
  server.thaw()
  await comesBack(api, session)
  const other = newSession()
  t.equal((await api.call('PATCH', `${other}/settings`, { body: { a: 1 } })).status, 201)
  t.equal((await api.call('GET', `${other}/settings/a`)).text, '1')
})

t.test('asleep for a moment', async (t) => {
  const { server, api, session } = await begin(t, ['--enable-debug-command', 'yes'])
  const asleep = adminOf(t, server).call('DEBUG', 'SLEEP', '1.5')
  const answers = await sendAll(api, newSession())
  for (const [n, { answer, ms }] of answers.entries()) {
    t.ok(ms < DEADLINE_MS && answer.status !== 500, `${CALLS[n]?.slice(0, 2)}: ${answer.status} in ${ms} ms`)
  }
  await asleep
  await comesBack(api, session)
  await isAsBefore(t, api, session)
})
