/** What begins a session, what it begins with, and what stays as it was begun. */
import type { SessionRef, Store, Write } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, DELETED, is, LONG, newRef, put, readLive, texts, UNWRITTEN } from './session.ts'

const FOUND = ['missing', 'unwritten', 'written', 'gone'] as const

/** What each mode answers to a write of one key, in each state that it may find. */
const ANSWERS: Readonly<Record<Write['create'], readonly string[]>> = {
  never: ['missing', 'written', 'written', 'gone'],
  'if-missing': ['written', 'written', 'written', 'gone'],
  'must-be-missing': ['written', 'exists', 'exists', 'gone'],
}

const bring = async (store: Store, state: (typeof FOUND)[number]): Promise<SessionRef> => {
  const ref = newRef()
  if (state === 'unwritten') await begin(store, ref)
  if (state === 'written') await begin(store, ref, { theme: '"dark"' })
  if (state === 'gone') await store.end(ref, DELETED)
  return ref
}

export const creating: Concern = async (t, { store, other }) => {
  for (const [create, answers] of Object.entries(ANSWERS) as [Write['create'], readonly string[]][]) {
    await t.test(`create: ${create} finds ${answers.join(', ')}`, async (t) => {
      for (const [at, state] of FOUND.entries()) {
        const ref = await bring(store, state)
        const before = await store.read(ref)
        const outcome = await store.write(ref, aWrite({ create, set: texts({ n: '1' }) }))
        t.equal(outcome.state, answers[at], `where it is ${state}`)
        if (outcome.state === 'written') t.equal((await readLive(other, ref)).settings.get('n'), '1')
        else t.strictSame(await other.read(ref), before, 'nothing has changed')
      }
    })
  }

  await t.test('a write that is refused begins nothing', async (t) => {
    const refusals: Partial<Write>[] = [
      { precondition: { ifMatch: '*' } },
      { precondition: { ifNoneMatch: [UNWRITTEN] } },
      { expect: new Map([['k', 'present']]) },
      { limits: { bytes: 3, keys: 256 } },
      { limits: { bytes: 65_536, keys: 0 } },
    ]
    for (const create of ['if-missing', 'must-be-missing'] as const) {
      for (const refusal of refusals) {
        const ref = newRef()
        const outcome = await store.write(ref, aWrite({ create, set: texts({ key: '1' }), ...refusal }))
        t.not(outcome.state, 'written', JSON.stringify(refusal))
        t.strictSame(await store.read(ref), { state: 'missing' })
      }
    }
  })

  await t.test('a session begins with a life, a generation and both clocks', async (t) => {
    const ref = newRef()
    const clocks = { idleTimeoutSeconds: 500, lifetimeSeconds: 4000 }
    const { record } = await begin(store, ref, null, { clocks })
    t.match(record, { ...clocks, subject: null, revision: 0 })
    t.match([record.life, record.gen], [/^[\w-]{16}$/, /^[\w-]{16}$/])
    t.ok(Math.abs(record.createdAt - store.now()) < 1000, 'made now, by the store')
    t.equal(record.lastSeenAt, record.createdAt)
    t.equal(record.endsAt, record.createdAt + 4_000_000)
    t.equal(record.expiresAt, record.createdAt + 550_000, 'idle timeout and slack')

    const another = await begin(store, newRef())
    t.notOk([record.life, record.gen].includes(another.record.life), 'no two lives are the same')
    t.notOk([record.life, record.gen].includes(another.record.gen), 'nor two generations')
    t.not(record.life, record.gen)
  })

  await t.test('the deadline is the earlier of the two clocks', async (t) => {
    const left = async (idleTimeoutSeconds: number, lifetimeSeconds: number) => {
      const { record } = await begin(store, newRef(), null, { clocks: { idleTimeoutSeconds, lifetimeSeconds } })
      return record.expiresAt - record.createdAt
    }
    t.equal(await left(500, 3600), 550_000, 'the idle clock, with a slack of a tenth')
    t.equal(await left(8_640_000, 34_560_000), 8_640_060_000, 'of 60 s at most')
    t.equal(await left(500, 525), 525_000, 'the absolute end, once it comes within the slack')
    t.equal(await left(500, 400), 400_000, 'or before')
    t.equal(await left(500, 550), 550_000, 'both at once')
  })

  await t.test('subject and clocks stay as they were begun', async (t) => {
    const ref = newRef()
    const subject = `urn:user:é😀${'x'.repeat(240)}`
    const { record } = await begin(store, ref, null, { subject })
    t.equal(record.subject, subject)
    const shorter = { idleTimeoutSeconds: 5, lifetimeSeconds: 7 }
    await put(store, ref, { a: '1' }, { clocks: shorter, subject: 'somebody else' })
    await put(store, ref, { b: '1' }, { clocks: shorter, subject: null, replace: true })
    await store.revoke(ref)
    await store.touch(ref, null)
    const now = (await readLive(other, ref)).record
    t.match(now, { ...LONG, subject, life: record.life, createdAt: record.createdAt, endsAt: record.endsAt })
  })

  await t.test('of a hundred who begin a session only one does', async (t) => {
    const ref = newRef()
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        (at % 2 ? store : other).write(
          ref,
          aWrite({ create: 'must-be-missing', set: texts({ by: `${at}` }), result: `${at}` }),
        ),
      ),
    )
    const won = outcomes.filter(({ state }) => state === 'written')
    t.equal(won.length, 1)
    t.equal(outcomes.filter(({ state }) => state === 'exists').length, 99)
    t.equal((await readLive(store, ref)).settings.get('by'), is(won[0]!, 'written').result)
  })
}
