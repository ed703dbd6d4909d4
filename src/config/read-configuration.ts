/**
 * Reads and checks the whole configuration before the service opens anything: the environment, its file and its secrets.
 * It names all faults at once.
 */
import type { JWK } from 'jose'
import type { ApiKey } from '../domain/credentials/api-key.ts'
import { type EncryptionSettings, isLmdb } from '../store/open.ts'
import { parseApiKeys } from './api-keys.ts'
import { readEncryption } from './encryption-keys-file.ts'
import { type Config, ConfigError, type Environment, examineEnvironment, isLoopback } from './environment.ts'
import { type Namespaces, readNamespaces } from './namespaces.ts'
import { readSigningKeySet } from './signing-keys-file.ts'
import { readStoreAccess, type StoreAccess } from './store-access.ts'
import { proxyFaults } from './trusted-proxies.ts'
import { unknownVariables } from './unknown-variables.ts'

const NO_KEYS =
  'COATCHECK_API_KEYS is missing. The service makes an API key only with the embedded store on loopback. ' +
  'Run `coatcheck key new`, configure the line with the hash that it prints, and give the key to your service.'

const NO_WORKERS =
  'COATCHECK_WORKERS must be 1 with an embedded store, which belongs to one process. Take Redis (COATCHECK_STORE) to use more cores.'

export type Configuration = {
  readonly config: Config
  readonly namespaces: Namespaces
  /** Empty at a first start: the service then makes one. */
  readonly apiKeys: readonly ApiKey[]
  /** The configured signing keys of session tokens. If undefined, the service makes them and keeps them in the store. */
  readonly signingKeySet: readonly JWK[] | undefined
  readonly storeAccess: StoreAccess
  /** Undefined if nothing is to be encrypted. */
  readonly encryption: EncryptionSettings | undefined
  /** Variables that look like settings and are not known. */
  readonly unknown: readonly string[]
}

const apiKeysIn = ({ API_KEYS }: Config): ApiKey[] => {
  try {
    return parseApiKeys(API_KEYS ?? '')
  } catch (error) {
    throw new ConfigError([(error as Error).message])
  }
}

/** What of a configuration could be read, and all its faults. Where a setting is at fault, `config` has its default. */
export type ExaminedConfiguration = {
  readonly config: Config
  /** Undefined if there is a fault. */
  readonly configuration: Configuration | undefined
  /** How the store is reached; undefined if that is at fault. */
  readonly storeAccess: StoreAccess | undefined
  /** Undefined if nothing is to be encrypted, or if the keys are at fault. */
  readonly encryption: EncryptionSettings | undefined
  readonly faults: readonly string[]
  readonly unknown: readonly string[]
}

/** Reads the configuration and all its faults. */
export const examineConfiguration = (env: Environment): ExaminedConfiguration => {
  const { config, faults } = examineEnvironment(env)
  const unknown = unknownVariables(env)
  faults.push(...unknown.faults, ...proxyFaults(config.TRUST_PROXY))
  const part = <Part>(read: () => Part): Part | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      faults.push(...error.faults)
      return undefined
    }
  }
  const fromEnvironment = part(() => apiKeysIn(config))
  const namespaces = part(() => readNamespaces(config, fromEnvironment))
  const text = config.SIGNING_KEYS
  const signingKeySet = text === undefined ? undefined : part(() => readSigningKeySet(text))
  const encryption = part(() => readEncryption(config))
  const isStoreKnown = !faults.some((fault) => /^COATCHECK_STORE(_FILE)? /.test(fault))
  const storeAccess = part(() => readStoreAccess(env, config, isStoreKnown))
  const apiKeys = [...(fromEnvironment ?? []), ...(namespaces?.apiKeys ?? [])]
  const mayMakeOne = isLmdb(config.STORE) && isLoopback(config.HOST)
  if (fromEnvironment && namespaces && apiKeys.length === 0 && !mayMakeOne) faults.push(NO_KEYS)
  if (config.WORKERS !== '1' && isLmdb(config.STORE)) faults.push(NO_WORKERS)
  const isWhole = faults.length === 0 && namespaces && storeAccess
  return {
    config,
    configuration: isWhole
      ? { config, namespaces, apiKeys, signingKeySet, storeAccess, encryption, unknown: unknown.others }
      : undefined,
    storeAccess: isStoreKnown ? storeAccess : undefined,
    encryption,
    faults,
    unknown: unknown.others,
  }
}

/** Reads the configuration. Throws `ConfigError` with all faults. */
export const readConfiguration = (env: Environment): Configuration => {
  const { configuration, faults } = examineConfiguration(env)
  if (configuration === undefined) throw new ConfigError(faults)
  return configuration
}
