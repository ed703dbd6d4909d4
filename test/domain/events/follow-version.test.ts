/**
 * What a reader is told of a session's settings, against a store that is played here. Its writes, ends of lives and
 * fail-overs come in random order; its channel loses notices, but reorders none; a reading is asked for at one moment, shows
 * the session of another, and is answered at a third.
 */
import fc from 'fast-check'
import t from 'tap'
import { apiKeyCaller, type Caller, type SessionCaller } from '../../../src/domain/credentials/caller.ts'
import { allows } from '../../../src/domain/credentials/key-rule.ts'
import { versionText } from '../../../src/domain/etag.ts'
import {
  afterFailure,
  afterGap,
  afterNotice,
  afterReading,
  type Change,
  FIRST_READING,
  type Followed,
  holdsSettings,
  type Reading,
  type Step,
  type VersionReader,
} from '../../../src/domain/events/follow-version.ts'
import type { StreamEvent } from '../../../src/domain/events/stream-event.ts'
import type { Notice, Version } from '../../../src/store/port.ts'

const REF = { namespace: 'app', id: '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71' }
const UNWRITTEN: Version = { revision: 0, tag: '' }
const OWN = 'tab-1'

const SERVICE = apiKeyCaller({
  namespace: 'app',
  name: 'app',
  hash: Buffer.alloc(32),
  permissions: ['events'],
} as never)
const NARROW: SessionCaller = {
  kind: 'session',
  via: 'token',
  namespace: 'app',
  credentialId: 'one',
  sessionId: REF.id,
  life: 'life',
  gen: 'gen',
  may: ['events'],
  keys: { read: ['open.*'], write: [] },
  expiresAt: 0,
  renewUntil: null,
}

const readerFor = (caller: Caller, rest: Partial<VersionReader> = {}): VersionReader => ({
  caller,
  lastEventId: null,
  exceptOrigin: null,
  ...rest,
})

type Texts = ReadonlyMap<string, string>
type State = { readonly version: Version; readonly settings: Texts; readonly life: number }
type WriteOptions = { readonly isLong?: boolean; readonly isWhole?: boolean; readonly origin?: string | null }

/** A session, every state that it had, and every change by the tag that it drew. */
const playStore = () => {
  let state: State = { version: UNWRITTEN, settings: new Map(), life: 0 }
  const states = [state]
  const changes = new Map<string, { readonly set: Texts; readonly change: Change; readonly settings: Texts }>()
  /** Of each version the life that it is of, by its tag. Where a fail-over goes back to one, it counts as another life. */
  const lives = new Map<string, number>()
  let drawn = 0

  const become = (set: Texts, removed: readonly string[], options: WriteOptions): Change => {
    const { isLong = false, isWhole = true, origin = null } = options
    drawn += 1
    const before = state.version
    const after = { revision: before.revision + 1, tag: `tag${drawn}`.padEnd(8, '_') }
    const settings = new Map([...state.settings, ...set])
    for (const key of removed) settings.delete(key)
    const told = new Map([...set].map(([key, text]) => [key, isLong ? null : text] as const))
    const change: Change = { kind: 'changed', ref: REF, before, after, at: null, origin, set: told, removed, isWhole }
    changes.set(after.tag, { set, change, settings })
    state = { version: after, settings, life: state.life }
    states.push(state)
    lives.set(after.tag, state.life)
    return change
  }

  return {
    state: () => state,
    changes,
    lives,
    put: (key: string, options: WriteOptions = {}) => become(new Map([[key, `"${key} ${drawn}"`]]), [], options),
    remove: (key: string, options: WriteOptions = {}) =>
      state.settings.has(key) ? become(new Map(), [key], options) : null,
    /** A life ends, which nobody is told, and the next one is unwritten. */
    liveAnew() {
      state = { version: UNWRITTEN, settings: new Map(), life: state.life + 1 }
      states.push(state)
    },
    /** A fail-over loses what was written last. */
    failOver(count: number) {
      state = { ...(states.at(-1 - count) ?? state), life: state.life + 1 }
      lives.set(state.version.tag, state.life)
      states.push(state)
    },
  }
}

type PlayedStore = ReturnType<typeof playStore>

const readingOf = ({ version, settings }: State): Reading => ({ version, settings, record: null })

