/** The feed of many sessions against a service that is played here: answers and events come in every order that they can. */
import fc from 'fast-check'
import t from 'tap'
import { createCredentialSource } from '../../src/client/credential.ts'
import { createFeed } from '../../src/client/feed.ts'
import { CoatcheckError, type SessionEvent } from '../../src/client/index.ts'
import type { Batch } from '../../src/client/shapes.ts'
import { until } from '../helpers/until.ts'

const ID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

type State = { readonly revision: number; readonly etag: string; readonly settings: Record<string, unknown> }
type Reading = { state?: State; readonly resolve: (batch: Batch) => void; readonly reject: (error: unknown) => void }

/** What is under way gets on, streams among it, as far as it can. */
const turn = async () => {
  for (let n = 0; n < 4; n++) await new Promise((resolve) => setImmediate(resolve))
}

/** A service with one session, whose line for changes may lapse, and which answers when it is told to. */
const play = () => {
  let state: State = { revision: 0, etag: '0', settings: {} }
  const states = [state]
  let isUp = true
  let isGapDue = false
  let drawn = 0
  let line: ReadableStreamDefaultController<Uint8Array> | undefined
  const told: string[] = []
  const readings: Reading[] = []
  const say = (event: string, data: object) => void told.push(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)

  const become = (next: State, event?: () => void): void => {
    state = next
    states.push(state)
    if (isUp) event?.()
  }
  const next = (settings: State['settings'], from = state.revision): State => ({
    revision: from + 1,
    etag: `${from + 1}-${drawn++}`,
    settings,
  })

  const does = {
    put(key: string) {
      const set = { [key]: drawn }
      const previousEtag = state.etag
      const after = next({ ...state.settings, ...set })
      become(after, () => say('change', { id: ID, ...after, previousEtag, settings: undefined, set, removed: [] }))
    },
    remove(key: string) {
      const { [key]: _, ...rest } = state.settings
      const previousEtag = state.etag
      const after = next(rest)
      become(after, () =>
        say('change', { id: ID, ...after, previousEtag, settings: undefined, set: {}, removed: [key] }),
      )
    },
    /** A change that is too long to be told, so that the service tells what there is then, or of a gap where that moved on. */
    putLong(key: string) {
      const after = next({ ...state.settings, [key]: drawn })
      become(after, () => say('snapshot', { id: ID, ...after }))
    },
    putUntold(key: string) {
      become(next({ ...state.settings, [key]: drawn }), () => say('gap', { id: ID }))
    },
    /** It runs out, and another life begins; its end is told if the line is there, and so this happens while it is not. */
    liveAnew(key: string) {
      if (!isUp) become(next({ [key]: drawn }, 0))
    },
    /** A fail-over loses what was written last. */
    failOver(_key: string, n: number) {
      if (!isUp) become(states.at(-1 - n) ?? state)
    },
    lapse: () => {
      isUp = false
      isGapDue = true
    },
    /** Whoever held a session when the line lapsed is told so, a moment after the line is there again. */
    mend: () => {
      isUp = true
    },
    /** Also where nothing was missed: the service cannot always know. */
    gap() {
      if (!isUp) return
      isGapDue = false
      say('gap', {})
    },
    end: () => say('ended', { id: ID, reason: 'deleted' }),
    tell() {
      const one = told.shift()
      if (one !== undefined) line?.enqueue(new TextEncoder().encode(one))
    },
    read() {
      const one = readings.find((reading) => reading.state === undefined)
      if (one) one.state = state
    },
    answer() {
      const one = readings.shift()
      if (!one) return
      const { revision, etag, settings } = one.state ?? state
      const session = { revision, etag, settings } as unknown as Batch['sessions'][string]
      one.resolve(
        revision === 0
          ? { sessions: {}, missing: [ID], gone: [] }
          : { sessions: { [ID]: session }, missing: [], gone: [] },
      )
    },
    lose: () => readings.shift()?.reject(new CoatcheckError({ code: 'unreachable', detail: 'It broke.' })),
  }

  const closing = new AbortController()
  const feed = createFeed({
    credentials: createCredentialSource(undefined),
    closed: closing.signal,
    batch: () => new Promise((resolve, reject) => readings.push({ resolve, reject })),
    send: async () => {
      told.length = 0
      say('gap', {})
      return new Response(
        new ReadableStream({
          start(controller) {
            line = controller
          },
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      )
    },
  })
  return {
    does,
    gapIfDue: () => isGapDue && does.gap(),
    feed,
    state: () => state,
    /** All that ever was, in its order. */
    states: () => states,
    isQuiet: () => told.length + readings.length === 0,
    close: () => closing.abort(),
  }
}

const follow = (stream: AsyncIterable<SessionEvent<object>>) => {
  const events: SessionEvent<object>[] = []
  const over = (async () => {
    for await (const event of stream) events.push(event)
  })()
  over.catch(() => {})
  return { events, over }
}

const NAMES = [
  ...([
    'put',
    'put',
    'remove',
    'putLong',
    'putUntold',
    'liveAnew',
    'liveAnew',
    'failOver',
    'lapse',
    'mend',
    'gap',
  ] as const),
  ...(['tell', 'tell', 'tell', 'tell', 'tell', 'read', 'read', 'answer', 'join'] as const),
]

t.test('whatever order answers and events come in, all readers end with what there is', async (t) => {
  const step = fc.record({
    name: fc.constantFrom(...NAMES, 'lose' as const),
    key: fc.constantFrom('a', 'b', 'c'),
    n: fc.integer({ min: 0, max: 3 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
      const service = play()
      const readers = [follow(service.feed.changes(ID))]
      for (let n = 0; n < 3; n++) {
        await turn()
        service.does.tell()
        service.does.answer()
      }
      for (const { name, key, n } of steps) {
        if (name === 'join') readers.push(follow(service.feed.changes(ID)))
        else if (name !== 'lose' || n === 0) (service.does[name] as (key: string, n: number) => void)(key, n)
        await turn()
      }
      service.does.mend()
      service.gapIfDue()
      const isDone = () => service.isQuiet() && readers.every(({ events }) => isAt(events.at(-1), service.state()))
      try {
        for (const end = performance.now() + 1000; !isDone(); await turn()) {
          service.does.tell()
          service.does.answer()
          if (performance.now() > end) throw new Error('Not all hold what there is.')
        }
        if (readers.some(({ events }) => events[0]?.type !== 'snapshot'))
          throw new Error('One does not begin with a snapshot.')
        const shown = readers.flatMap(({ events }) => events.filter((event) => 'etag' in event))
        if (!shown.every((event) => service.states().some((state) => isAt(event, state))))
          throw new Error('One was shown what never was.')
      } finally {
        service.close()
      }
    }),
    { numRuns: 200, endOnFailure: true },
  )
  t.pass('in 200 orders')
})

const isAt = (event: SessionEvent<object> | undefined, { etag, settings }: State): boolean =>
  event !== undefined && 'etag' in event && event.etag === etag && sorted(event.settings) === sorted(settings)
const sorted = (value: object): string => JSON.stringify(Object.entries(value).sort())

/** A service whose first reading is answered, and its readers. */
const begun = async (count: number) => {
  const service = play()
  const readers = Array.from({ length: count }, () => service.feed.changes(ID))
  const firsts = readers.map((reader) => reader.next())
  await until(async () => {
    service.does.tell()
    service.does.answer()
    await turn()
    return service.isQuiet()
  }, 'it is read')
  await Promise.all(firsts)
  return { service, readers }
}

t.test('a reader that lags behind hears of the end all the same', async (t) => {
  const { service, readers } = await begun(1)
  const [reader] = readers
  for (let n = 0; n < 100; n++) {
    service.does.put('a')
    service.does.tell()
    await turn()
  }
  service.does.end()
  service.does.tell()
  await turn()
  if (!reader) throw new Error('There is one.')
  const { events } = follow(reader)
  await until(() => events.at(-1)?.type === 'ended', 'it hears of the end', 1000)
  t.match(events, [{ type: 'snapshot', settings: { a: 99 } }, { type: 'ended' }])
  service.close()
})

t.test('a gap that is told while the session is being read is not passed over', async (t) => {
  const { service, readers } = await begun(1)
  const [reader] = readers
  if (!reader) throw new Error('There is one.')
  const { events } = follow(reader)
  service.does.gap()
  service.does.tell()
  await turn()
  service.does.read()
  service.does.putUntold('a')
  service.does.tell()
  await turn()
  const late = follow(service.feed.changes(ID))
  await turn()
  service.does.answer()
  await turn()
  service.does.answer()
  await turn()
  for (const each of [events, late.events]) t.match(each.at(-1), { settings: { a: 0 } })
  service.close()
})

t.test('an id that is none harms nobody else', async (t) => {
  const { service, readers } = await begun(1)
  for (const id of ['', 'current', '../..', `${ID}0`]) await t.rejects(service.feed.changes(id).next(), TypeError)
  service.does.put('a')
  service.does.tell()
  t.match((await readers[0]?.next())?.value, { type: 'change', set: { a: 0 } })
  service.close()
})
