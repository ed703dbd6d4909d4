/** Events as text, read back by the rules of the standard: whatever settings hold, each stays one event, whole. */
import fc from 'fast-check'
import t from 'tap'
import type { FeedEvent } from '../../src/domain/events/feed.ts'
import type { StreamEvent } from '../../src/domain/events/stream-event.ts'
import { COMMENT, feedEventText, retryText, streamEventText } from '../../src/http/write-events.ts'
import { eventParser } from '../helpers/events.ts'

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e'

const parse = (...texts: readonly string[]) => {
  const parser = eventParser()
  for (const text of texts) parser.push(text)
  return parser
}

/** What may stand between the members of a value, and what would be a field if it were taken for a line. */
const NASTY = [
  '\r',
  '\n',
  '\r\n',
  '\n\n',
  'data: ',
  'event: ended',
  'id: 9-AAAAAAAA',
  'retry: 1',
  ':',
  '\u2028',
  '\uFEFF',
]

const nastyText = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary' })), { maxLength: 12 })
  .map((parts) => parts.join(''))

const space = fc.array(fc.constantFrom(' ', '\t', '\r', '\n', '\r\n'), { maxLength: 4 }).map((parts) => parts.join(''))

/** JSON texts as they may be stored: with line breaks of all kinds, and with names and strings of all kinds. */
const valueText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(
      fc.constantFrom('1.10', 'null', '12345678901234567890'),
      nastyText.map((text) => JSON.stringify(text)),
    ),
    fc
      .tuple(space, space, fc.array(tie('value'), { maxLength: 3 }))
      .map(([a, b, all]) => `[${a}${all.join(`,${b}`)}${b}]`),
    fc
      .tuple(space, nastyText, space, tie('value'))
      .map(([a, name, b, value]) => `{${a}${JSON.stringify(name)}${b}:${b}${value}${a}}`),
  ),
})).value

const texts = fc.uniqueArray(fc.tuple(nastyText, valueText), { selector: ([name]) => name, maxLength: 6 })
const names = fc.array(nastyText, { maxLength: 4 })
const etag = fc.constantFrom('0', '1-AAAAAAAA', '12-_-Az09_-~DrW41vgb')
const origin = fc.option(fc.stringMatching(/^[\x21-\x7e]{1,64}$/))

const change = fc
  .record({ etag, set: texts, removed: names, origin, revision: fc.nat() })
  .map(({ set, ...more }): StreamEvent => ({ event: 'change', set: new Map(set), ...more }))
const snapshot = fc
  .record({ etag, settings: texts, revision: fc.nat() })
  .map(({ settings, ...more }): StreamEvent => ({ event: 'snapshot', settings: new Map(settings), ...more }))

const valuesOf = (entries: ReadonlyMap<string, string>): string[] => [...entries.values()].map((text) => text.trim())
const normal = (text: string): string => text.replaceAll(/\r\n|\r/g, '\n')
/** JSON of a text, in which line breaks between members mean nothing. */
const jsonOf = (entries: ReadonlyMap<string, string>): [string, unknown][] =>
  [...entries].map(([name, text]): [string, unknown] => [name, JSON.parse(text)])

t.test('whatever is in them, changes and snapshots come back as one event with the same settings', async (t) => {
  fc.assert(
    fc.property(fc.oneof(change, snapshot), fc.array(fc.nat(), { maxLength: 5 }), (event, cuts) => {
      if (event.event !== 'change' && event.event !== 'snapshot') throw new Error(event.event)
      const text = streamEventText(event)
      const places = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length]
      const pieces = places.slice(1).map((end, i) => text.slice(places[i], end))
      const { events, fields, comments, retries, lastEventId } = parse(...pieces)
      const { data = '', ...rest } = events[0] ?? {}
      const entries = event.event === 'change' ? event.set : event.settings
      const heard = JSON.parse(data)
      const json = event.event === 'change' ? heard.set : heard.settings
      t.strictSame([events.length, comments, retries, lastEventId()], [1, [], [], event.etag])
      t.strictSame(rest, { event: event.event, id: event.etag })
      t.strictSame([...new Set(fields)], ['event', 'id', 'data'])
      t.strictSame(json, Object.fromEntries(jsonOf(entries)))
      for (const value of valuesOf(entries))
        if (!data.includes(normal(value))) t.fail(`${value} is not there as it was sent`)
      if (event.event === 'change') t.strictSame([heard.removed, heard.origin ?? null], [event.removed, event.origin])
    }),
    { numRuns: 300 },
  )
})

t.test('in a feed the ETag stands in the data, and no id is set', async (t) => {
  fc.assert(
    fc.property(change, (one) => {
      if (one.event !== 'change') throw new Error(one.event)
      const { events, fields } = parse(feedEventText({ ...one, id: ID } as FeedEvent))
      t.equal(events.length, 1)
      t.notOk(fields.includes('id'))
      const heard = JSON.parse(events[0]?.data ?? '')
      t.strictSame([heard.id, heard.etag, heard.revision, heard.removed], [ID, one.etag, one.revision, one.removed])
    }),
    { numRuns: 100 },
  )
})

t.test('the other events', async (t) => {
  const at = Date.UTC(2026, 0, 2)
  const expiresAt = '2026-01-02T00:00:00.000Z'
  const cases: [StreamEvent, string, object][] = [
    [{ event: 'expiring', expiresAt: at }, 'expiring', { expiresAt }],
    [{ event: 'renew', expiresAt: at }, 'renew', { expiresAt }],
    [{ event: 'ended', reason: 'idle' }, 'ended', { reason: 'idle' }],
    [{ event: 'unauthorized', reason: 'revoked' }, 'unauthorized', { reason: 'revoked' }],
  ]
  for (const [event, name, data] of cases) {
    const own = parse(streamEventText(event)).events
    t.match(own, [{ event: name, id: '', data: JSON.stringify(data) }])
    const fed = parse(feedEventText({ ...event, id: ID } as FeedEvent)).events
    t.strictSame(JSON.parse(fed[0]?.data ?? ''), { id: ID, ...data })
  }
  t.match(parse(feedEventText({ event: 'gap', id: null })).events, [{ event: 'gap', data: '{}' }])
  t.strictSame(JSON.parse(parse(feedEventText({ event: 'gap', id: ID })).events[0]?.data ?? ''), { id: ID })
})

t.test('an id alone moves the reader on and tells nothing', async (t) => {
  const { events, lastEventId } = parse(streamEventText({ event: 'moved', etag: '2-AAAAAAAA' }))
  t.strictSame([events, lastEventId()], [[], '2-AAAAAAAA'])
})

t.test('what tells nothing changes nothing', async (t) => {
  for (const text of [COMMENT, streamEventText({ event: 'quiet' }), feedEventText({ event: 'quiet' })]) {
    const { events, comments, lastEventId } = parse('id: 1\n\n', text)
    t.strictSame([events, comments, lastEventId()], [[], [''], '1'])
  }
  const { events, retries } = parse(retryText(500, 1000))
  t.strictSame([events, retries.every((ms) => ms >= 500 && ms <= 1500)], [[], true])
})
