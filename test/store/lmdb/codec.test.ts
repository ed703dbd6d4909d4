import fc from 'fast-check'
import t from 'tap'
import type { StoredRecord } from '../../../src/store/layout/record.ts'
import { deadlineOf, pack, type StoredLive, sessionKey, unpack } from '../../../src/store/lmdb/codec.ts'

const RECORD: StoredRecord = {
  life: 'AAECAwQFBgcICQoL',
  gen: 'AQIDBAUGBwgJCgsM',
  revision: 3,
  tag: 'AAECAwQF',
  createdAt: 1_700_000_000_000,
  lastSeenAt: 1_700_000_000_000,
  expiresAt: 1_700_003_660_000,
  endsAt: 1_700_007_200_000,
  idleTimeoutSeconds: 3600,
  lifetimeSeconds: 7200,
  subject: null,
  boundAt: null,
  keyDeadlines: null,
  idleUntilWritten: false,
  size: 0,
}

const session = (settings: ReadonlyMap<string, string>, subject: string | null = null): StoredLive => {
  const size = [...settings].reduce((sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text), 0)
  return { state: 'live', record: { ...RECORD, subject, size }, settings }
}

t.test('any settings come back as they were packed', async (t) => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 })
  const settings = fc.array(fc.tuple(text, text), { maxLength: 20 }).map((pairs) => new Map(pairs))
  fc.assert(
    fc.property(settings, fc.option(fc.string({ unit: 'grapheme', minLength: 1 })), (settings, subject) => {
      const before = session(settings, subject)
      const packed = pack(before)
      t.strictSame(unpack(packed), before)
      t.equal(deadlineOf(packed), RECORD.expiresAt)
    }),
    { numRuns: 100 },
  )
})

t.test('version 2 is written only for what version 1 has no place for', async (t) => {
  const versionOf = (over: Partial<StoredRecord>): number => {
    const plain = session(new Map([['a', '1']]), 'ada')
    const before = { ...plain, record: { ...plain.record, ...over } }
    const packed = pack(before)
    t.strictSame(unpack(packed), before)
    return packed[9] as number
  }
  t.equal(versionOf({}), 1)
  t.equal(versionOf({ boundAt: 1_700_000_000_001 }), 2)
  t.equal(versionOf({ keyDeadlines: Buffer.from('late') }), 2)
  t.equal(versionOf({ boundAt: 1_700_000_000_001, keyDeadlines: Buffer.from('late') }), 2)
})

t.test('settings as large as they may be come back', async (t) => {
  for (const character of ['x', 'é', '😀']) {
    const before = session(new Map([['k', `"${character.repeat(300_000)}"`], ...keys(5000)]))
    t.ok(unpackedIs(before), character)
  }
})

t.test('what is unpacked does not change when the buffer is used again', async (t) => {
  for (const texts of [new Map([['theme', '"dark"']]), new Map([['thème', '"dark"']])]) {
    const before = session(texts, 'ada')
    const buffer = pack(before)
    const after = unpack(buffer)
    buffer.fill(0xff)
    t.strictSame(after, before)
  }
})

t.test('what is no session is refused', async (t) => {
  const packed = pack(session(new Map()))
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(packed)
    copy[at] = byte
    return copy
  }
  t.throws(() => unpack(changed(0, 0)), /as kind 0/)
  t.throws(() => unpack(changed(0, 3)), /as kind 3/)
  t.throws(() => unpack(changed(9, 3)), /layout 3/)
  t.throws(() => unpack(Buffer.alloc(0)))
  t.throws(() => unpack(Buffer.from([2, 0, 0, 0, 0, 0, 0, 9, 9])), /layout 9/)
})

t.test('a key is its namespace and its id, and nothing else passes for an id', async (t) => {
  const id = '00112233-4455-6677-8899-aabbccddeeff'
  t.equal(sessionKey({ namespace: 'a-1', id }).toString('hex'), '612d310000112233445566778899aabbccddeeff')
  for (const wrong of ['', 'current', id.slice(1), `${id}0`, `${id.slice(0, 35)}g`]) {
    t.throws(() => sessionKey({ namespace: 'app', id: wrong }), TypeError, wrong)
  }
})

const keys = (count: number): [string, string][] => Array.from({ length: count }, (_, at) => [`key ${at}`, `${at}`])

const unpackedIs = (before: StoredLive): boolean => {
  const after = unpack(pack(before)) as StoredLive
  return (
    after.settings.size === before.settings.size && [...before.settings].every(([k, v]) => after.settings.get(k) === v)
  )
}
