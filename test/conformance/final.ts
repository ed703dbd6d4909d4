/**
 * An answered end or revocation is final: whatever was under way at that moment is either in before it or refused, and
 * nothing that comes after succeeds. Writers write without a pause while it is sent, on both replicas.
 */
import type { SessionRef, Store, Write, WriteOutcome } from '../../src/store/port.ts'
import type { Concern, Stores } from './harness.ts'
import { aWrite, begin, DELETED, is, newRef, readLive, sorted, texts, tokenOf } from './session.ts'

const ROUNDS = 50
const WRITERS = 4

/** Starts writers of ever new keys, on both stores; each stops once it is refused, or when all are told to. */
const startWriting = ({ store, other }: Stores, ref: SessionRef, over: Partial<Write>) => {
  let sent = 0
  let told = false
  const outcomes: WriteOutcome[] = []
  const send = async (to: Store): Promise<WriteOutcome> => {
    sent += 1
    const outcome = await to.write(ref, aWrite({ set: texts({ [`key ${sent % 200}`]: `${sent}` }), ...over }))
    outcomes.push(outcome)
    return outcome
  }
  const writer = async (_: unknown, at: number): Promise<void> => {
    while (!told) if ((await send(at % 2 ? store : other)).state !== 'written') return
  }
  const all = Promise.all(Array.from({ length: WRITERS }, writer))
  return {
    send,
    /** Answers all outcomes, once the last writer has stopped. */
    stop: async (): Promise<WriteOutcome[]> => {
      told = true
      await all
      return outcomes
    },
  }
}

/** Which of the stores ends or revokes, and which looks at what came of it, takes turns. */
const inTurn = ({ store, other }: Stores, round: number): [Store, Store] =>
  round % 2 ? [store, other] : [other, store]

export const final: Concern = async (t, stores) => {
  const { store } = stores

  await t.test('what was ended never reads as live again, however late a write comes', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const [ending, looking] = inTurn(stores, round)
      const ref = newRef()
      const { record } = await begin(store, ref, { a: '1' })
      const writers = startWriting(stores, ref, { credential: round % 3 ? null : tokenOf(record) })
      for (let n = 0; n < round % 4; n++) await writers.send(looking)

      t.strictSame(await ending.end(ref, DELETED), { state: 'ended', wasLive: true })
      const found = is(await looking.read(ref), 'gone')
      for (const late of [ending, looking]) t.strictSame(await writers.send(late), found, 'a late write is told')
      const outcomes = await writers.stop()
      t.equal(found.life, record.life)
      for (const outcome of outcomes) if (outcome.state !== 'written') t.strictSame(outcome, found)
      t.strictSame(await store.read(ref), found, 'and still it is gone, when all are answered')
    }
  })

  await t.test('an id that is ended while it is being begun is gone', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const [ending, looking] = inTurn(stores, round)
      const ref = newRef()
      const writers = startWriting(stores, ref, { replace: true })
      t.match(await ending.end(ref, DELETED), { state: 'ended' })
      const found = is(await looking.read(ref), 'gone')
      await writers.stop()
      t.strictSame(await store.read(ref), found)
    }
  })

  await t.test('once a revocation was answered, no write with the old generation succeeds', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const [revoking, looking] = inTurn(stores, round)
      const ref = newRef()
      const { record } = await begin(store, ref)
      const writers = startWriting(stores, ref, { credential: tokenOf(record), create: 'never' })
      for (let n = 0; n < round % 4; n++) await writers.send(looking)

      const { gen } = is(await revoking.revoke(ref), 'revoked')
      const then = await readLive(looking, ref)
      const refused = { state: 'refused', why: 'gen' } as const
      for (const late of [revoking, looking]) t.strictSame(await writers.send(late), refused, 'a late write is refused')
      const outcomes = await writers.stop()
      for (const outcome of outcomes) if (outcome.state !== 'written') t.strictSame(outcome, refused)
      const last = await readLive(store, ref)
      t.equal(last.record.gen, gen)
      t.equal(last.record.revision, outcomes.filter(({ state }) => state === 'written').length)
      t.strictSame(sorted(last.settings), sorted(then.settings), 'nothing has changed since the answer')
    }
  })
}
