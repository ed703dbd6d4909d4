/**
 * The way to Redis is slow: calls end in time all the same, and a write that was answered 503 and is still on its way is
 * never done much later. All of it is waiting, so it is done at once.
 */
import t, { type Test } from 'tap'
import { allAtOnce, idOf, newSession } from '../helpers/app.ts'
import {
  adminOf,
  begin,
  CALLS,
  comesBack,
  DEADLINE_MS,
  isAway,
  sendAll,
  serveOn,
  type Timed,
  timed,
} from '../helpers/outage.ts'
import { counted, resetCommands } from '../helpers/redis-commands.ts'
import { slowLine } from '../helpers/slow-line.ts'
import { until } from '../helpers/until.ts'

/** Has Redis hold back a write for so long, and answers the settings after the write has come to its turn. */
const afterHolding = async (t: Test, pauseMs: number): Promise<object> => {
  const { server, session } = await begin(t)
  // What hangs up on Redis takes its waiting commands with it; what hangs up on this line does not.
  const line = await slowLine(server.port)
  t.teardown(() => line.stop())
  const api = await serveOn(t, `redis://127.0.0.1:${line.port}`)
  const admin = adminOf(t, server)
  await resetCommands(server)
  await admin.call('CLIENT', 'PAUSE', pauseMs, 'WRITE')
  isAway(t, await timed(api.call('PATCH', `${session}/settings`, { body: { late: true } })), 'the write')
  const ran = async () => {
    // The script is known to Redis. What comes as a whole is the look at the user's rights on a new connection.
    const { evalsha = 0 } = await counted(server)
    return evalsha > 0
  }
  await until(ran, 'the script has run', pauseMs + 10_000)
  await comesBack(api, session)
  return (await api.call('GET', `${session}/settings`)).json
}

const callsOnSlowLine = async (t: Test): Promise<void> => {
  const { server, session } = await begin(t)
  const line = await slowLine(server.port)
  t.teardown(() => line.stop())
  const api = await serveOn(t, `redis://127.0.0.1:${line.port}`)
  const isInTime = ({ answer, ms }: Timed, what: string) =>
    t.ok(
      ms < DEADLINE_MS && [200, 204, 503].includes(answer.status),
      `${what}: ${answer.status} in ${Math.round(ms)} ms`,
    )
  for (const ms of [700, 950]) {
    line.slowDown(ms)
    const queue = Array.from({ length: 20 }, () => timed(api.call('POST', `${session}/settings/n/increment`)))
    const calls = await sendAll(api, session, CALLS.slice(0, 4))
    for (const one of [...calls, ...(await Promise.all(queue))]) isInTime(one, `with ${ms} ms to Redis`)
    isInTime(await timed(api.call('GET', '/readyz')), `/readyz with ${ms} ms to Redis`)
    line.slowDown(0)
    await comesBack(api, session)
  }
}

/** What asks Redis several times, one after the other: all of it together has the time of one call. */
const longCallsOnSlowLine = async (t: Test): Promise<void> => {
  const { server } = await begin(t)
  const line = await slowLine(server.port)
  t.teardown(() => line.stop())
  const api = await serveOn(t, `redis://127.0.0.1:${line.port}`)
  const [first, second, third] = [newSession(), newSession(), newSession()]
  const body = { subject: 'henrik' }
  for (const session of [first, second, third]) await api.call('PATCH', `${session}/settings`, { body: { a: 1 } })
  await api.call('POST', '/v1/sessions', { body })
  const { json } = await api.call('POST', `${third}/handoffs`, { body })
  line.slowDown(900)
  const calls = [
    ['POST', '/v1/sessions', body],
    ['POST', `${first}/rotate`, body],
    ['POST', `${second}/handoffs`, body],
    ['POST', '/v1/handoffs/redeem', { code: json.code, sessionId: idOf(third) }],
    ['GET', '/v1/subjects/henrik/sessions', undefined],
    ['GET', '/v1/sessions', undefined],
  ] as const
  const answers = await Promise.all(
    calls.map(([method, path, sent]) => timed(api.call(method, path, sent === undefined ? {} : { body: sent }))),
  )
  for (const [at, { answer, ms }] of answers.entries()) {
    const [method, path] = calls[at] ?? []
    const what = `${method} ${path?.replace(/[-0-9a-f]{36}/, 'id')}: ${answer.status} in ${Math.round(ms)} ms`
    t.ok(ms < DEADLINE_MS && [200, 201, 503].includes(answer.status), what)
  }
  const all = await timed(api.call('DELETE', '/v1/subjects/henrik/sessions'))
  t.ok(all.ms < DEADLINE_MS && [200, 503].includes(all.answer.status), `log out everywhere: ${Math.round(all.ms)} ms`)
}

await allAtOnce(t, [
  ['on a line that is slow each call ends in time', callsOnSlowLine],
  ['so do those that ask Redis several times', longCallsOnSlowLine],
  [
    'a write that Redis held back for 11 s does nothing when it comes to its turn',
    async (t) => {
      t.strictSame(await afterHolding(t, 11_000), { a: 1, o: { x: 1 } })
    },
  ],
  [
    'one that it held back for 3 s may be done, so that the test above tests something',
    async (t) => {
      t.strictSame(await afterHolding(t, 3000), { a: 1, o: { x: 1 }, late: true })
    },
  ],
])
