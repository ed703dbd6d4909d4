/**
 * A TCP proxy that does harm: it stands between the service and a Redis, or between a master and its replica. What it does
 * can be changed at any time, for all connections or for the next requests alone.
 *
 * What a black hole has taken comes out when it is lifted, as on a network that lost packets: TCP sends them again. So a
 * command may arrive long after its caller gave up, also on a connection that its caller has closed.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export type Fault =
  | { readonly kind: 'pass' }
  /** Each way. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Each way. */
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number }
  /**
   * Takes bytes and gives nothing, and the connection stays. `requests` never reach the server; `answers` never reach the
   * client, so what was asked for is done. With `new` only connections that are made from now on are silent.
   */
  | { readonly kind: 'blackHole'; readonly swallows: 'requests' | 'answers' | 'both'; readonly of?: 'all' | 'new' }
  /** Makes no new connections; those that are there stay. */
  | { readonly kind: 'refuse' }
  /** The request never reaches the server. */
  | { readonly kind: 'resetBeforeRequest' }
  /** The server has done the request, and the client never hears of it. */
  | { readonly kind: 'resetBeforeAnswer' }
  /** The client gets the first half of the answer. */
  | { readonly kind: 'resetInAnswer' }

export type FaultProxy = {
  readonly port: number
  /** What happens from now on. What a black hole holds is let go when another fault takes its place. */
  set(fault: Fault): Promise<void>
  /** What happens to the next requests, of those with bytes like this; then what was set goes on. */
  next(fault: Fault, count: number, like?: RegExp): void
  /** How many requests `next` has still to meet. */
  left(): number
  /** Ends all connections by RST, towards the client; the server sees a connection that ends. */
  resetAll(): void
  connections(): number
  stop(): Promise<void>
}

export type FaultProxyOptions = {
  /** Of the server. */
  readonly port: number
  /** Its own port; a free one if it is left out. */
  readonly listen?: number
}

type Way = 'requests' | 'answers'

const SLICE_MS = 20
/** Node takes bytes and an RST that come at once for bytes and an orderly end. */
const READ_MS = 20

/** One way of a connection: bytes go out in their order, now or when they are due. */
const createFlow = (to: Socket, way: Way, faultNow: () => Fault) => {
  let waiting: { bytes: Buffer; due: number }[] = []
  let ended = false
  let timer: NodeJS.Timeout | undefined

  const isHeld = (): boolean => {
    const fault = faultNow()
    return fault.kind === 'blackHole' && (fault.swallows === 'both' || fault.swallows === way)
  }

  const pump = (): void => {
    clearTimeout(timer)
    if (isHeld() || to.destroyed) return
    for (;;) {
      const [first] = waiting
      if (first === undefined) break
      const early = first.due - performance.now()
      if (early > 0) {
        timer = setTimeout(pump, early)
        return
      }
      waiting.shift()
      to.write(first.bytes)
    }
    if (ended) to.end()
  }

  const queue = (bytes: Buffer): void => {
    const fault = faultNow()
    const last = Math.max(performance.now(), waiting.at(-1)?.due ?? 0)
    if (fault.kind === 'latency') {
      waiting.push({ bytes, due: Math.max(last, performance.now() + fault.ms) })
    } else if (fault.kind === 'trickle') {
      const slice = Math.max(1, Math.round((fault.bytesPerSecond * SLICE_MS) / 1000))
      const pieceMs = (slice * 1000) / fault.bytesPerSecond
      for (let at = 0, due = last; at < bytes.length; at += slice) {
        due += pieceMs
        waiting.push({ bytes: bytes.subarray(at, at + slice), due })
      }
    } else waiting.push({ bytes, due: 0 })
  }

  return {
    push(bytes: Buffer): void {
      queue(bytes)
      pump()
    },
    /** What waits for a trickle or a delay that is over goes on at once. */
    release(): void {
      if (faultNow().kind === 'pass') waiting = waiting.map(({ bytes }) => ({ bytes, due: 0 }))
      pump()
    },
    /** Ends the other side after what is on its way. */
    end(): void {
      ended = true
      pump()
    },
    stop: () => clearTimeout(timer),
  }
}

