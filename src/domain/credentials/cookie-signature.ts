/** Signed text: the text, a dot, and its HMAC-SHA-256 in base64 without padding, because `=` has a meaning in cookies. */
import { createHmac, timingSafeEqual } from 'node:crypto'

const signatureOf = (text: string, secret: string): string =>
  createHmac('sha256', secret).update(text).digest('base64').replace(/=+$/, '')

export const signText = (text: string, secret: string): string => `${text}.${signatureOf(text, secret)}`

/** The text that one of these secrets has signed; undefined if none has. The comparison takes the same time for every signature. */
export const verifiedText = (signed: string, secrets: readonly string[]): string | undefined => {
  const dot = signed.lastIndexOf('.')
  const text = signed.slice(0, Math.max(dot, 0))
  const given = Buffer.from(signed.slice(dot + 1))
  const isBy = (secret: string): boolean => {
    const expected = Buffer.from(signatureOf(text, secret))
    return expected.length === given.length && timingSafeEqual(expected, given)
  }
  return dot > 0 && secrets.some(isBy) ? text : undefined
}
