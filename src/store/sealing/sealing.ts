/**
 * Encryption at rest as a store does it. What is a session's is sealed under the session's own key; what stands by itself
 * (a kept outcome, a hand-off, a secret) under a key of its own, which it names.
 */
import { createHmac } from 'node:crypto'
import { draw } from '../draw.ts'
import type { OpenSubject, SealedSubject } from '../layout/record.ts'
import { packKeyName, type Seal } from '../layout/seal.ts'
import type { SessionRef } from '../port.ts'
import { CannotOpen, type Kind, open, seal, type ValueKey } from './cipher.ts'
import { NO_SUBJECT, subjectMac, wrapIndexKey } from './index-key.ts'
import { type MasterKeys, VALUE_KEY_ID_BYTES } from './master-keys.ts'
import { checkPlace, placeMac } from './place.ts'

/** A session's key and its names. */
export type SessionKey = Pick<Seal, 'kid' | 'valueKeyId'> & { readonly valueKey: ValueKey }

const NONE = Buffer.alloc(0)

/** The first byte of what is sealed by itself: no text in UTF-8 begins with it. */
const ALONE = 0xff

export const createSealing = ({
  keys,
  indexKey,
  required,
  encrypts = true,
}: {
  keys: MasterKeys
  indexKey: Buffer
  /** Whether what is new is encrypted. If not, it is only opened, and what is encrypted stays so. */
  encrypts?: boolean
  /** Whether what is plain is refused. */
  required: boolean
}) => {
  const refusePlain = (): void => {
    if (required) throw new CannotOpen('It is stored in plain text, where encryption is required.')
  }

  const keyFor = (old: Seal | null): SessionKey => {
    const kid = keys.current
    const valueKeyId = old?.kid === kid ? old.valueKeyId : draw(VALUE_KEY_ID_BYTES)
    return { kid, valueKeyId, valueKey: keys.valueKey(kid, valueKeyId) }
  }

  /** The key that stands in front, and what comes after it. */
  const named = (stored: Buffer) => {
    const idAt = 2 + (stored[1] ?? 0)
    const end = idAt + VALUE_KEY_ID_BYTES
    if (stored.length < end) throw new CannotOpen('It ends too soon.')
    const valueKey = keys.valueKey(stored.toString('latin1', 2, idAt), Buffer.from(stored.subarray(idAt, end)))
    return { valueKey, rest: stored.subarray(end) }
  }

  /** Seals a text under a key of its own, which it names: FF, length of the kid, kid, key id, what `cipher.ts` makes. */
  const sealAlone = (kind: Kind, name: string, text: string): Buffer => {
    const { kid, valueKeyId, valueKey } = keyFor(null)
    return Buffer.concat([Buffer.of(ALONE), packKeyName({ kid, valueKeyId }), seal(valueKey, kind, name, text)])
  }

  /** Opens what `sealAlone` made. A plain text is given as it is, unless it is refused. Throws CannotOpen. */
  const openAlone = (kind: Kind, name: string, stored: Buffer): string => {
    if (stored[0] !== ALONE) {
      refusePlain()
      return stored.toString('utf8')
    }
    const { valueKey, rest } = named(stored)
    return open(valueKey, kind, name, rest)
  }

  return {
    /** The name of the master key that encrypts. */
    current: keys.current,
    kids: keys.kids,
    /** The index key as it is kept under a kid. */
    wrapIndexKey: (kid: string): string => wrapIndexKey(keys, kid, indexKey),
    required,
    encrypts,
    refusePlain,

    /** The key of a session: its own, if that is under the present master key, or a new one. */
    keyFor,

    /** The key that a session has. */
    keyOf: ({ kid, valueKeyId }: Seal): SessionKey => ({ kid, valueKeyId, valueKey: keys.valueKey(kid, valueKeyId) }),

    valueKeyOf: ({ kid, valueKeyId }: Pick<Seal, 'kid' | 'valueKeyId'>): ValueKey => keys.valueKey(kid, valueKeyId),

    /** What an encrypted record has in place of its subject. */
    sealSubject(
      ref: SessionRef,
      { life, subject }: { readonly life: string; readonly subject: string | null },
      { kid, valueKeyId, valueKey }: SessionKey,
    ): SealedSubject {
      const sealed = subject === null ? NONE : seal(valueKey, 'subject', ref.namespace, subject)
      const mac = subject === null ? NO_SUBJECT : subjectMac(indexKey, ref.namespace, subject)
      const placed = { ref, life, kid, valueKeyId, subjectMac: mac, subject: sealed }
      return { subject: sealed, seal: { kid, valueKeyId, subjectMac: mac, placeMac: placeMac(keys, placed) } }
    },

    /** Opens the subject of the record under `ref`, and checks that it is the record's place. */
    subjectOpener:
      (ref: SessionRef): OpenSubject =>
      ({ seal: { kid, valueKeyId, subjectMac, placeMac }, subject }, life) => {
        checkPlace(keys, { ref, life, kid, valueKeyId, subjectMac, subject }, placeMac)
        return subject.length === 0 ? null : open(keys.valueKey(kid, valueKeyId), 'subject', ref.namespace, subject)
      },

    /** What stands for a subject where it is compared: 32 bytes. */
    macOf: (namespace: string, subject: string): Buffer => subjectMac(indexKey, namespace, subject),

    /** The same in hex, for the name of its list. */
    nameOf: (namespace: string, subject: string): string => subjectMac(indexKey, namespace, subject).toString('hex'),

    /** An HMAC in place of a hash that could be guessed, of the same 32 hex characters. */
    fingerprint: (hash: string): string =>
      createHmac('sha256', indexKey).update(`fingerprint\0${hash}`).digest('hex').slice(0, 32),

    /** A secret under the key that encrypts now; null if it is so already. Throws CannotOpen. */
    resealed(name: string, stored: Buffer): Buffer | null {
      const isAlone = stored[0] === ALONE
      if (isAlone && stored.toString('latin1', 2, 2 + (stored[1] ?? 0)) === keys.current) return null
      return sealAlone('secret', name, isAlone ? openAlone('secret', name, stored) : stored.toString('utf8'))
    },

    sealAlone,
    openAlone,

    /**
     * Opens a setting that stands by itself: FF, the name of its session's key, bytes of its settings key (2), this key, what
     * `cipher.ts` makes. A plain text is given as it is, unless it is refused. Throws CannotOpen.
     */
    openTaken(stored: Buffer): string {
      if (stored[0] !== ALONE) {
        refusePlain()
        return stored.toString('utf8')
      }
      const { valueKey, rest } = named(stored)
      const textAt = 2 + (rest.length < 2 ? 0 : rest.readUInt16BE())
      return open(valueKey, 'setting', rest.toString('utf8', 2, textAt), rest.subarray(textAt))
    },
  }
}

export type Sealing = ReturnType<typeof createSealing>
