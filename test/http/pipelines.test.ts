/** Thousands of calls at once over one connection: they wait for each other, and nobody is told of an outage. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { type Api, KEYS, newSession, onEachStore } from '../helpers/app.ts'
import { head } from '../helpers/raw-http.ts'
import { DEADLINE_MS } from '../helpers/until.ts'

const patchOf = (session: string, body: string): string =>
  head(
    `PATCH ${session}/settings HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${KEYS.shop}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ) + body

/** Sends all of these at once, and answers how many answers of each status came. */
const pipeline = (api: Api, calls: readonly string[]): Promise<Record<string, number>> =>
  new Promise((resolve, reject) => {
    const statuses: Record<string, number> = {}
    let left = calls.length
    let rest = ''
    const socket = connect(api.port, '127.0.0.1')
    socket.setTimeout(DEADLINE_MS, () => reject(new Error(`${left} answers are missing.`)))
    socket.on('error', reject)
    socket.setEncoding('latin1').on('data', (text: string) => {
      rest += text
      let counted = 0
      for (const found of rest.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
        const status = String(found[1])
        statuses[status] = (statuses[status] ?? 0) + 1
        counted = found.index + found[0].length
        left--
      }
      // The beginning of an answer may be cut in two.
      rest = rest.slice(Math.max(counted, rest.length - 12))
      if (left > 0) return
      socket.destroy()
      resolve(statuses)
    })
    socket.write(calls.join(''))
  })

/** Reads another session again and again until told to stop; answers the statuses, and how long the longest took, in ms. */
const bystander = async (api: Api, session: string, isOver: () => boolean) => {
  const statuses = new Set<number>()
  let longest = 0
  while (!isOver()) {
    const started = performance.now()
    statuses.add((await api.call('GET', `${session}/settings`)).status)
    longest = Math.max(longest, performance.now() - started)
  }
  return { statuses, longest }
}

const flood = async (t: Test, api: Api, sessionOf: (i: number) => string, expected: string[]): Promise<void> => {
  const other = newSession()
  await api.call('PATCH', `${other}/settings`, { body: { a: 1 } })
  let isOver = false
  const watching = bystander(api, other, () => isOver)
  const statuses = await pipeline(
    api,
    Array.from({ length: 4000 }, (_, i) => patchOf(sessionOf(i), `{"n":${i}}`)),
  )
  isOver = true
  t.strictSame(Object.keys(statuses).sort(), expected, JSON.stringify(statuses))
  const { statuses: seen, longest } = await watching
  t.strictSame([...seen], [200])
  t.comment(`another caller waited ${longest.toFixed(0)} ms at most`)
}

t.test('4,000 writes at once', (t) =>
  onEachStore(t, async (t, api) => {
    await t.test('of one session', async (t) => {
      const session = newSession()
      await flood(t, api, () => session, ['201', '204'])
      t.strictSame((await api.call('GET', `${session}/settings`)).json, { n: 3999 })
    })
    await t.test('and whoever hangs up leaves room for others', async (t) => {
      const session = newSession()
      for (let i = 0; i < 200; i++) {
        const socket = connect(api.port, '127.0.0.1')
        socket.on('error', () => {})
        await once(socket, 'connect')
        socket.write(patchOf(session, `{"n":${i}}`))
        socket.destroy()
      }
      t.equal((await api.call('GET', `${newSession()}/settings`)).status, 200)
    })
    await t.test('of somebody who hangs up while they wait', async (t) => {
      for (let round = 0; round < 3; round++) {
        const session = newSession()
        const socket = connect(api.port, '127.0.0.1')
        socket.on('error', () => {})
        socket.write(Array.from({ length: 2000 }, (_, i) => patchOf(session, `{"n":${i}}`)).join(''))
        await once(socket, 'data')
        socket.destroy()
        // If those who have left kept their places, the others would be refused.
        for (let i = 0; i < 100; i++) {
          const { status } = await api.call('GET', `${newSession()}/settings`)
          if (status !== 200) t.fail(`${status} in round ${round}`)
        }
        t.pass(`others are served in round ${round}`)
      }
    })
    await t.test('of as many sessions', async (t) => flood(t, api, newSession, ['201']))
  }),
)
