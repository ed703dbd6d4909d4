/**
 * What may happen to a few sessions, as data: every writing call of the port with every option, and time that passes. Drawn
 * values (lives, generations, tags) are named by their place among those that were answered so far.
 */
import fc from 'fast-check'

export const IDS = 5
export const SUBJECTS = ['ann', 'bob']
export const CODES = ['code a', 'code b']

const id = fc.integer({ min: 0, max: IDS - 1 })
const subject = fc.constantFrom(...SUBJECTS)
const code = fc.constantFrom(...CODES)
const key = fc.constantFrom('a', 'bb', '__x', 'é', '7', 'length')
const text = fc.constantFrom('1', '1.0', 'null', '"é😀"', '{"b":1,"a":[]}', `"${'x'.repeat(100)}"`)
/** Left out in half, or in three quarters, of all steps. */
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

/**
 * Time passes in units of 7 s. Nothing here ends within 2 s of such an instant, so that it does not matter that the twins
 * do the same step some ms apart.
 */
export const UNIT_MS = 7000
const clocks = fc.record({
  idleTimeoutSeconds: fc.constantFrom(30, 450, 8_640_000),
  lifetimeSeconds: fc.constantFrom(101, 998, 34_560_000),
})
const tombstoneSeconds = fc.constantFrom(60, 402, 86_400)

/** One of the credentials that were seen of a session, from the last one back; null is an API key. */
const credential = fc.option(fc.record({ of: id, back: fc.integer({ min: 0, max: 2 }) }), { nil: null, freq: 2 })
const life = fc.option(fc.record({ of: id, back: fc.integer({ min: 0, max: 2 }) }), { nil: null, freq: 2 })
const versions = fc.oneof(fc.constant('*' as const), fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 2 }))
const repeatKey = fc.constantFrom('one', 'two', 'three')
const repeat = fc.record({
  key: repeatKey,
  fingerprint: fc.constantFrom('same', 'same', 'other'),
})

const write = fc.record({
  call: fc.constant('write' as const),
  id,
  credential,
  create: fc.constantFrom('if-missing' as const, 'if-missing' as const, 'never' as const, 'must-be-missing' as const),
  clocks,
  subject: rarely(subject),
  keepsBoundAt: fc.boolean(),
  idleUntilWrittenSeconds: rarely(fc.constantFrom(30, 60)),
  precondition: rarely(fc.record({ ifMatch: versions, ifNoneMatch: versions }, { requiredKeys: [] })),
  expect: rarely(
    fc.uniqueArray(
      fc.tuple(
        key,
        fc.oneof(
          text.map((one) => ({ text: one })),
          fc.constantFrom('present' as const, null),
        ),
      ),
      {
        maxLength: 2,
        selector: ([name]) => name,
      },
    ),
  ),
  set: fc.uniqueArray(fc.tuple(key, text), { maxLength: 4, selector: ([name]) => name }),
  remove: fc.array(key, { maxLength: 3 }),
  replace: fc.constantFrom(false, false, true),
  writes: fc.boolean(),
  take: rarely(key),
  result: rarely(fc.constantFrom('1', '"done"')),
  origin: sometimes(fc.constantFrom('tab-1', 'tab-2')),
  limits: fc.record({ bytes: fc.constantFrom(20, 150, 65_536, 65_536), keys: fc.constantFrom(2, 4, 256, 256) }),
  use: fc.boolean(),
  readBack: fc.boolean(),
  repeat: sometimes(repeat),
})

const rotate = fc.record({
  call: fc.constant('rotate' as const),
  id,
  newId: fc.option(id, { nil: null }),
  life,
  subject: sometimes(subject),
  keepsBoundAt: fc.boolean(),
  boundTo: sometimes(fc.option(subject, { nil: null })),
  clocks,
  newIdle: fc.boolean(),
  newLifetime: fc.boolean(),
  tombstoneSeconds,
  handoff: sometimes(code),
  result: rarely(fc.constantFrom('1', '"done"')),
  repeat: sometimes(repeat),
})

const handoff = fc.record({
  call: fc.constant('addHandoff' as const),
  code,
  id,
  life: fc.record({ of: id, back: fc.integer({ min: 0, max: 2 }) }),
  payload: fc.constantFrom(null, '1', '{"a":[]}'),
  bind: fc.option(fc.record({ subject, newId: id }), { nil: null }),
  seconds: fc.constantFrom(60, 402),
})

const list = fc.record({
  call: fc.constant('list' as const),
  subject,
  id,
  keepSeconds: fc.constantFrom(24, 402),
  lifetimeSeconds: fc.constantFrom(998, 34_560_000),
})

/** Nothing that is admitted lapses while the steps go on: only dismissing removes it. */
const admit = fc.record({
  call: fc.constant('admit' as const),
  subject,
  id,
  replaced: fc.option(id, { nil: null }),
  most: fc.constantFrom(null, 1, 2, 3),
  keepSeconds: fc.constantFrom(24, 402),
  counted: fc.option(fc.uniqueArray(id, { maxLength: 3 }), { nil: null, freq: 3 }),
})

const secret = fc.record({
  call: fc.constantFrom('addSecret' as const, 'replaceSecret' as const, 'removeSecret' as const),
  place: fc.constantFrom('p', 'q'),
  text: fc.constantFrom('s1', 's2'),
})

const step = fc.oneof(
  { weight: 12, arbitrary: write },
  { weight: 4, arbitrary: rotate },
  { weight: 2, arbitrary: fc.record({ call: fc.constant('touch' as const), id, credential }) },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constant('end' as const),
      id,
      credential,
      reason: fc.constantFrom('deleted' as const, 'revoked' as const),
      tombstoneSeconds,
      subject: sometimes(subject),
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('revoke' as const), id }) },
  { weight: 2, arbitrary: handoff },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('readHandoff' as const), code }) },
  { weight: 1, arbitrary: list },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('unlist' as const), subject, ids: fc.uniqueArray(id) }) },
  { weight: 2, arbitrary: admit },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('dismiss' as const), subject, ids: fc.uniqueArray(id) }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('isKept' as const), id, key: repeatKey }) },
  { weight: 1, arbitrary: secret },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('sweep' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ call: fc.constant('fill' as const), isFull: fc.constantFrom(true, false, false) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ call: fc.constant('pass' as const), units: fc.constantFrom(1, 1, 2, 5, 9, 20, 60, 150) }),
  },
)

const LONGEST = 60

export const sequences = fc.array(step, { minLength: 1, maxLength: LONGEST, size: 'max' })

export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A step that a store takes; the other ones happen to it. */
export type Call = Exclude<Step, { call: 'pass' | 'fill' }>
