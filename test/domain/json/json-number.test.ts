import fc from 'fast-check'
import t from 'tap'
import { equalNumbers, incrementText, isJsonNumber } from '../../../src/domain/json/json-number.ts'
import { SLOWED } from '../../helpers/until.ts'

const equal = [
  ['1', '1.0'],
  ['1e2', '100'],
  ['1E+2', '1.00e0002'],
  ['-0', '0.000e99999999999999999999999'],
  ['0.001', '1e-3'],
  ['120e-1', '12'],
  ['1e99999999999999999999999', '10e99999999999999999999998'],
  ['1e-99999999999999999999999', '0.1e-99999999999999999999998'],
] as const

const unequal = [
  ['9007199254740992', '9007199254740993'],
  ['1', '-1'],
  ['1', '10'],
  ['0.1', '0.10000000000000000555'],
  ['1e400', '1e401'],
  ['1e-400', '0'],
  ['1e9007199254740993', '1e9007199254740992'],
  ['1e99999999999999999999999', '1e-99999999999999999999999'],
] as const

t.test('numbers are compared by what they denote, exactly', async (t) => {
  for (const [a, b] of equal) t.ok(equalNumbers(a, b), `${a} is ${b}`)
  for (const [a, b] of unequal) t.notOk(equalNumbers(a, b), `${a} is not ${b}`)
})

t.test('a number is equal to itself however its point is moved, and to no other', async () => {
  const digits = fc.bigInt({ min: 1n, max: 10n ** 40n })
  fc.assert(
    fc.property(digits, fc.nat(30), fc.integer({ min: -400, max: 400 }), (digits, places, power) => {
      const text = digits.toString()
      const moved = `0.${text}${'0'.repeat(places)}e${power + text.length}`
      const next = `${digits + 1n}e${power}`
      return equalNumbers(`${text}e${power}`, moved) && !equalNumbers(moved, next)
    }),
  )
})

t.test('a text of many digits or with a huge exponent is compared in little time', async (t) => {
  const before = process.cpuUsage()
  const digits = '9'.repeat(60_000)
  t.ok(equalNumbers(`1.${'0'.repeat(60_000)}`, '1'))
  t.ok(equalNumbers(`${digits}0`, `${digits}e1`))
  t.notOk(equalNumbers(`1e${digits}`, `1e-${digits}`))
  t.ok(process.cpuUsage(before).user < 1_000_000 * SLOWED)
})

t.test('a JSON number is told from what only looks like one', async (t) => {
  for (const text of ['0', '-0', '1.10', '1e400', '12345678901234567890', '2E-7']) t.ok(isJsonNumber(text), text)
  for (const text of ['', '-', '+1', '01', '.5', '1.', '1e', '0x10', ' 1', '1\n', 'NaN', 'Infinity', '1_000', '"1"']) {
    t.notOk(isJsonNumber(text), JSON.stringify(text))
  }
  t.throws(() => equalNumbers('1', 'one'), TypeError)
})

t.test('an absent value counts as 0', async (t) => {
  t.equal(incrementText(undefined, '1'), '1')
  t.equal(incrementText(undefined, '-2.5'), '-2.5')
})

t.test('an increment that a double keeps gives the text of the sum', async (t) => {
  t.equal(incrementText('41', '1'), '42')
  t.equal(incrementText('1.10', '1'), '2.1')
  t.equal(incrementText('1.25', '0.5'), '1.75')
  t.equal(incrementText('1e2', '-1'), '99')
  t.equal(incrementText('9007199254740990', '1'), '9007199254740991')
  t.equal(incrementText('1e21', '0'), '1e+21')
  t.equal(incrementText('5e-324', '0'), '5e-324')
  t.ok(isJsonNumber(incrementText('1e21', '1e22')), 'also of a large one')
})

t.test('a sum of nothing is 0, never -0', async (t) => {
  t.equal(incrementText('-0', '0'), '0')
  t.equal(incrementText('-0.0', '-0'), '0')
  t.equal(incrementText('1.5', '-1.5'), '0')
})

t.test('an increment that would round is refused', async (t) => {
  const refused = { code: 'not_incrementable' }
  t.throws(() => incrementText('0.1', '0.2'), refused)
  t.throws(() => incrementText('9007199254740992', '1'), refused)
  t.throws(() => incrementText('9007199254740993', '0'), refused, 'the value itself is no double')
  t.throws(() => incrementText('1', '12345678901234567891'), refused, 'what is added is no double')
  t.throws(() => incrementText('1e400', '1'), refused)
  t.throws(() => incrementText('1e-400', '1'), refused)
  t.throws(() => incrementText('1.7976931348623157e308', '1e308'), refused, 'the sum is no double')
  t.throws(() => incrementText('1e300', '1'), refused)
})

t.test('only a number is incremented, and only by a number', async (t) => {
  for (const text of ['"1"', 'null', 'true', '[]', '{}']) {
    t.throws(() => incrementText(text, '1'), { code: 'not_incrementable' }, text)
  }
  t.throws(() => incrementText('1', '"1"'), { code: 'invalid_request', extras: { errors: [{ pointer: '#/by' }] } })
})

t.test('whatever two decimals are added, the sum is exact or refused', async () => {
  const cents = fc.integer({ min: -1_000_000, max: 1_000_000 })
  const decimal = (cents: number) => `${cents}e-2`
  fc.assert(
    fc.property(cents, cents, (a, b) => {
      try {
        return equalNumbers(incrementText(decimal(a), decimal(b)), decimal(a + b))
      } catch (error) {
        return (error as { code?: string }).code === 'not_incrementable'
      }
    }),
  )
  const whole = fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 })
  fc.assert(fc.property(whole, whole, (a, b) => incrementText(String(a), String(b)) === String(a + b)))
})
