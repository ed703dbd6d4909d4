/** Calls to a replica as an app makes them: never waited for without end, and an answer that fails is an answer. */
import { readFileSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { createFaultsOf } from '../helpers/answer-faults.ts'
import { KEYS } from '../helpers/app.ts'
import { root } from '../scripts/project.ts'

export type Reply = {
  /** 0 if there was no answer, or not all of it. */
  readonly status: number
  readonly code: string
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: whatever an answer may hold
  readonly json: any
}

export type Request = {
  readonly body?: unknown
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The API key or a token. */
  readonly key?: string
}

export type Caller = {
  call(method: string, path: string, request?: Request): Promise<Reply>
  /** Hangs up. */
  close(): void
}

/** Longer than any answer may take: it then counts as none. */
const PATIENCE_MS = 10_000

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

let described: ReturnType<typeof createFaultsOf> | undefined

/** @param onFault told of each answer that is not as the description has it */
export const createCaller = (port: number, onFault: (fault: string) => void): Caller => {
  described ??= createFaultsOf(JSON.parse(readFileSync(join(root, 'openapi/openapi.json'), 'utf8')))
  const faultsOf = described
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })

  return {
    call: (method, path, { body, type = 'application/json', headers = {}, key = KEYS.shop } = {}) =>
      new Promise((resolve) => {
        const none = (code: string): void => resolve({ status: 0, code, headers: {}, json: null })
        const outgoing = request({ host: '127.0.0.1', port, agent, method, path }, (incoming) => {
          let text = ''
          incoming.setEncoding('utf8').on('data', (piece: string) => {
            text += piece
          })
          incoming.on('error', () => {})
          incoming.once('close', () => {
            if (!incoming.complete) return none('cut')
            const { statusCode: status = 0, headers } = incoming
            for (const fault of faultsOf({ method, path, status, headers, body: text })) onFault(fault)
            const json = parsed(text) as { code?: string } | null
            resolve({ status, code: status >= 400 ? (json?.code ?? '') : '', headers, json })
          })
        })
        outgoing.on('error', (error: NodeJS.ErrnoException) => none(error.code ?? 'broken'))
        outgoing.setTimeout(PATIENCE_MS, () => outgoing.destroy())
        outgoing.setHeader('authorization', `Bearer ${key}`)
        for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
        if (body === undefined) return void outgoing.end()
        const payload = JSON.stringify(body)
        outgoing.setHeader('content-type', type)
        outgoing.setHeader('content-length', Buffer.byteLength(payload))
        outgoing.end(payload)
      }),
    close: () => agent.destroy(),
  }
}
