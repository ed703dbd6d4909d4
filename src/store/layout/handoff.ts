/**
 * A hand-off as both adapters store it, big-endian:
 *
 *     offset  bytes  what
 *          0      1  version: 1
 *          1      1  flags; 1: there is a payload, 2: redeeming binds the session, 4: encrypted
 *          2     16  session id
 *         18     12  the life of that session
 *         30     16  the id that it moves to \
 *         46      2  length of the subject    } only with flag 2
 *         48      …  subject, UTF-8          /
 *          …      …  payload, JSON text in UTF-8, to the end
 *
 * With flag 4 the subject and the payload are what `../sealing/sealing.ts` makes of them.
 */

import type { Handoff } from '../port.ts'
import { idBytes, idText } from './partition.ts'

const VERSION = 1
const HAS_PAYLOAD = 1
const BINDS = 2
const SEALED = 4
const HEAD_BYTES = 30

/** Turns texts into what is stored of them, and back. */
export type HandoffTexts = {
  readonly seal: (kind: 'subject' | 'payload', text: string) => Buffer
  readonly open: (kind: 'subject' | 'payload', stored: Buffer) => string
}

const packBind = ({ newId }: NonNullable<Handoff['bind']>, bytes: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([idBytes(newId), length, bytes])
}

export const packHandoff = ({ sessionId, life, payload, bind }: Handoff, texts: HandoffTexts | null = null): Buffer => {
  const flags = (payload === null ? 0 : HAS_PAYLOAD) | (bind === null ? 0 : BINDS) | (texts === null ? 0 : SEALED)
  const bytesOf = (kind: 'subject' | 'payload', text: string): Buffer => texts?.seal(kind, text) ?? Buffer.from(text)
  return Buffer.concat([
    Buffer.of(VERSION, flags),
    idBytes(sessionId),
    Buffer.from(life, 'base64url'),
    ...(bind === null ? [] : [packBind(bind, bytesOf('subject', bind.subject))]),
    ...(payload === null ? [] : [bytesOf('payload', payload)]),
  ])
}

export const unpackHandoff = (packed: Buffer, texts: HandoffTexts | null = null): Handoff => {
  if (packed[0] !== VERSION) {
    throw new Error(
      `A hand-off is stored in layout ${packed[0]}, which this version does not know. Run the version that wrote it.`,
    )
  }
  const flags = packed[1] ?? 0
  if (flags & SEALED && texts === null) throw new Error('A hand-off is stored encrypted, and no keys are configured.')
  const textOf = (kind: 'subject' | 'payload', from: number, to: number): string =>
    flags & SEALED && texts !== null ? texts.open(kind, packed.subarray(from, to)) : packed.toString('utf8', from, to)
  let at = HEAD_BYTES
  let bind: Handoff['bind'] = null
  if (flags & BINDS) {
    const end = at + 18 + packed.readUInt16BE(at + 16)
    bind = { newId: idText(packed.subarray(at, at + 16)), subject: textOf('subject', at + 18, end) }
    at = end
  }
  return {
    sessionId: idText(packed.subarray(2, 18)),
    life: packed.toString('base64url', 18, HEAD_BYTES),
    payload: flags & HAS_PAYLOAD ? textOf('payload', at, packed.length) : null,
    bind,
  }
}
