/** The certificates for TLS to a remote store: the files that hold them are read and checked. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

export type TlsPart = 'ca' | 'cert' | 'key'

/** Paths of PEM files: whom to believe instead of the system's authorities, and what the service shows of itself. */
export type TlsFiles = { readonly [part in TlsPart]?: string | undefined }

/** What is in them. */
export type TlsTexts = { readonly [part in TlsPart]?: string }

/** What is wrong with a file, to be said after its name. It quotes nothing of the file. */
export type TlsFault = { readonly part: TlsPart; readonly problem: string }

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const holdsCertificates = (text: string): boolean => {
  const found = text.match(CERTIFICATE) ?? []
  try {
    return found.map((one) => new X509Certificate(one)).length > 0
  } catch {
    return false
  }
}

/** Whether the pair serves for TLS. Node says it only by an Error. */
const fit = (pair: { readonly cert?: string; readonly key?: string }): boolean => {
  try {
    createSecureContext(pair)
    return true
  } catch {
    return false
  }
}

const faultsIn = ({ ca, cert, key }: TlsTexts): TlsFault[] => {
  const faults: TlsFault[] = []
  const noCertificate = 'holds no certificate in PEM.'
  if (ca !== undefined && !holdsCertificates(ca)) faults.push({ part: 'ca', problem: noCertificate })
  if (cert !== undefined && !holdsCertificates(cert)) faults.push({ part: 'cert', problem: noCertificate })
  else if (key !== undefined && !fit({ key })) {
    faults.push({ part: 'key', problem: 'holds no private key in PEM that can be read without a passphrase.' })
  } else if (cert !== undefined && key !== undefined && !fit({ cert, key })) {
    faults.push({ part: 'key', problem: 'holds the key of another certificate.' })
  }
  return faults
}

/** Reads the files. Names each fault that there is. */
export const examineTlsFiles = (files: TlsFiles): { texts: TlsTexts; faults: readonly TlsFault[] } => {
  const texts: { [part in TlsPart]?: string } = {}
  const faults: TlsFault[] = []
  for (const part of ['ca', 'cert', 'key'] as const) {
    const file = files[part]
    if (file === undefined) continue
    try {
      texts[part] = readFileSync(file, 'utf8')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      faults.push({ part, problem: `cannot be read (${code}): check the path and who may read it.` })
    }
  }
  if (files.cert !== undefined && files.key === undefined)
    faults.push({ part: 'cert', problem: 'needs a key file, too.' })
  if (files.key !== undefined && files.cert === undefined) {
    faults.push({ part: 'key', problem: 'needs a certificate file, too.' })
  }
  return { texts, faults: [...faults, ...faultsIn(texts)] }
}
