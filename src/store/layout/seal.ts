/**
 * What an encrypted record has between the deadlines of its keys and its subject; `record.ts` has the whole record.
 *
 *     offset  bytes  what
 *          0      1  bytes of the name of the master key
 *          1      …  this name, ASCII
 *          …     16  the id of the session's own key
 *          …     32  HMAC-SHA-256 that binds the record to its place
 *          …     32  HMAC-SHA-256 of the subject; zeros for none
 */

export type Seal = {
  readonly kid: string
  readonly valueKeyId: Buffer
  readonly placeMac: Buffer
  readonly subjectMac: Buffer
}

const ID_BYTES = 16
const MAC_BYTES = 32
const FIXED_BYTES = 1 + ID_BYTES + 2 * MAC_BYTES

/** The part of a seal that names the session's key. */
export const packKeyName = ({ kid, valueKeyId }: Pick<Seal, 'kid' | 'valueKeyId'>): Buffer =>
  Buffer.concat([Buffer.of(kid.length), Buffer.from(kid, 'latin1'), valueKeyId])

export const packSeal = ({ kid, valueKeyId, placeMac, subjectMac }: Seal): Buffer => {
  if (kid.length === 0 || kid.length > 255) throw new TypeError('The name of a master key has 1 to 255 characters.')
  if (valueKeyId.length !== ID_BYTES) throw new TypeError('The id of a key has 16 bytes.')
  if (placeMac.length !== MAC_BYTES || subjectMac.length !== MAC_BYTES) throw new TypeError('An HMAC has 32 bytes.')
  return Buffer.concat([packKeyName({ kid, valueKeyId }), placeMac, subjectMac])
}

/** Copies out of `packed`. Answers also how many bytes it took. Throws a RangeError if they are too few. */
export const unpackSeal = (packed: Buffer): { readonly seal: Seal; readonly bytes: number } => {
  const kidBytes = packed[0] ?? 0
  const bytes = FIXED_BYTES + kidBytes
  if (kidBytes === 0 || packed.length < bytes) throw new RangeError('The seal of a record ends too soon.')
  const idAt = 1 + kidBytes
  const copy = (at: number, length: number): Buffer => Buffer.from(packed.subarray(at, at + length))
  const seal = {
    kid: packed.toString('latin1', 1, idAt),
    valueKeyId: copy(idAt, ID_BYTES),
    placeMac: copy(idAt + ID_BYTES, MAC_BYTES),
    subjectMac: copy(idAt + ID_BYTES + MAC_BYTES, MAC_BYTES),
  }
  return { seal, bytes }
}
