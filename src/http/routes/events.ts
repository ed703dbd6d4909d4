/** Server-sent events: the changes of one session, and of a whole namespace. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { FeedEvent, Feeds } from '../../domain/events/feed.ts'
import type { SessionStreams } from '../../domain/events/session-stream.ts'
import type { StreamEvent } from '../../domain/events/stream-event.ts'
import type { PolicyOf } from '../../domain/policy.ts'
import type { Look } from '../../domain/sessions/look.ts'
import { throwIfAbsent } from '../../domain/store-refusals.ts'
import { CoatcheckError } from '../../errors.ts'
import { ID_PATTERN, ORIGIN_PATTERN } from '../patterns.ts'
import type { EventStream } from '../plugins/event-streams.ts'
import { serviceOf, sessionId } from '../request.ts'
import * as schemas from '../schemas.ts'
import { EVENT_STREAM_TYPE, feedEventText, retryText, streamEventText } from '../write-events.ts'

const TAGS = ['Changes']
const ID = new RegExp(ID_PATTERN)
/** More events than this are not kept for a reader who is still taking the first ones. */
const MAX_KEPT_BACK = 256

const ExceptOrigin = Type.Optional(
  Type.String({
    pattern: ORIGIN_PATTERN,
    description: 'Leaves out the changes whose writer said this of itself in `Coatcheck-Origin`: the own echo.',
  }),
)

const STREAM = {
  description: 'A stream that goes on until it is closed, or until its session or the credential has ended.',
  content: { [EVENT_STREAM_TYPE]: { schema: Type.String() } },
}

export type EventRoutesOptions = {
  readonly look: Look
  readonly streams: SessionStreams
  readonly feeds: Feeds
  readonly policyOf: PolicyOf
}

