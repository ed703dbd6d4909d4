/** An authority of the test's own, which signs certificates. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

export type Certificate = { readonly cert: string; readonly key: string }

export type Authority = {
  readonly folder: string
  /** The file with its own certificate. */
  readonly ca: string
  /** Writes `<name>.pem` and `<name>.key`, anew if they are there, and answers their paths. */
  issue(name: string, names: string): Promise<Certificate>
}

const openssl = (...args: readonly string[]): Promise<unknown> =>
  promisify(execFile)(process.env.OPENSSL ?? 'openssl', [...args])

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export const createAuthority = async (t: Test): Promise<Authority> => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-authority-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [ca, caKey, extensions] = ['ca.pem', 'ca.key', 'extensions'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await openssl('req', '-x509', ...NEW_KEY, '-days', '2', '-subj', '/CN=An authority', '-keyout', caKey, '-out', ca)
  return {
    folder,
    ca,
    async issue(name, names) {
      const [cert, key, request] = [`${name}.pem`, `${name}.key`, `${name}.csr`].map((file) => join(folder, file)) as [
        string,
        string,
        string,
      ]
      writeFileSync(extensions, `subjectAltName=${names}\n`)
      await openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', request)
      await openssl(
        ...['x509', '-req', '-in', request, '-CA', ca, '-CAkey', caKey, '-CAcreateserial'],
        ...['-days', '2', '-extfile', extensions, '-out', cert],
      )
      return { cert, key }
    },
  }
}
