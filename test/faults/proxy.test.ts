/** The proxy does to a real Redis and its client what it says. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { startRedis } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'
import { type FaultProxy, startFaultProxy } from './proxy.ts'

const server = await startRedis()
t.teardown(() => server.stop())
const direct = new Redis(server.port)
t.teardown(() => direct.disconnect())

type Wire = {
  readonly socket: Socket
  send(...words: string[]): void
  text(): string
  /** How it ended: by FIN, or the code of the error. */
  ended(): string | undefined
}

const wire = (t: Test, port: number): Wire => {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let text = ''
  let ended: string | undefined
  socket.on('data', (bytes) => {
    text += bytes
  })
  socket.on('end', () => {
    ended ??= 'FIN'
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ended ??= error.code
  })
  return {
    socket,
    send: (...words) => void socket.write(`${words.join(' ')}\r\n`),
    text: () => text,
    ended: () => ended,
  }
}

const begin = async (t: Test): Promise<{ proxy: FaultProxy; open: () => Wire; key: string }> => {
  const proxy = await startFaultProxy(t, { port: server.port })
  return { proxy, open: () => wire(t, proxy.port), key: `k${proxy.port}` }
}

/** That the server has got what was sent before: it answers in turns, and this asks on a connection of its own. */
const count = async (key: string): Promise<number> => Number((await direct.get(key)) ?? 0)

t.test('passes', async (t) => {
  const { open, key } = await begin(t)
  const one = open()
  one.send('INCR', key)
  await until(() => one.text() === ':1\r\n', 'the answer is there')
  one.socket.end()
  await until(() => one.ended() === 'FIN', 'the end is passed on, and comes back')
})

t.test('latency, each way, and bytes stay in their order when it ends', async (t) => {
  const { proxy, open, key } = await begin(t)
  await proxy.set({ kind: 'latency', ms: 100 })
  const one = open()
  const started = performance.now()
  for (let n = 0; n < 5; n++) one.send('INCR', key)
  await until(() => one.text().endsWith(':5\r\n'), 'the answers are there')
  t.ok(performance.now() - started >= 200, 'it took both ways')
  t.equal(one.text(), ':1\r\n:2\r\n:3\r\n:4\r\n:5\r\n')
  one.send('INCR', key)
  await proxy.set({ kind: 'pass' })
  one.send('PING')
  await until(() => one.text().endsWith(':6\r\n+PONG\r\n'), 'in order')
})

t.test('trickle', async (t) => {
  const { proxy, open, key } = await begin(t)
  await direct.set(key, 'x'.repeat(400))
  const one = open()
  await proxy.set({ kind: 'trickle', bytesPerSecond: 1000 })
  const started = performance.now()
  one.send('GET', key)
  await until(() => one.text().length > 10, 'the first bytes are there')
  t.ok(one.text().length < 400, 'and not all of them')
  await until(() => one.text().length === 408, 'all are there')
  t.ok(performance.now() - started >= 400, 'it took its time')
})

t.test(
  'a black hole for requests: they come to the server when it is lifted, though their sender is gone',
  async (t) => {
    const { proxy, open, key } = await begin(t)
    const [stays, goes] = [open(), open()]
    await until(() => proxy.connections() === 2, 'both are connected')
    await proxy.set({ kind: 'blackHole', swallows: 'both' })
    stays.send('INCR', key)
    goes.send('INCR', key)
    goes.socket.end()
    const late = open()
    late.send('INCR', key)
    await once(late.socket, 'connect')
    await direct.ping()
    t.equal(await count(key), 0, 'nothing came through')
    t.equal(stays.ended(), undefined, 'the connection stays')
    await proxy.set({ kind: 'pass' })
    await until(async () => (await count(key)) === 3, 'all three come to the server')
    await until(() => /^:\d\r\n$/.test(stays.text()), 'who is still there gets the answer')
  },
)

t.test('a black hole for answers: what was asked for is done', async (t) => {
  const { proxy, open, key } = await begin(t)
  await proxy.set({ kind: 'blackHole', swallows: 'answers' })
  const one = open()
  one.send('INCR', key)
  await until(async () => (await count(key)) === 1, 'it is done')
  t.equal(one.text(), '')
  await proxy.set({ kind: 'pass' })
  await until(() => one.text() === ':1\r\n', 'the answer comes late')
})

t.test('a black hole for new connections alone', async (t) => {
  const { proxy, open, key } = await begin(t)
  const old = open()
  await until(() => proxy.connections() === 1, 'it is connected')
  await proxy.set({ kind: 'blackHole', swallows: 'both', of: 'new' })
  const one = open()
  one.send('INCR', key)
  await once(one.socket, 'connect')
  old.send('PING')
  await until(() => old.text() === '+PONG\r\n', 'the old one is served')
  t.equal(await count(key), 0)
  t.equal(one.text(), '')
  await proxy.set({ kind: 'pass' })
  await until(() => one.text() === ':1\r\n', 'then the new one, too')
})

t.test('refuses new connections, and takes them again', async (t) => {
  const { proxy, open } = await begin(t)
  const old = open()
  await until(() => proxy.connections() === 1, 'it is connected')
  await proxy.set({ kind: 'refuse' })
  const refused = open()
  await until(() => refused.ended() === 'ECONNREFUSED', 'a new one is refused')
  old.send('PING')
  await until(() => old.text() === '+PONG\r\n', 'the old one is served')
  await proxy.set({ kind: 'pass' })
  const one = open()
  one.send('PING')
  await until(() => one.text() === '+PONG\r\n', 'a new one is served')
})

t.test('resets before the request, before the answer, and in the answer', async (t) => {
  for (const [kind, done, text] of [
    ['resetBeforeRequest', 0, ''],
    ['resetBeforeAnswer', 1, ''],
    ['resetInAnswer', 1, ':1'],
  ] as const) {
    const { proxy, open, key } = await begin(t)
    proxy.next({ kind }, 1, /INCR/)
    const one = open()
    one.send('PING')
    await until(() => one.text() === '+PONG\r\n', 'a request that is not meant is served')
    one.send('INCR', key)
    await until(() => one.ended() === 'ECONNRESET', `${kind}: it is an RST`)
    t.equal(await count(key), done, `${kind}: how often it was done`)
    t.equal(one.text(), `+PONG\r\n${text}`, `${kind}: what came`)
    t.equal(proxy.left(), 0)
    const again = open()
    again.send('INCR', key)
    await until(() => again.text() === `:${done + 1}\r\n`, `${kind}: the next one is served`)
  }
})

t.test('after half an answer nothing comes, also of what is asked meanwhile', async (t) => {
  const { proxy, open, key } = await begin(t)
  proxy.next({ kind: 'resetInAnswer' }, 2, /INCR/)
  const one = open()
  one.send('INCR', key)
  await until(() => one.text() === ':1', 'half of the answer is there')
  one.send('INCR', key)
  await until(() => one.ended() === 'ECONNRESET', 'it is an RST')
  t.equal(one.text(), ':1')
  t.equal(await count(key), 1, 'what was asked meanwhile never came to the server')
})

t.test('resets all connections', async (t) => {
  const { proxy, open } = await begin(t)
  const all = [open(), open()]
  await until(() => proxy.connections() === 2, 'they are connected')
  proxy.resetAll()
  await until(() => all.every((one) => one.ended() === 'ECONNRESET'), 'all are reset')
  await until(() => proxy.connections() === 0, 'none is left')
})
