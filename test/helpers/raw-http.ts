/** HTTP as bytes, for what no proper client would send. */
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { DEADLINE_MS } from './until.ts'

export type RawAnswer = {
  /** 0 where nothing that is HTTP came back. */
  readonly status: number
  readonly head: string
  readonly text: string
  /** How long it took until the connection ended, in ms. */
  readonly ms: number
}

/**
 * Sends these bytes over a connection of their own and answers what came back until the server closed it: say
 * `Connection: close`. A server may answer and close before it has read everything, so that a failed write is no error.
 */
export const exchange = (port: number, ...parts: readonly (string | Buffer)[]): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(DEADLINE_MS, () => {
      socket.destroy()
      reject(new Error(`The connection was not closed within ${DEADLINE_MS} ms: ${Buffer.concat(chunks)}`))
    })
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      const [head = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n')
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
      resolve({ status, head, text: rest.join('\r\n\r\n'), ms: performance.now() - started })
    })
    socket.on('connect', async () => {
      for (const part of parts) {
        if (socket.destroyed) return
        if (!socket.write(part))
          await Promise.race([new Promise((drained) => socket.once('drain', drained)), delay(1000)])
      }
    })
  })

/** The lines of a request's head, each ended as HTTP wants it. */
export const head = (...lines: readonly string[]): string => [...lines, '', ''].join('\r\n')