/** A reader's stream as the glue runs it: one reading at a time. */
const playStream = (reader: VersionReader, store: PlayedStore, maxKept: number) => {
  let followed: Followed = FIRST_READING
  /** The reading under way; `shows` is what it has seen. */
  let reading: { shows: State | null } | null = { shows: null }
  let readings = 1
  const events: StreamEvent[] = []

  const take = (step: Step): readonly StreamEvent[] => {
    followed = step.next
    events.push(...step.events)
    if (step.mustRead) {
      if (reading !== null) throw new Error('There is a reading under way.')
      reading = { shows: null }
      readings += 1
    }
    return step.events
  }

  return {
    events,
    isReading: () => reading !== null,
    readings: () => readings,
    followed: () => followed,
    told: (notice: Notice) => take(afterNotice(reader, followed, notice, { maxKept })),
    gap: () => take(afterGap(followed)),
    /** The store carries the reading out. */
    read() {
      if (reading) reading.shows ??= store.state()
    },
    answer() {
      const shows = reading?.shows
      if (!shows) return []
      reading = null
      return take(afterReading(reader, followed, readingOf(shows)))
    },
    fail() {
      if (reading === null || followed.held === null) return
      reading = null
      followed = afterFailure(followed)
      take(afterGap(followed))
    },
  }
}

type PlayedStream = ReturnType<typeof playStream>

const visibleIn = (reader: VersionReader, texts: Texts): Texts =>
  new Map([...texts].filter(([key]) => allows(reader.caller.keys.read, key)))

const textOf = (texts: Texts): string => JSON.stringify([...texts].sort())

const tagIn = (etag: string): string => /^\d+-(.{8})/.exec(etag)?.[1] ?? ''

/** Folds the events as a client does, and holds each to the store. */
const createFold = (reader: VersionReader, store: PlayedStore) => {
  let held: Texts = new Map()
  let version = ''
  let life: number | undefined = -1
  let revision = -1
  const toldTags = new Set<string>()

  return {
    version: () => version,
    settings: () => held,
    take(event: StreamEvent): void {
      if (event.event !== 'snapshot' && event.event !== 'change' && event.event !== 'moved') {
        throw new Error(`There came ${event.event}.`)
      }
      if (event.etag === version) throw new Error(`${event.etag} was told twice.`)
      const change = store.changes.get(tagIn(event.etag))
      // The unwritten state is the same in every life.
      const shownLife = event.etag === '0' ? Number.NaN : store.lives.get(tagIn(event.etag))
      if (event.event === 'snapshot') {
        const isLater = event.revision > revision || shownLife !== life
        if (!isLater) throw new Error(`Revision ${event.revision} came after ${revision}.`)
        held = event.settings
        revision = event.revision
      } else {
        if (!change) throw new Error(`${event.etag} is of no change.`)
        if (versionText(change.change.before, reader.caller) !== version)
          throw new Error(`${event.etag} is no next one.`)
        if (toldTags.has(event.etag)) throw new Error(`${event.etag} was told as a change twice.`)
        toldTags.add(event.etag)
        revision = change.change.after.revision
        const set = visibleIn(reader, change.set)
        const removed = change.change.removed.filter((key) => allows(reader.caller.keys.read, key))
        const isOwn = reader.exceptOrigin !== null && change.change.origin === reader.exceptOrigin
        if (event.event === 'change') {
          if (isOwn) throw new Error('An echo was told.')
          if (event.revision !== revision || event.origin !== change.change.origin)
            throw new Error('It is another one.')
          if (textOf(event.set) !== textOf(set) || event.removed.join() !== removed.join()) {
            throw new Error(`Of ${event.etag} was told ${textOf(event.set)} and not ${textOf(set)}.`)
          }
        } else if (!isOwn && set.size + removed.length > 0) throw new Error('A change was kept back.')
        held = new Map([...held, ...set])
        for (const key of removed) (held as Map<string, string>).delete(key)
      }
      life = shownLife
      version = event.etag
      const is = visibleIn(reader, change?.settings ?? new Map())
      if (textOf(held) !== textOf(is)) throw new Error(`At ${version} is ${textOf(is)}, and it holds ${textOf(held)}.`)
    },
  }
}

const mapsAsArrays = (_: string, value: unknown) => (value instanceof Map ? [...value] : value)

const snapshotOf = (reader: VersionReader, { version, settings }: State): StreamEvent => ({
  event: 'snapshot',
  etag: versionText(version, reader.caller),
  revision: version.revision,
  settings: visibleIn(reader, settings),
})

const KEYS = ['open.a', 'open.b', 'hidden.c'] as const

const stepOf = fc.record({
  name: fc.constantFrom(
    ...(['put', 'put', 'put', 'putLong', 'putLong', 'putInPart', 'remove', 'own', 'ownLong'] as const),
    ...(['tell', 'tell', 'tell', 'tell', 'tell', 'tell', 'lose', 'gap', 'revoked'] as const),
    ...(['read', 'read', 'answer', 'answer', 'settle', 'settle', 'fail', 'liveAnew', 'failOver'] as const),
  ),
  key: fc.constantFrom(...KEYS),
  n: fc.integer({ min: 0, max: 3 }),
})

