/**
 * Writes to sessions that are encrypted. A writer names the key under which it has encrypted. If the session has another one,
 * the script does nothing and answers `rekeyed` with the record, and the writer encrypts anew.
 *
 * Limits count plain bytes, and Redis holds padded texts. Where those are within the limit, so is what they hold. Otherwise the
 * script does nothing and answers `near` with the session; the writer opens it, counts, and asks again as of that version.
 */
import { packKeyName, packSeal } from '../layout/seal.ts'
import type { SessionRef, Settings, Write, WriteOutcome } from '../port.ts'
import { StoreUnavailable } from '../port.ts'
import { seal } from '../sealing/cipher.ts'
import { openRecord } from '../sealing/open-session.ts'
import type { Sealing, SessionKey } from '../sealing/sealing.ts'
import { packVersion, readWriteOutcome } from './answers.ts'
import { writeArgs, writeTexts } from './arguments.ts'
import { keysOf, outcomeKey } from './keys.ts'
import type { KnownKeys } from './known-keys.ts'
import type { Reencrypt } from './reencrypt.ts'
import type { ScriptRunner } from './script-runner.ts'
import type { Arg } from './scripts.ts'
import { readSealed, sealedReader } from './sealed-reader.ts'

/** So often a session may have changed under the eyes of a writer. */
const MOST_TRIES = 32

const NO_SETTINGS: Settings = new Map()

/** The texts of a write as they are stored under a key. */
const sealTexts = (write: Write, { valueKey }: SessionKey): Arg[] => {
  const args: Arg[] = []
  for (const [key, expected] of write.expect ?? []) {
    if (expected === null) args.push(key, 'absent', '')
    else if (expected === 'present') args.push(key, 'present', '')
    else args.push(key, 'text', seal(valueKey, 'setting', key, expected.text))
  }
  for (const [key, text] of write.set ?? []) args.push(key, seal(valueKey, 'setting', key, text))
  return write.replace ? args : [...args, ...(write.remove ?? [])]
}

const bytesOf = (key: string, text: string): number => Buffer.byteLength(key) + Buffer.byteLength(text)

/** Whether the write makes these settings longer, and longer than it may. */
const isBeyond = (settings: Settings, { set = NO_SETTINGS, remove = [], replace, limits }: Write): boolean => {
  let before = 0
  for (const [key, text] of settings) before += bytesOf(key, text)
  const after = new Map(replace ? [] : settings)
  for (const key of remove) after.delete(key)
  for (const [key, text] of set) after.set(key, text)
  let size = 0
  for (const [key, text] of after) size += bytesOf(key, text)
  return size > before && size > limits.bytes
}

/** With the HMAC of what was sent, and beside it the plain hash under which a call may have been kept before. */
export const fingerprintsOf = (fingerprint: string | undefined, sealing: Sealing): Buffer | string => {
  if (fingerprint === undefined) return ''
  const plain = Buffer.from(fingerprint, 'hex')
  const sealed = Buffer.from(sealing.fingerprint(fingerprint), 'hex')
  if (sealing.required) return sealed
  return Buffer.concat(sealing.encrypts ? [sealed, plain] : [plain, sealed])
}

/** A result as it is kept under a name. */
export const resultOf = (result: string | undefined, name: string, sealing: Sealing): Buffer | string => {
  if (result === undefined || !sealing.encrypts) return result ?? ''
  return sealing.sealAlone('result', name, result)
}

type Parts = {
  readonly runInRoom: ScriptRunner['runInRoom']
  readonly known: KnownKeys
  readonly reencrypt: Reencrypt
}

export const createSealedWrite = ({ runInRoom, known, reencrypt }: Parts) => {
  const argsOf = (
    ref: SessionRef,
    write: Write,
    { key, isKnown, sealing }: { key: SessionKey | null; isKnown: boolean; sealing: Sealing },
    args: ReturnType<typeof writeArgs>,
  ) => {
    if (key === null) return args
    if (isKnown) return { ...args, subject: '', seal: packKeyName(key) }
    const life = (args.newLife as Buffer).toString('base64url')
    const sealed = sealing.sealSubject(ref, { life, subject: write.subject ?? null }, key)
    return { ...args, subject: sealed.subject, seal: packSeal(sealed.seal) }
  }

  return async (ref: SessionRef, write: Write, sealing: Sealing): Promise<WriteOutcome> => {
    const { partition, member, session, expiries } = keysOf(ref)
    const kept = write.repeat && outcomeKey(partition, ref.namespace, write.repeat.key)
    const keys: (Buffer | string)[] = kept === undefined ? [session, expiries] : [session, expiries, kept]
    const name = kept?.toString('hex') ?? ''
    const fingerprint = fingerprintsOf(write.repeat?.fingerprint, sealing)
    const result = resultOf(write.result, name, sealing)
    let isPlain = !sealing.encrypts
    let judged: Buffer | string = ''
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const isKnown = known.of(ref) !== undefined
      const key = known.of(ref) ?? (isPlain ? null : sealing.keyFor(null))
      const argsFor = (isFull: boolean) => ({
        ...argsOf(ref, write, { key, isKnown, sealing }, writeArgs(write, member, isFull)),
        ...{ fingerprint, result, judged },
      })
      const more = key === null ? writeTexts(write) : sealTexts(write, key)
      const answer = await runInRoom('write', keys, argsFor, { by: ref.by, of: ref.namespace, more })
      if (answer.word === 'near') {
        const { found } = readSealed(answer.rest[0] as Buffer[], ref, sealing)
        const { settings, record } = found.state === 'live' ? found : { settings: NO_SETTINGS, record: null }
        if (isBeyond(settings, write)) return { state: 'limit', limit: 'bytes' }
        judged = packVersion({ revision: record?.revision ?? 0, tag: record?.tag ?? '' })
      } else if (answer.word === 'rekeyed') {
        const packed = answer.rest[0] as Buffer
        const seal = packed.length === 0 ? null : openRecord(packed, ref, sealing).seal
        known.learn(ref, seal, sealing)
        const isThere = packed.length > 0 && seal === null
        if (isThere) sealing.refusePlain()
        isPlain = !sealing.encrypts
        if (isThere && sealing.encrypts) await reencrypt(ref, sealing)
      } else {
        if (answer.word === 'written' && key !== null) known.put(ref, key)
        return readWriteOutcome(answer, sealedReader(ref, sealing, { key, result: name }))
      }
    }
    throw new StoreUnavailable('The session is written to by too many at once.')
  }
}
