/**
 * Answers that go on: what is open, what may be opened, and how it all ends. While more than 256 KiB wait for a reader, it is
 * behind: what comes meanwhile is left out, and it gets the state when it has caught up. One that takes nothing for half a
 * minute is cut off. When the service stops, streams end first, and tell their readers to come back each at another moment.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller } from '../../domain/credentials/caller.ts'
import type { Reader } from '../../domain/events/session-stream.ts'
import { CoatcheckError } from '../../errors.ts'
import { EVENT_STREAM_TYPE, retryText } from '../write-events.ts'
import { logAnswer } from './request-log.ts'

const MAX_UNREAD_BYTES = 256 * 1024
const STREAMS_A_SESSION = 32
const STREAMS_A_TOKEN = 64
const RETRY_SECONDS = 5
/** How long a reader may take for what it was sent before the end. */
const LAST_READ_MS = 2000
/** How long a reader may leave what waits for it where more is kept back for it. */
const CATCH_UP_MS = 30_000

export type EventStream = Reader & {
  /** Sends a text; passed over when the stream has ended. */
  send(text: string): void
  end(): void
}

export type EventStreamsOptions = { readonly catchUpMs?: number | undefined }

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Makes the answer a stream of events and calls `onClose` once, whoever ends it. `session` counts against what a
     * session may have open. Throws too_many_streams.
     */
    openEventStream(
      request: FastifyRequest,
      reply: FastifyReply,
      options: { readonly session: string | null; readonly onClose: () => void },
    ): EventStream
    /** Ends all streams, each at another moment within this time. */
    endStreams(withinMs: number): Promise<void>
    /** Before the handler of a stream: while the service ends it is opened and dismissed, and nothing is looked up for it. */
    dismissWhileEnding(request: FastifyRequest, reply: FastifyReply): Promise<void>
  }
}

/** Counts by name, and forgets who has none. */
const createCounts = () => {
  const counts = new Map<string, number>()
  return {
    of: (name: string): number => counts.get(name) ?? 0,
    add: (name: string, by: 1 | -1): void => {
      const count = (counts.get(name) ?? 0) + by
      if (count > 0) counts.set(name, count)
      else counts.delete(name)
    },
  }
}

const tooMany = (limit: number, of: string): CoatcheckError =>
  new CoatcheckError('too_many_streams', `A ${of} may have ${limit} streams open on one instance: close some.`, {
    limit,
    retryAfterSeconds: RETRY_SECONDS,
  })

/** Ends a stream of a service that stops. */
const dismiss = (stream: EventStream): void => {
  stream.send(retryText(1000, 4000))
  stream.end()
}

export const eventStreams = fp<EventStreamsOptions>(
  async (app, { catchUpMs = CATCH_UP_MS }) => {
    const open = new Set<EventStream>()
    const counts = createCounts()

    const namesOf = (caller: Caller, session: string | null): { session?: string; token?: string } => ({
      ...(session === null ? {} : { session: `session ${caller.namespace}:${session}` }),
      ...(caller.kind === 'api-key' ? {} : { token: `token ${caller.credentialId}` }),
    })

    app.decorate('openEventStream', (request, reply, { session, onClose }) => {
      const names = namesOf(request.caller, session)
      if (names.session && counts.of(names.session) >= STREAMS_A_SESSION) throw tooMany(STREAMS_A_SESSION, 'session')
      if (names.token && counts.of(names.token) >= STREAMS_A_TOKEN) throw tooMany(STREAMS_A_TOKEN, 'token')

      const { raw } = reply
      reply.hijack()
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
        // Proxies are not to gather what is meant to arrive at once.
        'x-accel-buffering': 'no',
        // Nothing comes after it, and whoever stops the service need not wait for the connection.
        connection: 'close',
      })
      raw.flushHeaders()
      request.isLogged = true
      logAnswer(request, reply)

      const stream: EventStream = {
        send: (text) => {
          if (!raw.writableEnded && !raw.destroyed) raw.write(text)
        },
        isBehind: () => raw.writableLength > MAX_UNREAD_BYTES,
        caughtUp: () =>
          new Promise((resolve) => {
            if (!raw.writableNeedDrain || raw.destroyed) return resolve()
            const cutOff = (): void => {
              app.observe.readerCutOff()
              raw.destroy()
            }
            const timer = setTimeout(cutOff, catchUpMs).unref()
            const done = (): void => {
              clearTimeout(timer)
              raw.off('drain', done).off('close', done)
              resolve()
            }
            raw.on('drain', done).on('close', done)
          }),
        end: () => {
          if (raw.writableEnded || raw.destroyed) return
          raw.end()
          setTimeout(() => raw.destroy(), LAST_READ_MS).unref()
        },
      }
      // The reader may have left while it was found out what it may watch.
      if (raw.destroyed) {
        onClose()
        return stream
      }
      open.add(stream)
      const of = session === null ? 'namespace' : 'session'
      app.observe.streamOpened(of)
      for (const name of Object.values(names)) counts.add(name, 1)
      raw.on('error', () => {})
      raw.once('close', () => {
        open.delete(stream)
        app.observe.streamClosed(of)
        for (const name of Object.values(names)) counts.add(name, -1)
        onClose()
      })
      if (app.isDraining()) dismiss(stream)
      return stream
    })

    app.decorate('dismissWhileEnding', async (request: FastifyRequest, reply: FastifyReply) => {
      if (app.isDraining() && request.method !== 'HEAD')
        app.openEventStream(request, reply, { session: null, onClose: () => {} })
    })

    app.decorate('endStreams', async (withinMs: number) => {
      const ends = Array.from(open, async (stream) => {
        await pause(Math.random() * withinMs)
        dismiss(stream)
      })
      await Promise.all(ends)
    })

    app.addHook('preClose', async () => {
      for (const stream of open) dismiss(stream)
    })
  },
  { name: 'event-streams', dependencies: ['authentication', 'draining', 'request-log'] },
)
