/** How the service leaves: what it answers after SIGTERM, in which order, and that it ends in time. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { KEYS, newSession } from '../helpers/app.ts'
import { head } from '../helpers/raw-http.ts'
import { startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'

const DRAIN_SECONDS = 2

const begin = async (t: Test, drainSeconds: number) => {
  const dir = mkdtempSync(join(tmpdir(), 'coatcheck-drain-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return startService(t, { COATCHECK_STORE: `lmdb:${dir}`, COATCHECK_DRAIN_SECONDS: String(drainSeconds) })
}

const get = (path: string): string => head(`GET ${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${KEYS.shop}`)

/** A connection that is kept, with all that came over it. */
const keep = (t: Test, port: number) => {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let got = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text
  })
  const ended = once(socket, 'close')
  return { ask: (path: string) => socket.write(get(path)), got: () => got, ended }
}

const refuses = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true))
    socket.on('connect', () => socket.destroy())
  })

t.test('after SIGTERM it says that it goes, serves for a while, listens no more, and ends in order', async (t) => {
  const { port, call, end } = await begin(t, DRAIN_SECONDS)
  const session = newSession()
  const [kept, idle, stream] = [keep(t, port), keep(t, port), keep(t, port)]
  for (const one of [kept, idle]) {
    one.ask('/readyz')
    await until(() => one.got().includes('"ok"'), 'it is ready')
  }
  stream.ask(`${session}/events`)
  await until(() => stream.got().includes('event: snapshot'), 'a stream is open')

  const from = performance.now()
  const exited = end()
  await until(async () => (await call('GET', '/readyz')).status === 503, 'it says that it goes')
  t.equal((await call('GET', '/readyz')).json.code, 'draining')
  t.equal((await call('GET', '/livez')).status, 200)
  const written = await call('PATCH', `${session}/settings`, { body: { a: 1 } })
  t.equal(written.status, 201, 'it goes on serving')
  t.equal(written.headers.connection, 'keep-alive', 'and keeps connections')
  const late = keep(t, port)
  late.ask(`${session}/events`)
  await late.ended
  t.match(
    late.got(),
    /^HTTP\/1\.1 200 [\s\S]*\nretry: \d+\n/,
    'a stream that is asked for is to be asked for elsewhere',
  )
  t.match(stream.got(), 'event: change', 'one that is open goes on')
  const retries = (): number => stream.got().split('\nretry: ').length
  const before = retries()

  await until(() => refuses(port), 'it listens no more')
  t.ok(performance.now() - from > DRAIN_SECONDS * 1000 - 100, 'not before the time is over')
  kept.ask('/livez')
  await kept.ended
  t.match(
    kept.got(),
    /HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 200 [\s\S]*connection: close/i,
    'a kept connection is answered once more',
  )
  await stream.ended
  t.equal(retries(), before + 1, 'its reader is told when to come back')
  t.equal(await exited, 0)
  t.ok(performance.now() - from < (DRAIN_SECONDS + 12) * 1000, 'an idle connection does not hold it')
  await idle.ended
})

t.test('without a drain it ends at once, whoever keeps a connection', async (t) => {
  const { port, end } = await begin(t, 0)
  const idle = keep(t, port)
  idle.ask('/readyz')
  await until(() => idle.got().includes('"ok"'), 'it is ready')
  const from = performance.now()
  t.equal(await end(), 0)
  t.ok(performance.now() - from < 5000)
  await idle.ended
})
