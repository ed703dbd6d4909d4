/** How the store is reached, beside its URL: what is read again while the service runs. */
import { examineTlsFiles, isTls, type TlsFiles } from '../store/open.ts'
import { type Config, ConfigError, type Environment, fileOf, readValueFile } from './environment.ts'

export type StoreAccess = {
  /** The URL as it is now: its file may be written anew. */
  readonly readUrl: () => string
  readonly tlsFiles: TlsFiles
}

const VARIABLES = {
  ca: 'COATCHECK_STORE_CA_FILE',
  cert: 'COATCHECK_STORE_CERT_FILE',
  key: 'COATCHECK_STORE_KEY_FILE',
} as const

const unused = (files: TlsFiles): string[] =>
  (['ca', 'cert', 'key'] as const)
    .filter((part) => files[part] !== undefined)
    .map(
      (part) =>
        `${VARIABLES[part]} is set, but the store is not reached by TLS: unset it, or write rediss in COATCHECK_STORE.`,
    )

/** Throws `ConfigError` with all faults of the files. If the store itself is at fault, it may have been meant for TLS. */
export const readStoreAccess = (env: Environment, config: Config, isStoreKnown: boolean): StoreAccess => {
  const tlsFiles: TlsFiles = {
    ca: config.STORE_CA_FILE,
    cert: config.STORE_CERT_FILE,
    key: config.STORE_KEY_FILE,
  }
  const faults =
    isTls(config.STORE) || !isStoreKnown
      ? examineTlsFiles(tlsFiles).faults.map(({ part, problem }) => `${VARIABLES[part]} ${problem}`)
      : unused(tlsFiles)
  if (faults.length > 0) throw new ConfigError(faults)
  const file = fileOf(env, 'COATCHECK_STORE')
  return { tlsFiles, readUrl: () => (file === undefined ? config.STORE : readValueFile(file)) }
}
