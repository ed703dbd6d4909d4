/** A write that was answered 503 may still be on its way to Redis. It is never done much later. */
import t, { type Test } from 'tap'
import { allAtOnce } from '../helpers/app.ts'
import { adminOf, begin, comesBack, isAway, serveOn, timed } from '../helpers/outage.ts'
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
    const { eval: whole = 0, evalsha = 0 } = await counted(server)
    return whole + evalsha > 0
  }
  await until(ran, 'the script has run', pauseMs + 10_000)
  await comesBack(api, session)
  return (await api.call('GET', `${session}/settings`)).json
}

await allAtOnce(t, [
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
