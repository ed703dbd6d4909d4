/**
 * Rotations of sessions that are encrypted. The session keeps its key. The new seal is made of what the record holds, so the
 * record is read first; if it has another seal by the time the script runs, that answers `rekeyed`.
 */
import { sealOf } from '../layout/record.ts'
import { packSeal, type Seal } from '../layout/seal.ts'
import type { RotateOutcome, Rotation, SessionRef } from '../port.ts'
import { StoreUnavailable } from '../port.ts'
import { seal } from '../sealing/cipher.ts'
import { openRecord } from '../sealing/open-session.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { readRotateOutcome } from './answers.ts'
import { rotateArgs } from './arguments.ts'
import { handoffKey, keysOf, outcomeKey } from './keys.ts'
import type { KnownKeys } from './known-keys.ts'
import type { Link } from './link.ts'
import type { Reencrypt } from './reencrypt.ts'
import type { ScriptRunner } from './script-runner.ts'
import { sealedReader } from './sealed-reader.ts'
import { fingerprintsOf, resultOf } from './sealed-write.ts'

const MOST_TRIES = 32

type Parts = {
  readonly link: Link
  readonly runInRoom: ScriptRunner['runInRoom']
  readonly known: KnownKeys
  readonly reencrypt: Reencrypt
}

/** What is there: nothing, a plain record, or one under a seal. */
type There = { readonly life: string | null; readonly subject: string | null; readonly seal: Seal | null }

const NOTHING: There = { life: null, subject: null, seal: null }

export const createSealedRotate = ({ link, runInRoom, known, reencrypt }: Parts) => {
  const thereIn = (packed: Buffer | null, ref: SessionRef, sealing: Sealing): There => {
    if (packed === null || packed.length === 0) return NOTHING
    const { record, seal } = openRecord(packed, ref, sealing)
    return { ...record, seal }
  }

  /** The subjects and seals that a rotation names, given what is there. */
  const sealedArgs = (ref: SessionRef, target: SessionRef, rotation: Rotation, there: There, sealing: Sealing) => {
    const { subject = there.subject, boundTo = null, newId } = rotation
    const isPlain = there.seal === null && (there.life !== null || !sealing.encrypts)
    if (isPlain) return () => ({ key: null, args: {} })
    const key = there.seal === null ? sealing.keyFor(null) : sealing.keyOf(there.seal)
    return (newLife: Buffer) => {
      const life = newId === null && there.life !== null ? there.life : newLife.toString('base64url')
      const sealed = sealing.sealSubject(target, { life, subject }, key)
      const args = {
        subject: sealed.subject,
        boundTo: boundTo === null ? '' : seal(key.valueKey, 'subject', ref.namespace, boundTo),
        seal: there.seal === null ? '' : packSeal(there.seal),
        newSeal: packSeal(sealed.seal),
      }
      return { key, args }
    }
  }

  return async (ref: SessionRef, rotation: Rotation, sealing: Sealing): Promise<RotateOutcome> => {
    const { partition, member, session, expiries } = keysOf(ref)
    const { newId, handoff, repeat } = rotation
    const target = newId === null ? ref : { ...ref, id: newId }
    const there = keysOf(target)
    if (there.partition !== partition) throw new Error('A session moves within its partition only.')
    const kept = repeat && outcomeKey(partition, ref.namespace, repeat.key)
    const name = kept?.toString('hex') ?? ''
    const keys = [
      session,
      expiries,
      there.session,
      handoff === undefined ? session : handoffKey(partition, ref.namespace, handoff),
      kept ?? session,
    ]
    const fingerprint = fingerprintsOf(repeat?.fingerprint, sealing)
    const result = resultOf(rotation.result, name, sealing)
    let [packed] = (await link.send('hmget', [session, 'r'], ref.by)) as [Buffer | null]
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (packed !== null && packed.length > 0 && sealOf(packed) === null) {
        sealing.refusePlain()
        if (sealing.encrypts && (await reencrypt(ref, sealing))) {
          ;[packed] = (await link.send('hmget', [session, 'r'], ref.by)) as [Buffer | null]
        }
      }
      const sealed = sealedArgs(ref, target, rotation, thereIn(packed, ref, sealing), sealing)
      const argsFor = (isFull: boolean) => {
        const args = rotateArgs(rotation, { member, newMember: there.member, isFull })
        return { ...args, ...sealed(args.newLife as Buffer).args, fingerprint, result }
      }
      const answer = await runInRoom('rotate', keys, argsFor, { by: ref.by, of: ref.namespace, ends: 'rotated' })
      if (answer.word !== 'rekeyed') {
        known.forget(ref)
        return readRotateOutcome(answer, sealedReader(target, sealing, { result: name }))
      }
      packed = answer.rest[0] as Buffer
    }
    throw new StoreUnavailable('The session is changed by too many at once.')
  }
}