const readerOf = fc.record({
  caller: fc.constantFrom<Caller>(SERVICE, NARROW),
  exceptOrigin: fc.constantFrom(null, OWN),
  resumes: fc.constantFrom('nothing', 'present', 'stale'),
})

t.test(
  'whatever is lost and whenever it is read, the reader holds what there is, and each event is true',
  async (t) => {
    const counts = { change: 0, moved: 0, snapshot: 0, reading: 0, gaps: 0 }
    fc.assert(
      fc.property(
        readerOf,
        fc.array(stepOf, { minLength: 10, maxLength: 80, size: 'max' }),
        fc.integer({ min: 1, max: 6 }),
        ({ caller, exceptOrigin, resumes }, steps, maxKept) => {
          const store = playStore()
          for (const key of KEYS) store.put(key)
          const stale = store.state()
          store.put('open.a')
          const present = store.state()
          const claimed = { nothing: null, present, stale }[resumes]
          const lastEventId = claimed && versionText(claimed.version, caller)
          const reader = readerFor(caller, { exceptOrigin, lastEventId })
          const stream = playStream(reader, store, maxKept)
          const fold = createFold(reader, store)
          if (claimed) fold.take(snapshotOf(reader, claimed))

          /** What is on its way; null for the end of a life, which is lost. */
          const channel: (Notice | null)[] = []
          /** Whether something was lost, and nothing that came after it has arrived. */
          let isOwed = false
          const check = (events: readonly StreamEvent[]): void => {
            for (const event of events) {
              if (event.event in counts) counts[event.event as 'change'] += 1
              fold.take(event)
            }
          }
          const send = (change: Change | null): void => {
            if (change) channel.push(change)
          }
          const tell = (): void => {
            const notice = channel.shift()
            if (notice === null) isOwed = true
            if (!notice) return
            if (notice.kind === 'changed') isOwed = false
            check(stream.told(notice))
          }
          const gap = (): void => {
            isOwed = false
            counts.gaps += 1
            check(stream.gap())
          }
          const answer = (): void => {
            if (stream.isReading()) counts.reading += 1
            check(stream.answer())
          }
          const does: Record<(typeof steps)[number]['name'], (key: string, n: number) => void> = {
            put: (key) => send(store.put(key)),
            putLong: (key) => send(store.put(key, { isLong: true })),
            putInPart: (key) => send(store.put(key, { isWhole: false })),
            remove: (key, n) => send(store.remove(key, { origin: n === 0 ? OWN : 'tab-2' })),
            own: (key) => send(store.put(key, { origin: OWN })),
            ownLong: (key) => send(store.put(key, { origin: OWN, isLong: true })),
            tell,
            lose: (_, n) => {
              if (n < 2 && channel.shift() !== undefined) isOwed = true
            },
            gap: (_, n) => {
              if (n === 0) gap()
            },
            revoked: (_, n) => {
              if (n === 0) channel.push({ kind: 'revoked', ref: REF })
            },
            read: () => stream.read(),
            answer,
            settle: () => {
              while (channel.length > 0) tell()
              stream.read()
              answer()
            },
            fail: (_, n) => {
              if (n === 0) stream.fail()
            },
            liveAnew: (_, n) => {
              if (n > 0) return
              store.liveAnew()
              channel.push(null)
            },
            // The subscriber's connection is lost with the node: what was on its way as well.
            failOver: (_, n) => {
              if (n > 0) return
              store.failOver(1)
              channel.length = 0
              stream.fail()
              gap()
            },
          }
          for (const { name, key, n } of steps) does[name](key, n)

          while (channel.length > 0) tell()
          if (isOwed) gap()
          for (let readings = 0; stream.isReading(); readings += 1) {
            stream.read()
            answer()
            if (readings > 3) throw new Error('It is read again and again.')
          }
          const { version, settings } = store.state()
          if (fold.version() !== versionText(version, caller)) {
            throw new Error(`It holds ${fold.version()}, and there is ${versionText(version, caller)}.`)
          }
          if (textOf(fold.settings()) !== textOf(visibleIn(reader, settings)))
            throw new Error('It holds other settings.')
          if (caller === NARROW && JSON.stringify(stream.events, mapsAsArrays).includes('hidden')) {
            throw new Error('A key outside the rule was shown.')
          }
        },
      ),
      { numRuns: 3000, endOnFailure: true },
    )
    for (const [name, count] of Object.entries(counts)) t.ok(count > 1000, `${name}: more than 1000 times, ${count}`)
  },
)

