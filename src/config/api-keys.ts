/** API keys: `ck_<name>_<random>`. The configuration has only their SHA-256. */
import { createHash, randomBytes } from 'node:crypto'
import type { ApiKey } from '../domain/credentials/api-key.ts'
import { DEFAULT_PERMISSIONS } from '../domain/credentials/permission.ts'

export const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')

/** A new API key of 192 random bits. `name` matches `[a-z0-9-]{1,32}` and names the service that holds it. */
export const newApiKey = (name: string): string => `ck_${name}_${randomBytes(24).toString('base64url')}`

const ENTRY = /^([a-z0-9-]{1,32}):([0-9a-f]{64})$/

/** Reads `<namespace>:<SHA-256 hex>, …`. Throws an Error that gives the number of the faulty entry, without its text. */
export const parseApiKeys = (text: string): ApiKey[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry, i) => {
      const match = ENTRY.exec(entry)
      if (!match?.[1] || !match[2]) {
        const hint = entry.includes('ck_') ? ' It seems to be a key itself: configure its hash.' : ''
        throw new Error(
          `COATCHECK_API_KEYS: entry ${i + 1} is not <namespace>:<64 hex digits>.${hint} \`coatcheck key new\` prints one.`,
        )
      }
      return { namespace: match[1], hash: Buffer.from(match[2], 'hex'), permissions: DEFAULT_PERMISSIONS }
    })
