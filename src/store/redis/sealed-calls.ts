/** The port's calls on a Redis that is encrypted: those in which a text, a subject or a secret goes to Redis or comes back. */
import { type HandoffTexts, packHandoff, unpackHandoff } from '../layout/handoff.ts'
import { reasonByte } from '../layout/record.ts'
import type { Found, HandoffRef, SessionRef, Store } from '../port.ts'
import type { Encryption } from '../sealing/encryption.ts'
import { isInClear } from '../sealing/index-key.ts'
import { createOpenedTexts } from '../sealing/opened-texts.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { readEnded, readTouched } from './answers.ts'
import { credentialArgs } from './arguments.ts'
import { handoffKey, keysOf, secretsKey } from './keys.ts'
import { createKnownKeys } from './known-keys.ts'
import type { Link } from './link.ts'
import { createSealingOpener, keepIndexKey } from './open-sealing.ts'
import { createReencrypt } from './reencrypt.ts'
import { createReencryptParts } from './reencrypt-parts.ts'
import type { ScriptRunner } from './script-runner.ts'
import type { Arg } from './scripts.ts'
import { createSealedLists } from './sealed-lists.ts'
import { orUnavailable, readSealed, sealedReader } from './sealed-reader.ts'
import { createSealedRotate } from './sealed-rotate.ts'
import { createSealedWrite } from './sealed-write.ts'
import type { SubjectLists } from './subject-lists.ts'
import type { Topology } from './topology.ts'

/** Sends a command which has to be on replicas where the namespace says so. */
type SendCopied = (namespace: string, command: string, args: readonly Arg[], by?: number) => Promise<void>

type Parts = ScriptRunner & {
  readonly link: Link
  readonly topology: Topology
  readonly now: () => number
  readonly send: SendCopied
}

/** The texts of the hand-off under a key, and under no other. */
const textsUnder = (key: Buffer, sealing: Sealing): HandoffTexts => ({
  seal: (kind, text) => sealing.sealAlone(kind, key.toString('hex'), text),
  open: (kind, stored) => sealing.openAlone(kind, key.toString('hex'), stored),
})

/** No subject is this. */
const NOBODY = '\0'

const secretName = (collection: string, place: string): string => `${collection}\0${place}`

type Calls = Pick<
  Store,
  | 'read'
  | 'write'
  | 'touch'
  | 'end'
  | 'rotate'
  | 'addHandoff'
  | 'readHandoff'
  | 'secrets'
  | 'addSecret'
  | 'replaceSecret'
  | keyof SubjectLists
>

export const createSealedCalls = ({ link, send, topology, now, run, runInRoom }: Parts, encryption: Encryption) => {
  const open = createSealingOpener(link, encryption)
  const known = createKnownKeys()
  const memory = createOpenedTexts()
  const reencrypt = createReencrypt({ link, run, known })
  const write = createSealedWrite({ runInRoom, known, reencrypt })
  const rotate = createSealedRotate({ link, runInRoom, known, reencrypt })

  const withSealing = <T>(call: (sealing: Sealing) => Promise<T>): Promise<T> =>
    orUnavailable(async () => call(await open()))

  const withLists = <T>(call: (lists: SubjectLists) => Promise<T>): Promise<T> =>
    withSealing((sealing) => call(createSealedLists({ link, run }, sealing)))

  const read = (ref: SessionRef): Promise<Found> =>
    withSealing(async (sealing) => {
      const { found, seal } = readSealed(await link.hash(keysOf(ref).session, ref.by), ref, sealing, memory)
      known.learn(ref, seal, sealing)
      return found
    })

  const keyOfHandoff = ({ namespace, partition, hash }: HandoffRef): Buffer => handoffKey(partition, namespace, hash)

  const sealSecret = (collection: string, place: string, text: string, sealing: Sealing): Buffer | string =>
    sealing.encrypts && !isInClear(collection) ? sealing.sealAlone('secret', secretName(collection, place), text) : text

  const calls: Calls = {
    read,

    write: (ref, asked) => withSealing((sealing) => write(ref, asked, sealing)),

    rotate: (ref, rotation) => withSealing((sealing) => rotate(ref, rotation, sealing)),

    touch: (ref, credential) =>
      withSealing(async (sealing) => {
        const { member, session, expiries } = keysOf(ref)
        const args = { ...credentialArgs(credential), member }
        const answer = await run('touch', [session, expiries], args, { by: ref.by })
        return readTouched(answer, sealedReader(ref, sealing))
      }),

    end: (ref, { credential, reason, tombstoneSeconds, subject }) =>
      withSealing(async (sealing) => {
        const { member, session, expiries } = keysOf(ref)
        known.forget(ref)
        // A plain record is compared with the subject itself. Where it is refused, no subject need be sent.
        const plainSubject = sealing.required ? NOBODY : subject
        const args = {
          ...credentialArgs(credential),
          member,
          reason: reasonByte(reason),
          tombstoneMs: tombstoneSeconds * 1000,
          subject: subject === undefined ? '' : (plainSubject ?? ''),
          subjectMac: subject === undefined ? '' : sealing.macOf(ref.namespace, subject),
        }
        return readEnded(await run('end', [session, expiries], args, { by: ref.by, of: ref.namespace, ends: reason }))
      }),

    addHandoff: (ref, handoff, seconds) =>
      withSealing(async (sealing) => {
        const key = keyOfHandoff(ref)
        const packed = packHandoff(handoff, sealing.encrypts ? textsUnder(key, sealing) : null)
        await send(ref.namespace, 'set', [key, packed, 'PX', seconds * 1000], ref.by)
      }),

    readHandoff: (ref) =>
      withSealing(async (sealing) => {
        const key = keyOfHandoff(ref)
        const packed = (await link.send('get', [key], ref.by)) as Buffer | null
        return packed === null ? null : unpackHandoff(packed, textsUnder(key, sealing))
      }),

    secrets: (collection) =>
      withSealing(async (sealing) => {
        await keepIndexKey(link, sealing)
        const flat = await link.hash(secretsKey(collection))
        const found = new Map<string, string>()
        for (let i = 0; i + 1 < flat.length; i += 2) {
          const place = String(flat[i])
          const stored = flat[i + 1] as Buffer
          found.set(
            place,
            isInClear(collection) ? String(stored) : sealing.openAlone('secret', secretName(collection, place), stored),
          )
        }
        return found
      }),

    addSecret: (collection, place, text) =>
      withSealing(async (sealing) => {
        await link.send('hsetnx', [secretsKey(collection), place, sealSecret(collection, place, text, sealing)])
      }),

    replaceSecret: (collection, place, text) =>
      withSealing(async (sealing) => {
        await link.send('hset', [secretsKey(collection), place, sealSecret(collection, place, text, sealing)])
      }),

    list: (ref, entry) => withLists((lists) => lists.list(ref, entry)),
    listed: (ref, page) => withLists((lists) => lists.listed(ref, page)),
    sampleListed: (ref, count) => withLists((lists) => lists.sampleListed(ref, count)),
    unlist: (ref, ids) => withLists((lists) => lists.unlist(ref, ids)),
    admit: (ref, admission) => withLists((lists) => lists.admit(ref, admission)),
    admitted: (ref) => withLists((lists) => lists.admitted(ref)),
    dismiss: (ref, ids) => withLists((lists) => lists.dismiss(ref, ids)),
  }
  const reencryptParts = createReencryptParts({ link, topology, run, now, reencrypt })
  const reencryptPart = (after: string | null) => withSealing((sealing) => reencryptParts(after, sealing))
  return { calls, open, reencryptPart }
}