export const eventRoutes: FastifyPluginAsyncTypebox<EventRoutesOptions> = async (
  app,
  { look, streams, feeds, policyOf },
) => {
  /** What closes a stream, whether or not it was there when the reader left. */
  const createCloser = () => {
    let isOver = false
    let source: { close(): void } | undefined
    return {
      opened: (one: { close(): void }): void => {
        source = one
        if (isOver) one.close()
      },
      close: (): void => {
        isOver = true
        source?.close()
      },
    }
  }

  /** A reader hears of an event; a comment that keeps the connection open is none. */
  const count = ({ event }: StreamEvent | FeedEvent): void => {
    if (event !== 'quiet') app.observe.eventSent(event)
  }

  /** Whether the credential is still good, apart from its session; for those that are no API key. */
  const recheckOf = (request: FastifyRequest): (() => Promise<unknown>) | null =>
    request.caller.kind === 'api-key' ? null : () => app.callerOf(request)

  app.get(
    '/v1/sessions/:id/events',
    {
      config: { opensStream: true, access: ['events'], refusals: ['too_many_streams'] },
      preHandler: app.dismissWhileEnding,
      schema: {
        tags: TAGS,
        operationId: 'watchSession',
        summary: 'Hear of the changes of a session',
        description:
          'Server-sent events. `snapshot` first (left out when `Last-Event-ID` is the present ETag), then `change`, `expiring`, and at last `ended` with its reason. `renew` comes 30 s before the credential ends, `unauthorized` when it has ended: the session lives on. Only keys that the credential may read; a change of which nothing may be seen is an `id` alone. Watching is no use of the session unless `touch=true`. An API key may watch a missing session.',
        params: schemas.SessionParams,
        querystring: Type.Object(
          {
            touch: Type.Optional(
              schemas.oneOf(['true', 'false'], {
                description: '`true`: as long as this is open, the session is in use.',
                default: 'false',
              }),
            ),
            exceptOrigin: ExceptOrigin,
          },
          { additionalProperties: false },
        ),
        headers: schemas.Headers({
          'last-event-id': Type.Optional(
            Type.String({
              description: 'The ETag that the reader holds, as `id` said it. Anything else is passed over.',
            }),
          ),
        }),
        response: {
          200: STREAM,
        },
      },
    },
    async (request, reply) => {
      const { caller } = request
      const id = sessionId(request)
      // What can be said at once is said with a status; whoever waits for events would not see it there.
      const found = await look(caller, id, false)
      if (found.state !== 'missing' || caller.kind !== 'api-key') throwIfAbsent(found, caller)
      if (request.method === 'HEAD') return reply.type(EVENT_STREAM_TYPE).send('')
      const closer = createCloser()
      const stream = app.openEventStream(request, reply, { session: id, onClose: closer.close })
      stream.send(retryText(500, 1000))
      try {
        closer.opened(
          await streams.open({
            caller,
            id,
            lastEventId: (request.headers['last-event-id'] as string | undefined) ?? null,
            exceptOrigin: request.query.exceptOrigin ?? null,
            touches: request.query.touch === 'true',
            recheck: recheckOf(request),
            send: (event: StreamEvent) => {
              count(event)
              stream.send(streamEventText(event))
            },
            reader: stream,
            end: stream.end,
          }),
        )
      } catch {
        // The store went away in this moment: the reader comes back.
        stream.end()
      }
      return reply
    },
  )

  /** The ids that a feed is narrowed to; throws invalid_request and limit_exceeded. */
  const idsIn = (text: string, namespace: string): string[] => {
    const ids = [...new Set(text.toLowerCase().split(','))]
    const { batch } = policyOf(namespace).limits
    if (!ids.every((id) => ID.test(id))) {
      throw new CoatcheckError('invalid_request', undefined, {
        errors: [{ pointer: '#/query/ids', detail: 'must be UUIDs with commas in between' }],
      })
    }
    if (ids.length > batch) {
      throw new CoatcheckError('limit_exceeded', undefined, {
        limit: batch,
        errors: [{ pointer: '#/query/ids', detail: `${ids.length} ids, where ${batch} may be.` }],
      })
    }
    return ids
  }

  app.get(
    '/v1/events',
    {
      config: { opensStream: true, access: 'events', refusals: ['limit_exceeded'] },
      preHandler: app.dismissWhileEnding,
      schema: {
        tags: TAGS,
        operationId: 'watchNamespace',
        summary: 'Hear of the changes of all sessions',
        description:
          "The namespace's feed, for a node that serves many live views: `change` and `ended` of every session, each with its `id`. `gap` comes first, and again whenever something may have been missed, of one session (`id`) or of any: read what you hold by `POST /v1/sessions/batch`. With `ids` the sessions named are told by state, beginning with a `snapshot` of each, and there are no gaps.",
        querystring: Type.Object(
          {
            ids: Type.Optional(Type.String({ maxLength: 4000, description: 'UUIDs with commas in between.' })),
            exceptOrigin: ExceptOrigin,
          },
          { additionalProperties: false },
        ),
        response: { 200: STREAM },
      },
    },
    async (request, reply) => {
      const caller = serviceOf(request)
      const { ids, exceptOrigin } = request.query
      const asked = ids === undefined ? null : idsIn(ids, caller.namespace)
      if (request.method === 'HEAD') return reply.type(EVENT_STREAM_TYPE).send('')
      const closer = createCloser()
      /**
       * What is told before the answer has begun, which it does once nothing more can go wrong. The snapshots of many
       * sessions are more than may wait for a reader at once, so these are sent as they are taken.
       */
      const early: FeedEvent[] = []
      let send = (event: FeedEvent): void => {
        early.push(event)
      }
      let stream: EventStream | undefined
      let poured = (): void => {}
      const whenPoured = new Promise<void>((resolve) => {
        poured = resolve
      })
      const feed = await feeds.open({
        caller,
        ids: asked,
        exceptOrigin: exceptOrigin ?? null,
        send: (event) => send(event),
        reader: {
          isBehind: () => early.length > MAX_KEPT_BACK || (stream?.isBehind() ?? false),
          caughtUp: async () => {
            await whenPoured
            await stream?.caughtUp()
          },
        },
      })
      closer.opened(feed)
      const opened = app.openEventStream(request, reply, { session: null, onClose: closer.close })
      stream = opened
      opened.send(retryText(500, 1000))
      const sendNow = (event: FeedEvent): void => {
        count(event)
        opened.send(feedEventText(event))
      }
      const pour = async (): Promise<void> => {
        for (let event = early.shift(); event !== undefined; event = early.shift()) {
          sendNow(event)
          await opened.caughtUp()
        }
        send = sendNow
        poured()
      }
      void pour()
      return reply
    },
  )
}
