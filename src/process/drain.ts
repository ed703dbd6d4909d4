/**
 * How a replica leaves without a call that fails: it says that it goes, waits until balancers have heard of it, listens no
 * more, and lets what is open come to its end.
 */
import { once } from 'node:events'
import { Server } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { buildApp } from '../app.ts'

/** Over how long the ends of streams are spread, so that their readers do not all come back at once. */
const STREAMS_MS = 3000
/** How long connections that are kept and idle stay open. A proxy that drops them sooner never sends over one that closes. */
const KEPT_MS = 9000

/** @param drainMs how long new connections are still taken */
export const drain = async (app: Awaited<ReturnType<typeof buildApp>>, drainMs: number): Promise<void> => {
  app.drain()
  await pause(drainMs)
  const closed = once(app.server, 'close')
  // The one of `http` would close idle connections, too, over which a call may be on its way.
  Server.prototype.close.call(app.server)
  app.answerLast()
  const given = new AbortController()
  const over = pause(KEPT_MS, undefined, { signal: given.signal }).catch(() => {})
  await Promise.all([app.endStreams(STREAMS_MS), Promise.race([closed, over])])
  given.abort()
}
