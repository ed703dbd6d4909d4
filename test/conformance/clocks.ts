/** The idle clock, which is wound seldom and never runs out early, and the absolute end, which nothing moves. */

import type { SessionRef, Store } from '../../src/store/port.ts'
import { LATE } from '../helpers/until.ts'
import type { TimedConcern } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, put, readLive, texts, tokenOf } from './session.ts'

/** Uses write nothing for 2 s, and time enough passes in a second for none of these to end. */
const SLOW = { clocks: { idleTimeoutSeconds: 20 * LATE, lifetimeSeconds: 3600 * LATE } }
/** Deadline 2.2 s after the last use. */
const SHORT = { clocks: { idleTimeoutSeconds: 2 * LATE, lifetimeSeconds: 3600 } }

const MISSING = { state: 'missing' } as const

const touched = async (store: Store, ref: SessionRef) => is(await store.touch(ref, null), 'live').record

export const clocks: TimedConcern = {
  'a use within the slack writes nothing, the next one after it slides the idle clock': async (t, stores, time) => {
    const ref = newRef()
    const { record } = await begin(stores.store, ref, null, SLOW)
    await time.pass(900)
    t.strictSame(await touched(stores.other, ref), record)
    await put(stores.store, ref, { a: '1' })
    const written = (await readLive(stores.store, ref)).record
    t.match(written, { lastSeenAt: record.lastSeenAt, expiresAt: record.expiresAt })

    await time.pass(1200)
    const before = stores.store.now()
    const slid = await touched(stores.other, ref)
    t.ok(slid.lastSeenAt >= before - 50, 'last seen now')
    t.strictSame(slid, { ...written, lastSeenAt: slid.lastSeenAt, expiresAt: slid.lastSeenAt + 22_000 * LATE })
    t.strictSame((await readLive(stores.store, ref)).record, slid)
    t.strictSame(await touched(stores.other, ref), slid, 'and again within the slack')
  },

  'a write is a use, whether or not it changes anything': async (t, { store, other }, time) => {
    const refs = [newRef(), newRef(), newRef()]
    for (const ref of refs) await begin(store, ref, { a: '1' }, SLOW)
    await time.pass(2100)
    for (const [at, over] of [{}, { set: texts({ a: '2' }) }, { remove: ['a'], writes: false }].entries()) {
      const { live } = is(await store.write(refs[at]!, aWrite({ ...over, readBack: true })), 'written')
      t.ok(live!.record.lastSeenAt >= live!.record.createdAt + 2000)
      t.equal(live!.record.expiresAt, live!.record.lastSeenAt + 22_000 * LATE)
      t.strictSame((await readLive(other, refs[at]!)).record, live!.record)
    }
  },

  'the first write of an unwritten session is stored as a use, also within the slack': async (
    t,
    { store, other },
    time,
  ) => {
    const [ref, unused] = [newRef(), newRef()]
    const { record } = await begin(store, ref, null, { ...SLOW, idleUntilWrittenSeconds: 600 })
    t.equal(record.expiresAt, record.createdAt + 660_000)
    await begin(store, unused, null, { ...SLOW, idleUntilWrittenSeconds: 600 })
    await time.pass(900)
    await put(store, ref, { a: '1' }, SLOW)
    const written = (await readLive(other, ref)).record
    t.ok(written.lastSeenAt >= record.createdAt + 800, `${written.lastSeenAt - record.createdAt} ms later`)
    t.equal(written.expiresAt, written.lastSeenAt + 22_000 * LATE)
    await put(store, ref, { a: '2' }, SLOW)
    t.equal((await readLive(other, ref)).record.lastSeenAt, written.lastSeenAt, 'but not the second')

    const first = await put(store, unused, { a: '1' }, { ...SLOW, use: false, writes: false, readBack: true })
    t.match(first, { began: true, version: { revision: 1 } }, 'to set a key is to write')
    const { lastSeenAt, createdAt, expiresAt } = first.live!.record
    t.ok(lastSeenAt >= createdAt + 800, 'also by a write that is no use')
    t.equal(expiresAt, lastSeenAt + 22_000 * LATE)
  },

  'a look is no use': async (t, { store, other }, time) => {
    const ref = newRef()
    const { record } = await begin(store, ref, { a: '1' }, SLOW)
    await time.pass(2100)
    await store.readMany([ref])
    await other.read(ref)
    await put(store, ref, { a: '2' }, { use: false })
    await put(store, ref, { b: '2' }, { use: false, replace: true })
    await store.write(ref, aWrite({ expect: new Map([['b', null]]) }))
    await store.write(ref, aWrite({ precondition: { ifNoneMatch: '*' } }))
    await store.touch(ref, { ...tokenOf(record), gen: record.life })
    await store.revoke(ref)
    const { lastSeenAt, expiresAt } = (await readLive(store, ref)).record
    t.strictSame({ lastSeenAt, expiresAt }, { lastSeenAt: record.lastSeenAt, expiresAt: record.expiresAt })
  },

  'a session that nobody uses is missing after its deadline, for every call': async (t, { store, other }, time) => {
    const refs = [newRef(), newRef(), newRef()]
    const [written, unwritten, changed] = refs as [SessionRef, SessionRef, SessionRef]
    const { record } = await begin(store, written, { a: '1' }, SHORT)
    await begin(store, unwritten, null, SHORT)
    await begin(store, changed, { a: '1' }, SHORT)
    await put(store, changed, { b: '1' }, { use: false })
    await put(store, changed, { c: '1' }, { use: false, replace: true })
    await put(store, changed, {}, { use: false, replace: true })
    await store.revoke(changed)

    await time.past((await readLive(store, changed)).record.expiresAt)
    t.strictSame(await other.readMany(refs), [MISSING, MISSING, MISSING])
    const credential = tokenOf(record)
    for (const ref of refs) {
      t.strictSame(await other.touch(ref, null), MISSING)
      t.strictSame(await other.revoke(ref), MISSING)
      t.strictSame(await other.write(ref, aWrite({ create: 'never', set: texts({ a: '2' }) })), MISSING)
      t.strictSame(await other.touch(ref, credential), MISSING, 'also by a token')
      t.strictSame(await other.write(ref, aWrite({ credential, set: texts({ a: '2' }) })), MISSING)
      t.strictSame(await other.end(ref, { ...DELETED, credential }), MISSING)
      t.strictSame(await store.read(ref), MISSING, 'and nothing has brought it back')
    }
  },

  'a session in use stays, by touch and by write': async (t, { store, other }, time) => {
    const [byTouch, byWrite] = [newRef(), newRef()]
    await begin(store, byTouch, null, SHORT)
    await begin(store, byWrite, null, SHORT)
    // Far from the deadline, as a busy machine is late.
    for (let round = 0; round < 3; round++) {
      await time.pass(1100)
      await touched(other, byTouch)
      await put(store, byWrite, { round: `${round}` })
    }
    t.ok((await readLive(other, byTouch)).record.expiresAt > store.now() + 1500 * LATE)
    t.ok((await readLive(other, byWrite)).record.expiresAt > store.now() + 1500 * LATE)
  },

  'nobody is ended early by a use that was not written down': async (t, { store, other }, time) => {
    const ref = newRef()
    await begin(store, ref, null, SHORT)
    await time.pass(100)
    const used = store.now()
    await touched(other, ref)
    await time.pass(1950)
    const found = await other.read(ref)
    // On a busy machine the read may come late; then the session may rightly be over.
    t.ok(found.state === 'live' || store.now() - used >= 2000 * LATE, 'there for the whole idle timeout since that use')
  },

  'the absolute end comes, however much a session is used': async (t, { store, other }, time) => {
    const ref = newRef()
    const { record } = await begin(store, ref, null, {
      clocks: { idleTimeoutSeconds: 2 * LATE, lifetimeSeconds: 3 * LATE },
    })
    t.equal(record.expiresAt, record.createdAt + 2200 * LATE)
    await time.pass(1200)
    const slid = await touched(other, ref)
    t.match(slid, { endsAt: record.endsAt, expiresAt: record.createdAt + 3000 * LATE }, 'no use slides past it')
    await time.pass(800)
    await put(store, ref, { a: '1' })
    t.match((await readLive(other, ref)).record, { endsAt: record.endsAt, expiresAt: record.createdAt + 3000 * LATE })
    await time.past(record.endsAt)
    t.strictSame(await other.read(ref), MISSING)
    t.strictSame(await store.touch(ref, null), MISSING)
  },

  'a lifetime shorter than the idle timeout ends the session': async (t, { store, other }, time) => {
    const ref = newRef()
    const { record } = await begin(store, ref, null, { clocks: { idleTimeoutSeconds: 864_000, lifetimeSeconds: 1 } })
    t.equal(record.expiresAt, record.endsAt)
    await time.past(record.endsAt)
    t.strictSame(await other.read(ref), MISSING)
  },
}
