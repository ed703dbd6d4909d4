/**
 * Random sequences of writes, each compared with what the model foretells of it, and the settings after it. The size
 * that an adapter counts along is measured at the end of each: a byte too many is refused, as many as fit are taken.
 */
import { deepStrictEqual as deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import type { Expectation, Precondition, Version, Write, WriteOutcome } from '../../src/store/port.ts'
import type { Concern, Stores } from './harness.ts'
import { type Foretold, foretell, type ModelState, sizeOf } from './model.ts'
import { aWrite, newRef, sorted, UNWRITTEN } from './session.ts'

const RUNS = 40

const key = fc.constantFrom('a', 'bb', '__x', 'é', '7', 'length')
const text = fc.constantFrom('1', '1.0', 'null', '"é😀"', '{"b":1,"a":[]}', `"${'x'.repeat(100)}"`)
const keys = fc.uniqueArray(key, { maxLength: 3 })
const pairs = fc.uniqueArray(fc.tuple(key, text), { maxLength: 4, selector: ([name]) => name })
const expectation: fc.Arbitrary<Expectation> = fc.oneof(
  text.map((expected) => ({ text: expected })),
  fc.constant('present' as const),
  fc.constant(null),
)

/** A version by its place among those that were answered so far, from the last one back; -1 is unwritten. */
const versions = fc.oneof(fc.constant('*' as const), fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 2 }))
const precondition = fc.record({ ifMatch: versions, ifNoneMatch: versions }, { requiredKeys: [] })

const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 })

const step = fc
  .record({
    create: fc.constantFrom('if-missing', 'if-missing', 'if-missing', 'never', 'must-be-missing'),
    set: fc.oneof({ weight: 3, arbitrary: pairs }, { weight: 1, arbitrary: fc.constant<[string, string][]>([]) }),
    remove: fc.oneof(fc.constant<string[]>([]), keys),
    replace: fc.constantFrom(false, false, false, true),
    take: sometimes(key),
    expect: sometimes(fc.uniqueArray(fc.tuple(key, expectation), { maxLength: 2, selector: ([name]) => name })),
    precondition: sometimes(precondition),
    limits: fc.record({ bytes: fc.constantFrom(20, 120, 65_536), keys: fc.constantFrom(2, 4, 256) }),
    readBack: fc.boolean(),
  })
  .map(({ set, remove, replace, ...rest }) => ({
    ...rest,
    set,
    replace,
    // A key that is both set and removed has no meaning, nor has a removal beside a replacement.
    remove: replace ? [] : remove.filter((name) => !set.some(([other]) => other === name)),
    writes: set.length > 0 || remove.length === 0,
  }))

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const toWrite = ({ set, expect, precondition, ...rest }: Step, answered: readonly Version[]): Write => {
  const named = (wanted: '*' | number[]) =>
    wanted === '*' ? wanted : wanted.map((back) => (back < 0 ? UNWRITTEN : (answered.at(-1 - back) ?? UNWRITTEN)))
  const condition: Precondition = {
    ...(precondition?.ifMatch && { ifMatch: named(precondition.ifMatch) }),
    ...(precondition?.ifNoneMatch && { ifNoneMatch: named(precondition.ifNoneMatch) }),
  }
  return aWrite({
    ...rest,
    set: new Map(set),
    ...(expect && { expect: new Map(expect) }),
    ...(precondition && { precondition: condition }),
  })
}

/** The outcome in the model's words, so that the two can be compared. Of two limits exceeded either may be named. */
const inItsWords = (outcome: WriteOutcome, foretold: Foretold): unknown => {
  if (outcome.state === 'limit') {
    const known = foretold.state === 'limit' && foretold.limits.includes(outcome.limit)
    return known ? foretold : outcome
  }
  if (outcome.state !== 'written') return outcome
  const { state, version, changed, began, added, taken } = outcome
  return { state, revision: version.revision, changed, began, added, taken }
}

const run = async ({ store, other }: Stores, steps: readonly Step[]): Promise<void> => {
  const ref = newRef()
  const answered: Version[] = []
  let state = null as ModelState
  for (const [at, one] of steps.entries()) {
    const write = toWrite(one, answered)
    const [foretold, settings] = foretell(state, write)
    const outcome = await (at % 2 ? store : other).write(ref, write)
    deepEqual(inItsWords(outcome, foretold), foretold)

    if (outcome.state === 'written' && settings !== null) {
      const { version, changed, live } = outcome
      if (changed) ok(!answered.some(({ tag }) => tag === version.tag), 'a change draws a new tag')
      else deepEqual(version, state?.version ?? UNWRITTEN, 'no change, no new version')
      deepEqual(live && sorted(live.settings), write.readBack ? sorted(settings) : null)
      if (changed) answered.push(version)
      state = { version, settings }
    }
    const found = await store.read(ref)
    deepEqual(found.state === 'live' ? sorted(found.settings) : null, settings && sorted(settings))
  }

  const size = state === null ? 0 : sizeOf(state.settings)
  const probe = aWrite({ set: new Map([['probe', '1']]), limits: { bytes: size + 5, keys: 256 } })
  deepEqual(await store.write(ref, probe), { state: 'limit', limit: 'bytes' }, 'one byte too many')
  equal((await store.write(ref, { ...probe, limits: { bytes: size + 6, keys: 256 } })).state, 'written')
}

export const sequences: Concern = async (t, stores) => {
  await t.test('random writes do what the model foretells', async (t) => {
    const sequence = fc.array(step, { minLength: 1, maxLength: 14 })
    await fc.assert(
      fc.asyncProperty(sequence, (steps) => run(stores, steps)),
      { numRuns: RUNS },
    )
    t.pass(`${RUNS} sequences`)
  })
}
