/**
 * A line to a server that can be slow: a TCP proxy on a free port. When a client hangs up, what it sent stays on its way
 * and the server is not told, as on a network. A connection can also go silent: it stays, and nothing comes through.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** How much of what a client sends is remembered, in characters. */
const FIRST = 1000

export type SlowLine = {
  readonly port: number
  /** How long each piece takes on its way to the server, in ms. */
  slowDown(ms: number): void
  /** Lets nothing through any more, either way, on those connections that are there and have sent this text at first. */
  silence(text: string): void
  stop(): Promise<void>
}

export const slowLine = async (to: number): Promise<SlowLine> => {
  const sockets = new Set<Socket>()
  const lines = new Set<{ first: string; isSilent: boolean }>()
  let delayMs = 0

  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    const line = { first: '', isSilent: false }
    lines.add(line)
    near.on('close', () => lines.delete(line))
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('data', (bytes) => {
      if (line.isSilent) return
      if (line.first.length < FIRST) line.first += bytes.toString('latin1')
      if (delayMs === 0) far.write(bytes)
      else setTimeout(() => far.write(bytes), delayMs)
    })
    far.on('data', (bytes) => {
      if (!line.isSilent) near.write(bytes)
    })
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as { port: number }).port,
    slowDown(ms) {
      delayMs = ms
    },
    silence(text) {
      for (const line of lines) if (line.first.includes(text)) line.isSilent = true
    },
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
