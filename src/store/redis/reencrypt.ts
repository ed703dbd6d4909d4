/** Puts a session under the key that encrypts now: one that is plain, or under an older master key. */
import { packSeal } from '../layout/seal.ts'
import type { SessionRef } from '../port.ts'
import { seal } from '../sealing/cipher.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { packVersion } from './answers.ts'
import { keysOf } from './keys.ts'
import type { KnownKeys } from './known-keys.ts'
import type { Link } from './link.ts'
import type { ScriptRunner } from './script-runner.ts'
import type { Arg } from './scripts.ts'
import { openHash } from './sealed-reader.ts'

const MOST_TRIES = 32

type Parts = { readonly link: Link; readonly run: ScriptRunner['run']; readonly known: KnownKeys }

/** Answers whether there was something to do. Whoever writes meanwhile goes first. */
export const createReencrypt =
  ({ link, run, known }: Parts) =>
  async (ref: SessionRef, sealing: Sealing): Promise<boolean> => {
    const { session } = keysOf(ref)
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { found, seal: old } = openHash(await link.hash(session, ref.by), ref, sealing)
      if (found.state !== 'live' || old?.kid === sealing.current) return false
      const { record, settings } = found
      const key = sealing.keyFor(old)
      const sealed = sealing.sealSubject(ref, record, key)
      const more: Arg[] = []
      let size = 0
      for (const [name, text] of settings) {
        const bytes = seal(key.valueKey, 'setting', name, text)
        more.push(name, bytes)
        size += Buffer.byteLength(name) + bytes.length
      }
      const args = {
        life: Buffer.from(record.life, 'base64url'),
        version: packVersion(record),
        seal: old === null ? '' : packSeal(old),
        newSeal: packSeal(sealed.seal),
        subject: sealed.subject,
        size,
      }
      const { word } = await run('reencrypt', [session], args, { by: ref.by, more })
      known.forget(ref)
      if (word === 'reencrypted') {
        known.put(ref, key)
        return true
      }
    }
    return false
  }

export type Reencrypt = ReturnType<typeof createReencrypt>
