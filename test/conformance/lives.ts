/** One id, several lives: what comes after an expiry, and after a tombstone has lapsed. */

import type { Live, SessionRef, Store } from '../../src/store/port.ts'
import { LATE } from '../helpers/until.ts'
import type { TimedConcern } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, put, readLive, sorted, texts, tokenOf } from './session.ts'

const BRIEF = { clocks: { idleTimeoutSeconds: LATE, lifetimeSeconds: 3600 } }
const BRIEFLY = { ...DELETED, tombstoneSeconds: LATE }

type Testing = Parameters<TimedConcern[string]>[0]

/** Begins the next life, and holds it against the one that is over. */
const beginAgain = async (t: Testing, store: Store, ref: SessionRef, over: Live): Promise<void> => {
  const written = await put(store, ref, { new: '1' }, { readBack: true })
  t.match(written, { version: { revision: 1 }, began: true, changed: true, added: 1 })
  t.not(written.version.tag, over.record.tag)
  const { record, settings } = written.live!
  t.strictSame(sorted(settings), [['new', '1']], 'nothing of the old life is in it')
  t.not(record.life, over.record.life)
  t.not(record.gen, over.record.gen)
  t.ok(record.createdAt > over.record.createdAt)
  t.equal(record.subject, null)

  const credential = tokenOf(over.record)
  const refused = { state: 'refused', why: 'life' }
  t.strictSame(await store.touch(ref, credential), refused, 'a token of the old life never works on the new one')
  t.strictSame(await store.write(ref, aWrite({ credential, set: texts({ a: '1' }) })), refused)
  t.strictSame(await store.end(ref, { ...DELETED, credential }), refused)
  t.strictSame((await readLive(store, ref)).record, record)
}

export const lives: TimedConcern = {
  'after an expiry the next write begins a new life': async (t, { store, other }, time) => {
    const ref = newRef()
    const old = await begin(store, ref, { a: '1', b: '2' }, { ...BRIEF, subject: 'ada' })
    await time.past(old.record.expiresAt)
    await beginAgain(t, other, ref, old)
  },

  'after an expiry what must be missing may begin': async (t, { store, other }, time) => {
    const ref = newRef()
    const old = await begin(store, ref, { a: '1' }, BRIEF)
    await time.past(old.record.expiresAt)
    const { record, settings } = await begin(other, ref)
    t.not(record.life, old.record.life)
    t.equal(record.revision, 0, 'unwritten, whatever the old one was')
    t.strictSame(sorted(settings), [])
    t.strictSame((await readLive(store, ref)).record, record)
  },

  'a tombstone stands as long as it was asked to, then the id is missing': async (t, { store, other }, time) => {
    const [ref, never, longer] = [newRef(), newRef(), newRef()]
    const old = await begin(store, ref, { a: '1' }, { subject: 'ada' })
    await store.end(ref, BRIEFLY)
    await store.end(never, BRIEFLY)
    await store.end(longer, { ...DELETED, tombstoneSeconds: 3 * LATE })
    t.equal((await other.read(ref)).state, 'gone')
    const { endedAt } = is(await other.read(never), 'gone')
    await time.past(endedAt + 1000 * LATE)
    t.strictSame(await other.readMany([ref, never]), [{ state: 'missing' }, { state: 'missing' }])
    t.equal((await other.read(longer)).state, 'gone')
    t.strictSame(await store.touch(ref, tokenOf(old.record)), { state: 'missing' }, 'to a token of its life, too')
    await beginAgain(t, other, ref, old)
    await begin(store, never, { a: '1' })
  },

  'a tombstone can be left again once the last one has lapsed': async (t, { store, other }, time) => {
    const ref = newRef()
    const { record } = await begin(store, ref)
    await store.end(ref, BRIEFLY)
    await time.past(is(await store.read(ref), 'gone').endedAt + 1000 * LATE)
    t.strictSame(await other.end(ref, { ...DELETED, credential: tokenOf(record) }), { state: 'missing' })
    t.strictSame(await other.end(ref, { ...DELETED, reason: 'revoked' }), { state: 'ended', wasLive: false })
    t.match(await store.read(ref), { state: 'gone', reason: 'revoked', life: null })
  },

  'a tombstone outlives the clocks of the session that it ended': async (t, { store, other }, time) => {
    const ref = newRef()
    const { record } = await begin(
      store,
      ref,
      { a: '1' },
      { clocks: { idleTimeoutSeconds: LATE, lifetimeSeconds: LATE } },
    )
    await store.end(ref, DELETED)
    const gone = await store.read(ref)
    await time.past(record.endsAt + 200)
    t.strictSame(await other.read(ref), gone)
    t.strictSame(await other.write(ref, aWrite({ set: texts({ a: '1' }) })), gone)
  },

  'an API key ends what has expired, and the tombstone names no life': async (t, { store, other }, time) => {
    const ref = newRef()
    const { record } = await begin(store, ref, { a: '1' }, BRIEF)
    await time.past(record.expiresAt)
    t.strictSame(await other.end(ref, DELETED), { state: 'ended', wasLive: false })
    t.match(await store.read(ref), { state: 'gone', reason: 'deleted', life: null })
    const credential = tokenOf(record)
    t.strictSame(await store.touch(ref, credential), { state: 'refused', why: 'life' }, 'its token had expired before')
  },

  'an outcome is kept beyond the life it was of, and begins no other': async (t, { store, other }, time) => {
    const ref = newRef()
    const repeat = { key: 'c0'.repeat(16), fingerprint: 'ff'.repeat(16) }
    const write = aWrite({ ...BRIEF, set: texts({ a: '1' }), repeat })
    const first = is(await store.write(ref, write), 'written')
    const { record } = await readLive(store, ref)
    await time.past(record.expiresAt)
    t.strictSame(await other.write(ref, write), { ...first, repeated: true })
    t.strictSame(await store.read(ref), { state: 'missing' })
    const byToken = { ...write, credential: tokenOf(record) }
    t.strictSame(await other.write(ref, byToken), { state: 'missing' }, 'a token that has expired gets none')
  },
}
