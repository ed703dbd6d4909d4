/**
 * A start without configured API keys: allowed only with the embedded store on loopback, where one is made and kept in the
 * data folder, readable by its owner alone, in a form that curl reads by itself: `curl -H @data/authorization.header`.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
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
    const key = /^Authorization: Bearer (ck_\S+)\s*$/.exec(readFileSync(file, 'utf8'))?.[1]
    chmodSync(file, 0o600)
    return key
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new Error(`${file} cannot be used (${code}). It holds an API key: run the service as the user who owns it.`)
  }
}

/** The key of the data folder, made if there is none. */
export const firstKey = (folder: string): FirstKey => {
  const headerFile = join(folder, FILE)
  let key = readKey(headerFile)
  if (key === undefined) {
    key = newApiKey('first-start')
    writeFileSync(headerFile, `Authorization: Bearer ${key}\n`, { mode: 0o600 })
  }
  return {
    apiKey: { namespace: NAMESPACE, hash: Buffer.from(hashOf(key), 'hex'), permissions: PERMISSIONS },
    headerFile,
  }
}

/** The URL to reach a server by that listens on this address, from this machine. */
export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`

/** One word of a shell. */
const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

/** What a newcomer needs to read at a first start; it holds no secret. */
export const greeting = (url: string, docsUrl: string, headerFile: string): string => {
  const file = relative(process.cwd(), headerFile) || headerFile
  const session = `${url}/v1/sessions/${drawId()}/settings`
  const key = word(`@${file}`)
  return `
Coatcheck serves ${url}
Swagger UI       ${docsUrl}/docs (Authorize with the key in ${file})

Paste this to keep a setting and see it:

  curl -H ${key} -H Content-Type:application/json -H Prefer:return=representation -X PATCH -d '{"theme":"dark"}' ${session}

and this to read it again, also after a restart:

  curl -H ${key} ${session}

`
}
