/** What the judge must let pass, and what breaks each of its rules. */
import { settingsText } from './history.ts'
import { AWAY, FAULT_AT, found, HEALED_AT, lossy, type Made, one, s, WELL_AT } from './judged-history.ts'

/** What is right, each because of a sentence that a rule must not overdo. */
export const GOOD: Readonly<Record<string, Made>> = {
  'work alone': {},
  'an increment of which nothing is known was done': {
    operations: [one('count', { key: 'c' }), one('count', { key: 'c', ...AWAY, sentAt: FAULT_AT })],
    found: s({ c: 2 }),
  },
  'or was not': {
    operations: [one('count', { key: 'c' }), one('count', { key: 'c', ...AWAY, sentAt: FAULT_AT })],
    found: s({ c: 1 }),
  },
  'a repeated increment counts once': {
    operations: [
      one('countOnce', { key: 'c', once: '1', ...AWAY, sentAt: FAULT_AT }),
      one('countOnce', { key: 'c', once: '1', sentAt: FAULT_AT + 10 }),
    ],
    found: s({ c: 1 }),
  },
  'an acknowledged write of the last moments is lost in a fail-over': {
    operations: [one('append', { key: 'list', value: 'a', sentAt: 500 }), one('count', { key: 'c', sentAt: 500 })],
    found: s({ list: [], c: 0 }),
    run: lossy,
  },
  'a session that was lost is moved, with nothing': {
    operations: [
      one('create', { value: 'v', sentAt: 500 }),
      one('rotate', { seen: 'z', value: 'v', sentAt: HEALED_AT + 10 }),
    ],
    found: [...found('s', null), ...found('z', {})],
    run: lossy,
  },
  'a put that was late comes after the next one': {
    operations: [
      one('put', { key: 'k', value: 1, ...AWAY, sentAt: FAULT_AT }),
      one('put', { key: 'k', value: 2, sentAt: FAULT_AT + 2000 }),
    ],
    found: s({ k: 1 }),
  },
  'a taker who repeats is answered twice': {
    operations: [
      one('put', { key: 't', value: 'x' }),
      one('take', { key: 't', once: '1', seen: 'x' }),
      one('take', { key: 't', once: '1', seen: 'x' }),
    ],
    found: s({}),
  },
  'a revision goes back in a fail-over': {
    operations: [
      one('read', { etag: '5-aaaaaaaa', sentAt: 500 }),
      one('read', { etag: '4-bbbbbbbb', sentAt: HEALED_AT + 10 }),
    ],
    run: lossy,
  },
  'a call took long while its replica was stopped': {
    operations: [one('read', { sentAt: 1000, endedAt: 4000 })],
    run: { stops: [{ replica: 0, from: 900, to: 3500 }] },
  },
  'a call took long because this process stood still': {
    operations: [one('read', { sentAt: 1000, endedAt: 4000, stalledMs: 1500 })],
  },
  'a call had no answer while its replica was away': {
    operations: [one('read', { sentAt: 1500, status: 0, outcome: 'unknown' })],
    run: { downs: [{ replica: 0, from: 1400, to: 1900 }] },
  },
  'a full store refuses': {
    operations: [one('put', { key: 'k', sentAt: 1500, status: 507, code: 'store_full', outcome: 'refused' })],
    run: { mayBeFull: true },
  },
  'a refusal that is right': { operations: [one('take', { status: 404, outcome: 'refused', expects: [404] })] },
  'a reader was told of the end of what was lost, and is there again': {
    operations: [one('create', { value: 'v', sentAt: 500 })],
    found: s({ v: 'v' }),
    held: [{ reader: 'r', session: 's', etag: '1-s', settings: '{}', ended: true }],
    run: lossy,
  },
  'a reader who finds nothing is not told of a session that begins with nothing': {
    found: found('s', {}, { etag: '0' }),
    held: [{ reader: 'r', session: 's', etag: null, settings: null, ended: false }],
  },
  'a reader of what was lost finds it unwritten': {
    found: found('s', null, { status: 404 }),
    held: [{ reader: 'r', session: 's', etag: '0', settings: '{}', ended: false }],
  },
}

const token = (status: number) => [{ replica: 0, token: 'k', status }]

