/** Goes through an encrypted folder part by part and puts all under the key that encrypts now: sessions, then secrets. */
import type { Reencrypted, Store } from '../port.ts'
import type { Sealing } from '../sealing/sealing.ts'
import type { Change } from './batches.ts'
import type { Meta } from './meta.ts'
import type { SessionCodec } from './sealed-codec.ts'
import type { SecretTable } from './secret-table.ts'
import type { Environment } from './tables.ts'

const SESSIONS_A_PART = 100
/** So many bytes are encrypted before others have their turn. */
const BYTES_A_PART = 1024 * 1024

const SECRETS = 'secrets'

type Parts = {
  readonly environment: Environment
  readonly meta: Meta
  readonly change: <T>(decide: () => Change<T>) => Promise<T>
  readonly codec: SessionCodec
  readonly secrets: SecretTable
  readonly sealing: Sealing | null
}

export const createReencrypt = ({ environment, meta, change, codec, secrets, sealing }: Parts): Store['reencrypt'] => {
  const { sessions } = environment

  const someSessions = (after: string | null): Change<Reencrypted> => {
    const start = after === null ? Buffer.alloc(0) : Buffer.concat([Buffer.from(after, 'base64url'), Buffer.of(0)])
    const fresh: [Buffer, Buffer][] = []
    let [looked, bytes] = [0, 0]
    let next: string | null = null
    for (const { key, value } of sessions.getRange({ start, limit: SESSIONS_A_PART })) {
      const to = codec.reencrypted(key, value)
      if (to !== null) fresh.push([Buffer.from(key), to])
      looked += 1
      bytes += to?.length ?? 0
      if (looked < SESSIONS_A_PART && bytes < BYTES_A_PART) continue
      next = key.toString('base64url')
      break
    }
    const put = (): void => {
      for (const [key, value] of fresh) sessions.putSync(key, value)
      // The pages that this frees hold what was stored before.
      meta.putCompaction(true)
    }
    const answer: Reencrypted = { state: 'part', looked, changed: fresh.length, next: next ?? SECRETS }
    return fresh.length === 0 ? { answer } : { answer, put }
  }

  const allSecrets = (): Change<Reencrypted> => {
    const { looked, changed, put } = secrets.resealed()
    return { answer: { state: 'part', looked, changed, next: null }, put }
  }

  return async (after) => {
    if (sealing === null) return { state: 'plain' }
    return change(() => (after === SECRETS ? allSecrets() : someSessions(after)))
  }
}
