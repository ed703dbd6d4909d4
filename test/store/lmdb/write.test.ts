import t from 'tap'
import type { StoredLive } from '../../../src/store/lmdb/codec.ts'
import type { Present } from '../../../src/store/lmdb/judge.ts'
import { decideEnd, decideRevoke, decideTouch } from '../../../src/store/lmdb/lives.ts'
import { decideWrite, type Kept } from '../../../src/store/lmdb/write.ts'
import type { Gone, Write } from '../../../src/store/port.ts'
import { aWrite, texts } from './session.ts'

const NOW = 1_700_000_000_000
const ID = '00112233-4455-6677-8899-aabbccddeeff'
const LIFE = 'L'.repeat(16)
const GEN = 'G'.repeat(16)
const OTHER = 'O'.repeat(16)
const TOKEN = { life: LIFE, gen: GEN }

const LIVE: StoredLive = {
  state: 'live',
  record: {
    life: LIFE,
    gen: GEN,
    revision: 1,
    tag: 'T'.repeat(8),
    createdAt: NOW,
    lastSeenAt: NOW,
    expiresAt: NOW + 3_660_000,
    endsAt: NOW + 7_200_000,
    idleTimeoutSeconds: 3600,
    lifetimeSeconds: 7200,
    subject: 'ada',
    boundAt: null,
    keyDeadlines: null,
    idleUntilWritten: false,
    size: 5,
  },
  settings: texts({ a: '1', n: '42' }),
}
const GONE: Gone = { state: 'gone', reason: 'deleted', endedAt: NOW, life: LIFE }
const MISSING: Present = { state: 'missing' }

const KEPT: Kept = {
  fingerprint: '0'.repeat(32),
  id: ID,
  version: { revision: 7, tag: 'K'.repeat(8) },
  changed: true,
  began: false,
  added: 1,
  taken: null,
  result: null,
}
const REPEAT = { key: '1'.repeat(32), fingerprint: KEPT.fingerprint }

/** Draws bytes that tell how many were drawn before. */
const drawing = () => {
  let drawn = 0
  return (bytes: number): string => Buffer.alloc(bytes, ++drawn).toString('base64url')
}

const decide = (present: Present, write: Write, kept: Kept | null = null, now = NOW) =>
  decideWrite(ID, present, write, kept, now, drawing())

t.test('of all that stands in the way of a write, the first is told', (t) => {
  const worst = aWrite({
    credential: { life: OTHER, gen: OTHER },
    create: 'must-be-missing',
    repeat: { ...REPEAT, fingerprint: 'f'.repeat(32) },
    precondition: { ifMatch: [{ revision: 2, tag: 'X'.repeat(8) }] },
    expect: new Map([['a', null]]),
    set: texts({ long: '"long"' }),
    limits: { bytes: 5, keys: 2 },
  })
  const remedies: [Partial<Write>, unknown][] = [
    [{}, { state: 'refused', why: 'life' }],
    [{ credential: { life: LIFE, gen: OTHER } }, { state: 'refused', why: 'gen' }],
    [{ credential: TOKEN }, { state: 'reused' }],
    [{ repeat: REPEAT }, { state: 'written', repeated: true, version: KEPT.version, live: null }],
    [{ repeat: undefined }, { state: 'exists' }],
    [{ create: 'never' }, { state: 'conflict', version: { revision: 1, tag: LIVE.record.tag } }],
    [{ precondition: undefined }, { state: 'mismatch', texts: new Map([['a', '1']]) }],
    [{ expect: undefined }, { state: 'limit', limit: 'bytes' }],
    [{ limits: { bytes: 100, keys: 2 } }, { state: 'limit', limit: 'keys' }],
    [{ limits: { bytes: 100, keys: 3 } }, { state: 'written', repeated: false, version: { revision: 2 } }],
  ]
  let write = worst
  for (const [remedy, outcome] of remedies) {
    write = { ...write, ...remedy }
    const decision = decide(LIVE, write, write.repeat === undefined ? null : KEPT)
    t.match(decision.outcome, outcome as object)
    if (decision.outcome.state !== 'written' || decision.outcome.repeated) {
      t.match(decision, { next: null, keep: null, grows: false }, 'and nothing is to be stored')
    }
  }
  t.end()
})

t.test('a kept outcome is told after the credential and before the tombstone', (t) => {
  const write = aWrite({ repeat: REPEAT })
  const token = { ...write, credential: TOKEN }
  const stranger = { ...write, credential: { life: OTHER, gen: GEN } }
  t.match(decide(GONE, write, KEPT).outcome, { state: 'written', repeated: true })
  t.match(decide(MISSING, write, KEPT).outcome, { state: 'written', repeated: true })
  t.strictSame(decide(GONE, write).outcome, GONE)
  t.strictSame(decide(GONE, token, KEPT).outcome, GONE)
  t.strictSame(decide(GONE, stranger, KEPT).outcome, { state: 'refused', why: 'life' })
  t.strictSame(decide(MISSING, token, KEPT).outcome, MISSING)
  t.end()
})