/** RST alone: what Node has for it (`resetAndDestroy`) sends a FIN first, and the other side may see that. */
const breakOff = (socket: Socket): void => {
  Object.assign(socket, { resetAndClosing: true })
  socket.destroy()
}

type Line = { release(): void; reset(): void }

/** One connection through the proxy. `meets` answers what a request meets. */
const createLine = (near: Socket, far: Socket, faultNow: () => Fault, meets: (request: Buffer) => Fault): Line => {
  let atAnswer: Fault['kind'] = 'pass'
  /** Half of an answer is out, and nothing may come after it. */
  let isBroken = false
  const out = createFlow(far, 'requests', faultNow)
  const back = createFlow(near, 'answers', faultNow)

  const reset = (): void => {
    out.stop()
    back.stop()
    breakOff(near)
    far.destroy()
  }

  near.on('data', (bytes) => {
    if (isBroken) return
    const { kind } = meets(bytes)
    if (kind === 'resetBeforeRequest') return reset()
    if (kind === 'resetBeforeAnswer' || kind === 'resetInAnswer') atAnswer = kind
    out.push(bytes)
  })
  far.on('data', (bytes) => {
    if (isBroken) return
    if (atAnswer === 'resetBeforeAnswer') return reset()
    if (atAnswer === 'resetInAnswer') {
      isBroken = true
      near.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => setTimeout(reset, READ_MS))
      return
    }
    back.push(bytes)
  })
  near.on('end', out.end)
  far.on('end', back.end)
  // Whoever hung up by force is told nothing more; what it has sent is still on its way.
  near.on('error', () => near.destroy())
  near.on('close', () => out.end())
  far.on('error', () => {
    far.destroy()
    breakOff(near)
  })
  far.on('close', () => back.end())
  return {
    release() {
      out.release()
      back.release()
    },
    reset,
  }
}

const PASS: Fault = { kind: 'pass' }

const affects = (fault: Fault, isNew: boolean): boolean => fault.kind !== 'blackHole' || fault.of !== 'new' || isNew

export const startFaultProxy = async (
  t: Pick<Test, 'teardown'>,
  { port: target, listen = 0 }: FaultProxyOptions,
): Promise<FaultProxy> => {
  let present: Fault = PASS
  let coming: { fault: Fault; count: number; like: RegExp | undefined } | undefined
  const lines = new Set<Line>()
  const sockets = new Set<Socket>()

  const meets = (request: Buffer): Fault => {
    if (!coming || coming.count === 0) return present
    if (coming.like && !coming.like.test(request.toString('latin1'))) return present
    coming.count -= 1
    return coming.fault
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    // A fault that is set after a connection was made is another one, also if it looks the same.
    const madeUnder = present
    const faultNow = (): Fault => (affects(present, madeUnder === present) ? present : PASS)
    const line = createLine(near, far, faultNow, meets)
    lines.add(line)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.once('close', () => {
        sockets.delete(socket)
        if (near.destroyed && far.destroyed) lines.delete(line)
      })
    }
  })

  let at = listen
  const open = async (): Promise<void> => {
    if (server.listening) return
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    at = (server.address() as { port: number }).port
  }
  await open()

  const proxy: FaultProxy = {
    port: at,
    async set(fault) {
      present = fault
      // A server that is closed takes no new connections and keeps those that it has.
      if (fault.kind === 'refuse') server.close()
      else await open()
      for (const line of lines) line.release()
    },
    next(fault, count, like) {
      coming = { fault, count, like }
    },
    left: () => coming?.count ?? 0,
    resetAll() {
      for (const line of lines) line.reset()
    },
    connections: () => lines.size,
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  t.teardown(() => proxy.stop())
  return proxy
}
