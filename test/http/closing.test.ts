/** A service that ends answers what still comes in over connections that are open. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { KEYS, newSession, onEachStore } from '../helpers/app.ts'
import { head } from '../helpers/raw-http.ts'
import { until } from '../helpers/until.ts'

t.test('a call over a kept connection while the service ends is answered, and is the last there', (t) =>
  onEachStore(t, async (t, api) => {
    const session = newSession()
    const socket = connect(api.port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    let got = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      got += text
    })
    const ended = once(socket, 'close')
    const begin = (method: string, path: string, ...more: string[]): string =>
      head(`${method} ${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${KEYS.shop}`, ...more)

    let isUnderWay = false
    api.app.server.once('request', () => {
      isUnderWay = true
    })
    socket.write(`${begin('PATCH', `${session}/settings`, 'Content-Type: application/json', 'Content-Length: 7')}{"a"`)
    await until(() => isUnderWay, 'a call is under way')
    const closed = api.app.close()
    await until(() => !api.app.server.listening, 'the service listens no more')
    socket.write(':1}')
    socket.write(begin('GET', `${session}/settings`))
    await ended
    await closed
    const [written = '', read = ''] = got.split(/(?<=\r\n\r\n)(?=HTTP)/)
    t.match(written, /^HTTP\/1\.1 201 /)
    t.match(read, /^HTTP\/1\.1 200 /)
    t.match(read, /\r\nconnection: close\r\n/i)
  }),
)