/** What breaks each rule. */
export const BAD: Readonly<Record<string, Readonly<Record<string, Made>>>> = {
  counters: {
    'an acknowledged increment is lost': { operations: [one('count', { key: 'c' })], found: s({ c: 0 }) },
    'an increment that was sent once is done twice': { operations: [one('count', { key: 'c' })], found: s({ c: 2 }) },
    'one that was refused is done': {
      operations: [one('count', { key: 'c', status: 412, outcome: 'refused', expects: [412] })],
      found: s({ c: 1 }),
    },
    'one from before what may be lost is lost': {
      operations: [one('count', { key: 'c', sentAt: -50 })],
      found: s({ c: 0 }),
      run: lossy,
    },
    'one that was acknowledged after the fault is lost': {
      operations: [one('count', { key: 'c', sentAt: FAULT_AT + 10 })],
      found: s({ c: 0 }),
      run: lossy,
    },
  },
  onceOnly: {
    'a repeat counts again': {
      operations: [
        one('countOnce', { key: 'c', once: '1', ...AWAY, sentAt: FAULT_AT }),
        one('countOnce', { key: 'c', once: '1', sentAt: FAULT_AT + 10 }),
      ],
      found: s({ c: 2 }),
    },
    'it is lost': { operations: [one('countOnce', { key: 'c', once: '1' })], found: s({}) },
  },
  lists: {
    'a value is lost': { operations: [one('append', { key: 'list', value: 'a' })], found: s({ list: [] }) },
    'a value is there twice': {
      operations: [one('append', { key: 'list', value: 'a', ...AWAY, sentAt: FAULT_AT })],
      found: s({ list: ['a', 'a'] }),
    },
    'a value comes from nowhere': {
      operations: [one('append', { key: 'list', value: 'a' })],
      found: s({ list: ['a', 'b'] }),
    },
  },
  puts: {
    'an older value is there': {
      operations: [one('put', { key: 'k', value: 1 }), one('put', { key: 'k', value: 2 })],
      found: s({ k: 1 }),
    },
    'the value is lost': { operations: [one('put', { key: 'k', value: 1 })], found: s({}) },
    'a put is done later than ten seconds after it was sent': {
      operations: [
        one('put', { key: 'k', value: 1, ...AWAY, sentAt: FAULT_AT }),
        one('put', { key: 'k', value: 2, sentAt: FAULT_AT + 10_001 }),
      ],
      found: s({ k: 1 }),
    },
  },
  takes: {
    'two have it': {
      operations: [
        one('put', { key: 't', value: 'x' }),
        one('take', { key: 't', seen: 'x' }),
        one('take', { key: 't', seen: 'x' }),
      ],
      found: s({}),
    },
    'what was taken is another value': {
      operations: [one('put', { key: 't', value: 'x' }), one('take', { key: 't', seen: 'y' })],
      found: s({}),
    },
    'it is still there': {
      operations: [one('put', { key: 't', value: 'x' }), one('take', { key: 't', seen: 'x' })],
      found: s({ t: 'x' }),
    },
    'nobody has it': {
      operations: [
        one('put', { key: 't', value: 'x' }),
        one('take', { key: 't', status: 404, outcome: 'refused', expects: [404] }),
      ],
      found: s({}),
    },
  },
  sessions: {
    'it is missing': { operations: [one('create', { value: 'v' })], found: found('s', null, { status: 404 }) },
    'it holds something else': { operations: [one('create', { value: 'v' })], found: s({ v: 'w' }) },
    'nobody has looked': { operations: [one('create', { value: 'v' })] },
    'it was moved, and holds nothing': {
      operations: [one('create', { value: 'v' }), one('rotate', { seen: 'z', value: 'v' })],
      found: [...found('s', null), ...found('z', {})],
    },
    'it was moved, and is not there': {
      operations: [one('rotate', { seen: 'z', value: 'v' })],
      found: [...found('s', null), ...found('z', null, { status: 404 })],
    },
  },
  endings: {
    'it lives': { operations: [one('end')], found: s({}) },
    'it is forgotten': { operations: [one('end')], found: found('s', null, { status: 404 }) },
    'it takes a write': {
      operations: [one('end'), one('put', { key: 'k', value: 1 })],
      found: found('s', null),
    },
    'it lives on after it was moved': {
      operations: [one('rotate', { seen: 'z', value: 'v' })],
      found: [...s({}), ...found('z', { v: 'v' })],
    },
  },
  rotations: {
    'a repeat moves it elsewhere': {
      operations: [
        one('rotate', { seen: 'z1', value: 'v', once: '1' }),
        one('rotate', { seen: 'z2', value: 'v', once: '1' }),
      ],
      found: [...found('s', null), ...found('z1', { v: 'v' }), ...found('z2', { v: 'v' })],
    },
  },
  tokens: {
    'a void one is taken': {
      operations: [one('mint', { key: 'k' }), one('revoke'), one('useToken', { key: 'k' })],
    },
    'a void one is taken in the end': { operations: [one('mint', { key: 'k' }), one('revoke')], tokens: token(200) },
    'a good one is refused': { operations: [one('mint', { key: 'k' })], tokens: token(401) },
  },
  callers: {
    'one sees less than another one before': {
      operations: [one('read', { etag: '5-aaaaaaaa' }), one('read', { etag: '4-bbbbbbbb', replica: 1 })],
    },
    'one sees less after the fail-over is over': {
      operations: [
        one('read', { etag: '5-aaaaaaaa', sentAt: HEALED_AT + 10 }),
        one('read', { etag: '4-bbbbbbbb', sentAt: HEALED_AT + 20 }),
      ],
      run: lossy,
    },
  },
  readers: {
    'a reader is told of an older state': {
      readings: ['5-aaaaaaaa', '4-bbbbbbbb'].map((etag, at) => ({
        ...{ reader: 'r', session: 's', etag, settings: String(at), at },
      })),
    },
  },
  tags: {
    'one ETag names two states': {
      readings: ['{"a":1}', '{"a":2}'].map((settings, at) => ({
        ...{ reader: `r${at}`, session: 's', etag: '5-aaaaaaaa', settings, at },
      })),
    },
  },
  agreement: {
    'the replicas differ': { found: s({}).map((one) => ({ ...one, etag: `${one.replica}-aaaaaaaa` })) },
  },
  endsOfReaders: {
    'one is behind': {
      found: s({ a: 1 }),
      held: [{ reader: 'r', session: 's', etag: '8-s', settings: settingsText({ a: 0 }), ended: false }],
    },
    'one holds something else under the right ETag': {
      found: s({ a: 1 }),
      held: [{ reader: 'r', session: 's', etag: '9-s', settings: settingsText({ a: 0 }), ended: false }],
    },
    'one was told nothing': {
      found: s({ a: 1 }),
      held: [{ reader: 'r', session: 's', etag: null, settings: null, ended: false }],
    },
    'one was told of an end that was none': {
      operations: [one('create', { value: 'v', sentAt: -50 })],
      found: s({ v: 'v' }),
      held: [{ reader: 'r', session: 's', etag: '1-s', settings: '{}', ended: true }],
      run: lossy,
    },
    'one does not know that it is over': {
      found: found('s', null),
      held: [{ reader: 'r', session: 's', etag: '9-s', settings: '{}', ended: false }],
    },
  },
  deadlines: {
    'a call took too long': { operations: [one('read', { sentAt: 1000, endedAt: 3400 })] },
    'the stop of another replica is no excuse': {
      operations: [one('read', { sentAt: 1000, endedAt: 4000 })],
      run: { stops: [{ replica: 1, from: 900, to: 3500 }] },
    },
  },
  answers: {
    'no answer': { operations: [one('read', { sentAt: 1500, status: 0, outcome: 'unknown' })] },
    'an error of its own': {
      operations: [one('read', { sentAt: 1500, status: 500, code: 'internal_error', outcome: 'unknown' })],
    },
    'full, though there is room': {
      operations: [one('put', { sentAt: 1500, status: 507, code: 'store_full', outcome: 'refused' })],
    },
  },
  refusals: {
    'a good call is refused': {
      operations: [one('put', { status: 401, code: 'invalid_credential', outcome: 'refused' })],
    },
  },
  calm: { 'a call fails before the fault': { operations: [one('read', { ...AWAY, sentAt: 500 })] } },
  recovery: {
    'a replica still fails': { operations: [one('read', { ...AWAY, sentAt: WELL_AT })] },
    'a replica serves nothing any more': { operations: [one('read', { replica: 2, sentAt: 1500 })] },
  },
  spared: {
    'it fails elsewhere': {
      operations: [one('read', { ...AWAY, sentAt: 1500 })],
      run: { spared: { sessions: ['s'], from: 1100, to: 2000 } },
    },
  },
  resources: {
    'memory is kept': {
      samples: [{ replica: 0, rssBefore: 1e8, rssAfter: 2e8, fdsBefore: 20, fdsAfter: 20 }],
    },
    'sockets are kept': {
      samples: [{ replica: 0, rssBefore: 1e8, rssAfter: 1e8, fdsBefore: 20, fdsAfter: 40 }],
    },
  },
  seen: { 'something that must never happen': { faults: ['an answer is not as described'] } },
}
