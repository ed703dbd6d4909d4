/**
 * A start without configured API keys: allowed only with the embedded store on loopback, where one is made and kept in the
 * data folder, readable by its owner alone, in a form that curl reads by itself: `curl -H @data/authorization.header`.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, newApiKey } from './api-key.ts'
import type { ApiKey } from './http/plugins/authentication.ts'

const FILE = 'authorization.header'
const NAMESPACE = 'app'

export type FirstKey = { readonly apiKey: ApiKey; readonly headerFile: string }

const readKey = (file: string): string | undefined => {
  try {
    return /^Authorization: Bearer (ck_\S+)\s*$/.exec(readFileSync(file, 'utf8'))?.[1]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The key of the data folder, made if there is none. */
export const firstKey = (folder: string): FirstKey => {
  const headerFile = join(folder, FILE)
  let key = readKey(headerFile)
  if (key === undefined) {
    key = newApiKey('first-start')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(headerFile, `Authorization: Bearer ${key}\n`, { mode: 0o600 })
  }
  chmodSync(headerFile, 0o600)
  return { apiKey: { namespace: NAMESPACE, hash: Buffer.from(hashOf(key), 'hex') }, headerFile }
}