/** A stream whose first reading is answered. */
const begun = (reader: VersionReader = readerFor(SERVICE), maxKept = 1000) => {
  const store = playStore()
  store.put('open.a')
  const stream = playStream(reader, store, maxKept)
  stream.read()
  stream.answer()
  stream.events.length = 0
  return { store, stream }
}

const names = ({ events }: PlayedStream) => events.map(({ event }) => event)

const readAll = (stream: PlayedStream): void => {
  while (stream.isReading()) {
    stream.read()
    stream.answer()
  }
}

t.test('what is too much to be kept is read', async (t) => {
  const { store, stream } = begun(readerFor(SERVICE), 2)
  stream.gap()
  stream.read()
  for (let n = 0; n < 3; n++) stream.told(store.put('open.a'))
  stream.answer()
  t.strictSame(names(stream), ['change', 'change'], 'what was kept is told')
  t.ok(stream.isReading(), 'what was not kept is read')
  readAll(stream)
  t.match(stream.events.at(-1), { event: 'snapshot', revision: 4 })
})

t.test('a reading that shows less than what was told behind a gap is followed by another', async (t) => {
  const { store, stream } = begun()
  stream.gap()
  stream.read()
  store.put('open.a')
  stream.told(store.put('open.b'))
  stream.answer()
  t.strictSame(names(stream), [])
  t.ok(stream.isReading())
  readAll(stream)
  t.match(stream.events, [{ event: 'snapshot', revision: 3 }])
})

t.test('a long text is told as that of its own change, or not as a change at all', async (t) => {
  const { store, stream } = begun()
  stream.told(store.put('open.a', { isLong: true }))
  readAll(stream)
  t.match(stream.events, [{ event: 'change', set: new Map([['open.a', store.state().settings.get('open.a')]]) }])
  const first = store.put('open.a', { isLong: true })
  const second = store.put('open.a', { isLong: true })
  stream.told(first)
  stream.told(second)
  readAll(stream)
  t.strictSame(names(stream), ['change', 'snapshot'])
})

t.test('what need not be shown need not be read', async (t) => {
  const { store, stream } = begun(readerFor(NARROW, { exceptOrigin: OWN }))
  stream.told(store.put('hidden.c', { isLong: true }))
  stream.told(store.put('open.a', { isLong: true, origin: OWN }))
  t.strictSame(names(stream), ['moved', 'moved'])
  t.equal(stream.readings(), 1)
})

t.test('a notice is told once, also if a reading has shown its version before', async (t) => {
  const { store, stream } = begun()
  const change = store.put('open.a')
  stream.gap()
  stream.read()
  stream.answer()
  stream.told(change)
  t.strictSame(names(stream), ['snapshot'])
  t.notOk(stream.isReading())
})

t.test('an end that is told is the last event; before the first reading it may be the end of another', async (t) => {
  const ended: Notice = { kind: 'ended', ref: REF, reason: 'deleted' }
  const { stream } = begun()
  stream.gap()
  stream.told(ended)
  t.strictSame(stream.events, [{ event: 'ended', reason: 'deleted' }])
  const store = playStore()
  const early = playStream(readerFor(SERVICE), store, 1000)
  early.read()
  early.told(ended)
  early.answer()
  t.strictSame(names(early), ['snapshot'])
  t.ok(early.isReading(), 'it is read again')
})

t.test('a revocation has a token looked at, and no API key', async (t) => {
  for (const [caller, isReading] of [
    [NARROW, true],
    [SERVICE, false],
  ] as const) {
    const { stream } = begun(readerFor(caller))
    stream.told({ kind: 'revoked', ref: REF })
    t.equal(stream.isReading(), isReading)
  }
})

t.test('a change that a fail-over has lost is not read again and again', async (t) => {
  const { store, stream } = begun()
  const lost = store.put('open.a', { isLong: true })
  store.failOver(1)
  stream.told(lost)
  stream.read()
  stream.answer()
  t.notOk(stream.isReading())
  t.strictSame(names(stream), [])
})

t.test('the reader holds settings once they are written and read', async (t) => {
  const store = playStore()
  const stream = playStream(readerFor(SERVICE), store, 1000)
  t.notOk(holdsSettings(stream.followed()))
  readAll(stream)
  t.notOk(holdsSettings(stream.followed()), 'unwritten')
  stream.told(store.put('open.a'))
  t.ok(holdsSettings(stream.followed()))
  stream.gap()
  t.notOk(holdsSettings(stream.followed()), 'while it is read')
})
