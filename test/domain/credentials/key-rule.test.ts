import fc from 'fast-check'
import t from 'tap'
import { allows, allowsAll, intersect, isWithin, ruleHash } from '../../../src/domain/credentials/key-rule.ts'

/** Short names over few letters, so that rules meet; now and then a `*` where it is a letter like any other. */
const name = fc.stringMatching(/^[ab*]{0,3}$/)
const entry = fc.oneof(
  name.filter((text) => text !== ''),
  name.map((text) => `${text}*`),
)
const rule = fc.array(entry, { maxLength: 4 })

/** Every key that can tell two such rules apart: one letter longer than any prefix, and with one that none has. */
const KEYS = ['a', 'b', '*', 'c'].reduce<string[]>(
  (keys) => ['', ...['a', 'b', '*', 'c'].flatMap((letter) => keys.map((key) => letter + key))],
  [''],
)

t.test('a name stands for itself, a prefix and * for all that begin so', async (t) => {
  t.ok(allows(['theme'], 'theme'))
  t.notOk(allows(['theme'], 'themes'))
  t.ok(allows(['cart-*'], 'cart-1'))
  t.ok(allows(['cart-*'], 'cart-'))
  t.notOk(allows(['cart-*'], 'cart'))
  t.notOk(allows(['a*b'], 'axb'), 'a * in the middle is a letter')
  t.notOk(allows([], 'theme'), 'an empty rule lets nothing pass')
})

t.test('* is every key, also beside others', async (t) => {
  t.ok(allowsAll(['a', '*']))
  t.notOk(allowsAll(['a*', 'b*']))
})

t.test('a rule is within another exactly if no key passes the one and not the other', async () => {
  fc.assert(
    fc.property(rule, rule, (a, b) => isWithin(a, b) === KEYS.every((key) => !allows(a, key) || allows(b, key))),
    { numRuns: 2000 },
  )
})

t.test('what two rules have in common lets those keys pass that pass both', async () => {
  fc.assert(
    fc.property(rule, rule, (a, b) => {
      const both = intersect(a, b)
      return KEYS.every((key) => allows(both, key) === (allows(a, key) && allows(b, key)))
    }),
    { numRuns: 2000 },
  )
})

t.test('what two rules have in common stands in order, and each entry once', async (t) => {
  t.same(intersect(['b', 'a*', 'c'], ['*']), ['a*', 'b', 'c'])
  t.same(intersect(['b', 'a*'], ['a*', 'b']), ['a*', 'b'])
})

t.test('a hash tells rules apart, and not the order or number of their entries', async (t) => {
  t.equal(ruleHash(['a', 'b', 'a']), ruleHash(['b', 'a']))
  t.not(ruleHash(['a', 'b']), ruleHash(['ab']))
  t.match(ruleHash(['a']), /^[\w-]{8}$/, 'it stands in every ETag, so it is short')
  t.not(ruleHash(['a\nb']), ruleHash(['a', 'b']), 'also where a key holds a newline')
})
