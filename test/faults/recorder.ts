/** Makes calls and writes each of them down. */
import { stalled } from '../helpers/stalls.ts'
import type { Caller, Reply, Request } from './calling.ts'
import { type Operation, outcomeOf, settingsText, type What } from './history.ts'

export type Send = {
  readonly what: What
  readonly replica: number
  readonly session: string
  readonly key?: string
  readonly value?: string | number
  readonly once?: string
  readonly request: readonly [method: string, path: string, request?: Request]
  /** Refusals that are right. */
  readonly expects?: readonly number[]
  /** Refusals that say that it was done before. */
  readonly accepts?: readonly number[]
  /** What is to be remembered of the answer. */
  readonly see?: (reply: Reply) => unknown
}

export type Sent = { readonly operation: Operation; readonly reply: Reply }

export const createRecorder = (callers: readonly Caller[]) => {
  const operations: Operation[] = []
  let count = 0

  /** The state of the settings that an answer tells of: only these calls have its ETag. */
  const stateOf = (path: string, { status, headers, json }: Reply) => {
    const isState = /^\/v1\/sessions\/[^/]+\/settings$/.test(path) && status >= 200 && status < 300
    const etag = isState && headers.etag ? headers.etag.replaceAll('"', '') : null
    return { etag, settings: etag !== null && status === 200 && json ? settingsText(json) : null }
  }

  return {
    operations,
    async send({ what, replica, session, key, value, once, request, expects, accepts, see }: Send): Promise<Sent> {
      const n = ++count
      const [method, path, options = {}] = request
      const headers = { ...options.headers, ...(once === undefined ? {} : { 'idempotency-key': once }) }
      const [sentAt, before] = [performance.now(), stalled()]
      const reply = await (callers[replica] as Caller).call(method, path, { ...options, headers })
      const { status, code } = reply
      const operation: Operation = {
        n,
        replica,
        what,
        session,
        key: key ?? '',
        value: value ?? null,
        once: once ?? null,
        sentAt,
        endedAt: performance.now(),
        stalledMs: stalled() - before,
        status,
        code,
        outcome: accepts?.includes(status) ? 'done' : outcomeOf(status, code),
        expects: [...(expects ?? []), ...(accepts ?? [])],
        // A token may see another state, under an ETag of its own.
        ...(what === 'useToken' ? { etag: null, settings: null } : stateOf(path, reply)),
        seen: (status >= 200 && status < 300 && see?.(reply)) ?? null,
      }
      operations.push(operation)
      return { operation, reply }
    },
  }
}

export type Recorder = ReturnType<typeof createRecorder>
