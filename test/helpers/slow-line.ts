/**
 * A line to a server that can be slow: a TCP proxy on a free port. When a client hangs up, what it sent stays on its way
 * and the server is not told, as on a network.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type SlowLine = {
  readonly port: number
  /** How long each piece takes on its way to the server, in ms. */
  slowDown(ms: number): void
  stop(): Promise<void>
}

export const slowLine = async (to: number): Promise<SlowLine> => {
  const sockets = new Set<Socket>()
  let delayMs = 0

  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('data', (bytes) => {
      if (delayMs === 0) far.write(bytes)
      else setTimeout(() => far.write(bytes), delayMs)
    })
    far.on('data', (bytes) => near.write(bytes))
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as { port: number }).port,
    slowDown(ms) {
      delayMs = ms
    },
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
