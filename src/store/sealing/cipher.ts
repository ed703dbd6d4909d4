/**
 * Turns a text into what is stored of it when it is encrypted, and back.
 *
 * AES-256-GCM of Node's own with a synthetic nonce: the first 96 bits of HMAC-SHA-256, under a second key, over the associated
 * data and the text. So one text at one place under one key has one ciphertext, which the stores compare as they compare plain
 * texts; two texts never share a nonce, except by a collision of 96 bits; and nobody has to count nonces. On opening the nonce
 * is computed again and compared: a nonce that was chosen by somebody else does not open.
 *
 *     offset  bytes  what
 *          0      1  form: 1
 *          1     12  nonce
 *         13     16  tag of GCM
 *         29      …  ciphertext of the text in UTF-8, a byte 80 and as many bytes 00 as make a multiple of 16
 *
 * The associated data are the kind of thing (1 byte) and its name in UTF-8; for a setting the name is its key. So a text opens
 * only as what it was sealed as, and only under its own name.
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'

/** The keys of a session, or of another thing that is encrypted by itself; 32 bytes each. */
export type ValueKey = { readonly cipher: Buffer; readonly nonce: Buffer }

/** What is sealed. The numbers are stored: none is used again for something else. */
export const KINDS = { setting: 1, subject: 2, payload: 3, result: 4, taken: 5, secret: 6, indexKey: 7 } as const

export type Kind = keyof typeof KINDS

/** What is stored was not sealed under this key, as this kind or under this name, or it is damaged. It quotes nothing. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen'
}

const CIPHER = 'aes-256-gcm'
const FORM = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const NONCE_AT = 1
const TAG_AT = NONCE_AT + NONCE_BYTES
const TEXT_AT = TAG_AT + TAG_BYTES
const BLOCK = 16
const END_OF_TEXT = 0x80

/** How many bytes are stored of a text of so many bytes. */
export const sealedBytes = (bytes: number): number => TEXT_AT + (Math.floor(bytes / BLOCK) + 1) * BLOCK

/** How many bytes a text has at most of which so many are stored. */
export const mostPlainBytes = (bytes: number): number => bytes - TEXT_AT - 1

const LENGTH_BYTES = 4

/**
 * What the nonce is computed from: the length of the associated data, these, and the padded text. The length stands first, so that
 * no two pairs of data and text are one input.
 */
const inputFor = (kind: Kind, name: string, paddedBytes: number) => {
  const dataBytes = 1 + Buffer.byteLength(name)
  const input = Buffer.alloc(LENGTH_BYTES + dataBytes + paddedBytes)
  input.writeUInt32BE(dataBytes)
  input[LENGTH_BYTES] = KINDS[kind]
  input.write(name, LENGTH_BYTES + 1, 'utf8')
  const paddedAt = LENGTH_BYTES + dataBytes
  return { input, data: input.subarray(LENGTH_BYTES, paddedAt), padded: input.subarray(paddedAt) }
}

const nonceOf = ({ nonce }: ValueKey, input: Buffer): Buffer =>
  createHmac('sha256', nonce).update(input).digest().subarray(0, NONCE_BYTES)

/** The text without its padding; null if there is none. */
const unpad = (padded: Buffer): string | null => {
  const end = padded.lastIndexOf(END_OF_TEXT)
  if (end < padded.length - BLOCK || end < 0) return null
  for (let at = end + 1; at < padded.length; at++) if (padded[at] !== 0) return null
  return padded.toString('utf8', 0, end)
}

export const seal = (key: ValueKey, kind: Kind, name: string, text: string): Buffer => {
  const bytes = Buffer.byteLength(text)
  const { input, data, padded } = inputFor(kind, name, sealedBytes(bytes) - TEXT_AT)
  padded.write(text, 'utf8')
  padded[bytes] = END_OF_TEXT
  const nonce = nonceOf(key, input)
  const cipher = createCipheriv(CIPHER, key.cipher, nonce)
  cipher.setAAD(data)
  const encrypted = cipher.update(padded)
  cipher.final()
  const sealed = Buffer.allocUnsafe(TEXT_AT + padded.length)
  sealed[0] = FORM
  sealed.set(nonce, NONCE_AT)
  sealed.set(cipher.getAuthTag(), TAG_AT)
  sealed.set(encrypted, TEXT_AT)
  return sealed
}

/** The decrypted bytes; null if the tag does not fit. */
const decrypt = (key: ValueKey, data: Buffer, sealed: Buffer): Buffer | null => {
  const decipher = createDecipheriv(CIPHER, key.cipher, sealed.subarray(NONCE_AT, TAG_AT), { authTagLength: TAG_BYTES })
  decipher.setAAD(data)
  decipher.setAuthTag(sealed.subarray(TAG_AT, TEXT_AT))
  const padded = decipher.update(sealed.subarray(TEXT_AT))
  try {
    decipher.final()
    return padded
  } catch {
    return null
  }
}

/** Throws CannotOpen. */
export const open = (key: ValueKey, kind: Kind, name: string, sealed: Buffer): string => {
  if (sealed[0] !== FORM)
    throw new CannotOpen(`It is stored in form ${sealed[0]}, which is no encrypted form known here.`)
  const bytes = sealed.length - TEXT_AT
  const isWhole = bytes > 0 && bytes % BLOCK === 0
  const { input, data, padded } = inputFor(kind, name, isWhole ? bytes : 0)
  const decrypted = isWhole ? decrypt(key, data, sealed) : null
  if (decrypted !== null) padded.set(decrypted)
  const text = decrypted && unpad(decrypted)
  const isOurs = decrypted && timingSafeEqual(nonceOf(key, input), sealed.subarray(NONCE_AT, TAG_AT))
  if (text === null || !isOurs) throw new CannotOpen('It does not open: another key, another place, or damaged.')
  return text
}