t.test('what is begun draws a life, a generation and, when it is written, a tag', (t) => {
  const written = decide(MISSING, aWrite({ set: texts({ a: '1' }), subject: 'ada' }))
  t.match(written.next?.record, {
    life: 'AQEB'.repeat(4),
    gen: 'AgIC'.repeat(4),
    tag: 'AwMDAwMD',
    revision: 1,
    size: 2,
  })
  t.match(written.next?.record, { subject: 'ada', createdAt: NOW, lastSeenAt: NOW, endsAt: NOW + 7_200_000 })
  t.match(written, { grows: true, outcome: { began: true, changed: true, added: 1 } })

  const unwritten = decide(MISSING, aWrite({ writes: false, repeat: REPEAT }))
  t.match(unwritten.next?.record, { revision: 0, tag: 'AAAAAAAA', size: 0 })
  t.match(unwritten, { grows: true, outcome: { began: false, changed: false, version: { revision: 0, tag: '' } } })
  t.match(unwritten.keep, { fingerprint: REPEAT.fingerprint, version: { revision: 0, tag: '' } }, 'it is kept, too')
  t.end()
})

t.test('what is stored counts the bytes of its settings', (t) => {
  const size = (over: Partial<Write>) => decide(LIVE, aWrite(over)).next?.record.size
  t.equal(size({ set: texts({ é: '"é"' }) }), 5 + 2 + 4)
  t.equal(size({ set: texts({ a: '100' }) }), 7)
  t.equal(size({ remove: ['n'] }), 2)
  t.equal(size({ set: texts({ b: '1' }), replace: true }), 2)
  t.equal(size({ set: texts({ a: '3' }), remove: ['a', 'n'] }), 2, 'a key that is removed and set is set')
  t.equal(size({ replace: true }), 0)
  t.end()
})

t.test('only what puts something new needs room', (t) => {
  const grows = (over: Partial<Write>) => decide(LIVE, aWrite(over)).grows
  t.ok(grows({ set: texts({ a: '2' }) }))
  t.ok(grows({ set: texts({ b: '2' }), replace: true }))
  t.notOk(grows({ set: texts({ a: '1' }) }))
  t.notOk(grows({ set: texts({ a: '1' }), replace: true }))
  t.notOk(grows({ remove: ['a'], take: 'a' }))
  t.notOk(decide(LIVE, aWrite({}), null, NOW + 60_000).grows, 'nor does a use')
  t.end()
})

t.test('within the slack a use stores nothing, and after it the clock alone', (t) => {
  const use = aWrite({ writes: false })
  t.equal(decide(LIVE, use, null, NOW + 59_999).next, null)
  const { next, outcome } = decide(LIVE, use, null, NOW + 60_000)
  t.strictSame(next, {
    ...LIVE,
    record: { ...LIVE.record, lastSeenAt: NOW + 60_000, expiresAt: NOW + 3_720_000 },
  })
  t.match(outcome, { changed: false, version: { revision: 1, tag: LIVE.record.tag } })
  t.equal(decide(LIVE, { ...use, use: false }, null, NOW + 60_000).next, null, 'a look does not')
  const changed = decide(LIVE, aWrite({ set: texts({ a: '2' }) }), null, NOW + 59_999).next
  t.match(changed?.record, { lastSeenAt: NOW, expiresAt: LIVE.record.expiresAt }, 'nor does a change within the slack')
  t.end()
})

t.test('nothing that is given is changed', (t) => {
  const settings = texts({ a: '1', n: '42' })
  const present = { ...LIVE, settings }
  decide(present, aWrite({ set: texts({ b: '1' }), remove: ['a'] }))
  decide(present, aWrite({ replace: true }))
  t.strictSame([...settings], [...LIVE.settings])
  t.end()
})

t.test('a session is touched, ended and revoked', (t) => {
  t.strictSame(decideTouch(LIVE, null, NOW + 59_999), {
    outcome: { state: 'live', record: LIVE.record },
    next: null,
  })
  t.match(decideTouch(LIVE, TOKEN, NOW + 60_000), { next: { record: { lastSeenAt: NOW + 60_000 } } })
  const end = { credential: null, reason: 'revoked', tombstoneSeconds: 60 } as const
  const tombstone = { state: 'gone', reason: 'revoked', endedAt: NOW, lapsesAt: NOW + 60_000 }
  t.strictSame(decideEnd(LIVE, end, NOW), {
    outcome: { state: 'ended', wasLive: true },
    next: { ...tombstone, life: LIFE },
    tells: { kind: 'ended', reason: 'revoked' },
  })
  t.strictSame(decideEnd(MISSING, end, NOW), {
    outcome: { state: 'ended', wasLive: false },
    next: { ...tombstone, life: null },
    tells: { kind: 'ended', reason: 'revoked' },
  })
  t.strictSame(decideEnd(GONE, end, NOW), { outcome: GONE, next: null })
  t.strictSame(decideRevoke(LIVE, drawing()), {
    outcome: { state: 'revoked', gen: 'AQEB'.repeat(4) },
    next: { ...LIVE, record: { ...LIVE.record, gen: 'AQEB'.repeat(4) } },
    tells: { kind: 'revoked' },
  })
  t.end()
})
