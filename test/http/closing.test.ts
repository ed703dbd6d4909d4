/** A service that ends answers what still comes in over connections that are open. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { type Api, KEYS, newSession, onEachStore } from '../helpers/app.ts'
import { head } from '../helpers/raw-http.ts'
import { until } from '../helpers/until.ts'

/** Sends half a call, closes the service, sends the rest and another call, and answers what came until the end, in two. */
const closeBetween = async (t: Test, api: Api, second: string): Promise<readonly string[]> => {
  const socket = connect(api.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let got = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text
  })
  const ended = once(socket, 'close')
  let isUnderWay = false
  api.app.server.once('request', () => {
    isUnderWay = true
  })
  socket.write(
    `${begin('PATCH', `${newSession()}/settings`, 'Content-Type: application/json', 'Content-Length: 7')}{"a"`,
  )
  await until(() => isUnderWay, 'a call is under way')
  const closed = api.app.close()
  await until(() => !api.app.server.listening, 'the service listens no more')
  socket.write(':1}')
  socket.write(second)
  await ended
  await closed
  return got.split(/(?<=\r\n\r\n)(?=HTTP)/)
}

const begin = (method: string, path: string, ...more: string[]): string =>
  head(`${method} ${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${KEYS.shop}`, ...more)

t.test('a call over a kept connection while the service ends is answered, and is the last there', (t) =>
  onEachStore(t, async (t, api) => {
    const [written, read] = await closeBetween(t, api, begin('GET', `${newSession()}/settings`))
    t.match(written, /^HTTP\/1\.1 201 /)
    t.match(read, /^HTTP\/1\.1 200 /)
    t.match(read, /\r\nconnection: close\r\n/i)
  }),
)

t.test('a stream that is asked for then tells its reader to come back, and looks nothing up', (t) =>
  onEachStore(t, async (t, api) => {
    const looked = t.capture(api.store, 'read', api.store.read)
    const [, stream] = await closeBetween(t, api, begin('GET', `${newSession()}/events`))
    t.match(stream, /^HTTP\/1\.1 200 /)
    t.match(stream, /\r\nretry: \d+\n/)
    t.equal(looked().length, 0)
  }),
)
