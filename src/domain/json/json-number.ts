/**
 * Numbers as JSON writes them, compared and added without rounding. A JSON number has any number of digits and an
 * exponent of any size; a double has neither, so nothing here goes through one unless it is shown to lose nothing.
 */
import { CoatcheckError } from '../../errors.ts'

const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?)(\d+))?$/

/** Whether a text is a number by RFC 8259 §6, with nothing around it. */
export const isJsonNumber = (text: string): boolean => NUMBER.test(text)

/** Exponents of up to so many digits are added as doubles; longer ones, which only an attacker sends, as bigints. */
const SHORT_EXPONENT = 15

const withoutLeadingZeros = (digits: string): string => {
  let from = 0
  while (digits.charCodeAt(from) === 48) from++
  return digits.slice(from)
}

/** Shifts an exponent, given as sign and digits, by a small integer. */
const shifted = (sign: string, digits: string, by: number): string => {
  const size = withoutLeadingZeros(digits)
  if (size.length <= SHORT_EXPONENT) return String(Number(`${sign}${size || '0'}`) + by)
  const exponent = BigInt(size)
  return String((sign === '-' ? -exponent : exponent) + BigInt(by))
}

/**
 * The one form that all spellings of a JSON number share: its digits without zeros at either end, times a power of ten
 * (`11e-1` for 1.10). Takes time in proportion to the text, whatever the exponent says.
 */
export const canonical = (text: string): string => {
  const parts = NUMBER.exec(text)
  if (parts === null) throw new TypeError('Not a JSON number.')
  const [, sign, whole = '', fraction = '', exponentSign = '', exponent = '0'] = parts
  const digits = withoutLeadingZeros(whole + fraction)
  if (digits === '') return '0'
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 48) end--
  const power = shifted(exponentSign, exponent, digits.length - end - fraction.length)
  return `${sign}${digits.slice(0, end)}e${power}`
}

/** Whether two JSON numbers denote the same value, exactly: 1.0 is 1, 1e2 is 100, -0 is 0, 2^53 is not 2^53 + 1. */
export const equalNumbers = (a: string, b: string): boolean => a === b || canonical(a) === canonical(b)

/** The exact sum of two finite doubles, each taken as the decimal that JavaScript shows for it. */
const exactSum = (a: number, b: number): string => {
  const [aDigits = '', aPower] = canonical(String(a)).split('e')
  const [bDigits = '', bPower] = canonical(String(b)).split('e')
  const power = Math.min(Number(aPower ?? 0), Number(bPower ?? 0))
  const scaled = (digits: string, from = '0') => BigInt(digits) * 10n ** BigInt(Number(from) - power)
  return `${scaled(aDigits, aPower) + scaled(bDigits, bPower)}e${power}`
}

/** The double that a JSON number denotes, if none of its digits would be lost. */
const asDouble = (text: string): number | undefined => {
  const double = Number(text)
  return Number.isFinite(double) && equalNumbers(text, String(double)) ? double : undefined
}

const refuse = (detail: string): never => {
  throw new CoatcheckError('not_incrementable', detail)
}

/**
 * The text of a value after adding `by` to it; both are JSON texts, and an absent value (undefined) counts as 0.
 * Computes in doubles, and only where that is exact: the value, `by` and the sum must each be a decimal that a double
 * keeps, so 0.1 + 0.2, 2^53 + 1 and anything on 1e400 are refused rather than rounded.
 *
 * Throws `not_incrementable`; `invalid_request` if `by` is no number.
 */
export const incrementText = (text: string | undefined, by: string): string => {
  if (!isJsonNumber(by)) {
    throw new CoatcheckError('invalid_request', '`by` must be a number.', {
      errors: [{ pointer: '#/by', detail: 'must be a number' }],
    })
  }
  if (text !== undefined && !isJsonNumber(text)) return refuse('The value is no number.')
  const value = asDouble(text ?? '0')
  if (value === undefined) return refuse('The value has more digits than a double keeps; write it with PUT instead.')
  const step = asDouble(by)
  if (step === undefined) return refuse('`by` has more digits than a double keeps.')
  const sum = value + step
  if (!Number.isFinite(sum) || !equalNumbers(String(sum), exactSum(value, step))) {
    return refuse('The sum would be rounded in a double; count in whole numbers up to 2^53, or write it with PUT.')
  }
  return String(sum)
}
