/**
 * What may stand between a client and the service, and harm it: an HTTP proxy on a free port that loses answers, answers in
 * the service's place, and cuts connections. It keeps what it was sent.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'

export type Sent = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** What it does to one request, in place of handing on the answer: nothing, if undefined. */
export type Harm =
  /** The service does the call, and the answer is lost. */
  | 'lose'
  /** The answer breaks off in the middle of its body. */
  | 'break'
  /** Nothing is ever answered; the service does not see the call. */
  | 'hold'
  /** The connection is closed; the service does not see the call. */
  | 'refuse'
  /** An answer that is not the service's; `cut`: it is shorter than it says. */
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly cut?: boolean
    }
  | undefined

/** By this a client knows that it was the service that answered. */
export const OURS = { 'coatcheck-version': '1' }

export type Front = {
  readonly url: string
  readonly sent: Sent[]
  /** Those of them that are not answered to the end. */
  readonly underWay: ReadonlySet<Sent>
  /** Asked of each request. */
  harm(choose: (sent: Sent) => Harm): void
  /** Cuts every connection that is open. */
  cut(): void
  /** Where requests go from now on. */
  leadTo(port: number): void
  /** How long everything is on its way from now on, there and back, in ms. */
  slowDown(ms: number): void
}

export const startFront = async (t: Test, to: number): Promise<Front> => {
  const sockets = new Set<Socket>()
  const sent: Sent[] = []
  let choose: (sent: Sent) => Harm = () => undefined
  const underWay = new Set<Sent>()
  let port = to
  let latencyMs = 0

  /** Each piece as late as the others, and in their order. */
  const passBack = (answer: IncomingMessage, outgoing: ServerResponse): void => {
    const later = (work: () => void): void => void setTimeout(work, latencyMs / 2)
    outgoing.flushHeaders()
    answer.on('data', (piece) => later(() => outgoing.write(piece)))
    answer.on('end', () => later(() => outgoing.end()))
  }

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = incoming
    const body = await buffer(incoming)
    const one = { method, path, headers, body: body.toString() }
    sent.push(one)
    underWay.add(one)
    outgoing.on('close', () => underWay.delete(one))
    if (latencyMs > 0) await delay(latencyMs / 2)
    const harm = choose(one)
    if (harm === 'hold') return
    if (harm === 'refuse') {
      incoming.socket.destroy()
      return
    }
    if (typeof harm === 'object' && harm.cut) {
      outgoing.writeHead(harm.status, { ...harm.headers, 'content-length': `${(harm.body ?? '').length + 100}` })
      outgoing.write(harm.body ?? '', () => incoming.socket.destroy())
      return
    }
    if (typeof harm === 'object') {
      outgoing.writeHead(harm.status, harm.headers).end(harm.body)
      return
    }
    const onward = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
    onward.on('error', () => incoming.socket.destroy())
    outgoing.on('close', () => onward.destroy())
    onward.end(body)
    const [answer] = (await once(onward, 'response')) as [IncomingMessage]
    answer.on('error', () => incoming.socket.destroy())
    if (harm === 'lose') {
      await buffer(answer)
      incoming.socket.destroy()
    } else if (harm === 'break') {
      outgoing.writeHead(answer.statusCode ?? 0, { ...answer.headers, 'content-length': '1000' })
      outgoing.write('{"half')
      setImmediate(() => incoming.socket.destroy())
    } else {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
      passBack(answer, outgoing)
    }
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  t.teardown(async () => {
    server.close()
    cut()
    await once(server, 'close')
  })

  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    sent,
    harm(next) {
      choose = next
    },
    cut,
    leadTo(next) {
      port = next
    },
    underWay,
    slowDown(ms) {
      latencyMs = ms
    },
  }
}
