/**
 * A start without configured API keys: allowed only with the embedded store on loopback, where one is made and kept in the
 * data folder, readable by its owner alone, in a form that curl reads by itself: `curl -H @data/authorization.header`.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { hashOf, newApiKey } from '../config/api-keys.ts'
import type { ApiKey } from '../domain/credentials/api-key.ts'
import { PERMISSIONS } from '../domain/credentials/permission.ts'
import { drawId } from '../store/layout/partition.ts'

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
  return {
    apiKey: { namespace: NAMESPACE, hash: Buffer.from(hashOf(key), 'hex'), permissions: PERMISSIONS },
    headerFile,
  }
}

/** The URL to reach a server by that listens on this address, from this machine. */
export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`

/** What a newcomer needs to read at a first start; it holds no secret. */
export const greeting = (url: string, docsUrl: string, headerFile: string): string => {
  const file = relative(process.cwd(), headerFile) || headerFile
  const session = `${url}/v1/sessions/${drawId()}/settings`
  return `
Coatcheck serves ${url}
Swagger UI       ${docsUrl}/docs (Authorize with the key in ${file})

Paste this to keep a setting and see it:

  curl -H @${file} -H 'Prefer: return=representation' -X PATCH --json '{"theme":"dark"}' ${session}

and this to read it again, also after a restart:

  curl -H @${file} ${session}

`
}
