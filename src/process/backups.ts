/** Backups without a service: from the folder of an embedded store that nobody has open, and back into one. */
import { readEncryption } from '../config/encryption-keys-file.ts'
import { type Config, examineEnvironment } from '../config/environment.ts'
import { createCookieSecrets } from '../domain/credentials/cookie-secrets.ts'
import { createSigningKeys } from '../domain/credentials/signing-keys.ts'
import { type FolderUse, folderUse, isLmdb, lmdbFolder, openStore, restoreStore } from '../store/open.ts'
import type { Backup, Store } from '../store/port.ts'

type Env = NodeJS.ProcessEnv

/** Where the sessions are: in a Redis, or in a folder and what of it. Throws an Error if COATCHECK_STORE is at fault. */
export type Whereabouts = { readonly kind: 'redis' } | { readonly kind: FolderUse; readonly folder: string }

/** Throws an Error if what is needed to open the store is at fault. */
const configIn = (env: Env): Config => {
  const { config, faults } = examineEnvironment(env)
  const fault = faults.find((one) => /^COATCHECK_(STORE|ENCRYPTION|ENCRYPTION_KEYS)(_FILE)? /.test(one))
  if (fault !== undefined) throw new Error(fault)
  return config
}

const storeUrlOf = (env: Env): string => configIn(env).STORE

export const whereabouts = async (env: Env): Promise<Whereabouts> => {
  const url = storeUrlOf(env)
  return isLmdb(url) ? { kind: await folderUse(url), folder: lmdbFolder(url) } : { kind: 'redis' }
}

/** Hands over a backup of the folder. No service can open the folder meanwhile. */
export const withFolderBackup = async <Result>(
  env: Env,
  take: (backup: Backup & { state: 'made' }) => Promise<Result>,
): Promise<Result> => {
  const config = configIn(env)
  const store = await openStore({ url: config.STORE, encryption: readEncryption(config) })
  try {
    const backup = await store.backup()
    if (backup.state !== 'made') throw new Error('There can be no backup of this store.')
    return await take(backup)
  } finally {
    await store.close()
  }
}

/** Removes all keys and secrets, and draws new ones: whatever was signed before is void. */
const drawAnew = async (store: Store): Promise<void> => {
  for (const collection of ['signing-keys', 'cookie-secrets']) {
    for (const place of (await store.secrets(collection)).keys()) await store.removeSecret(collection, place)
  }
  await createSigningKeys(store).refresh()
  await createCookieSecrets(store).refresh()
}

/** What signs tokens and cookies is in the configuration, not in the store; `variables` names it. */
export const configuredSecrets = (env: Env): readonly string[] => {
  const { config } = examineEnvironment(env)
  return [
    ...(config.SIGNING_KEYS === undefined ? [] : ['COATCHECK_SIGNING_KEYS']),
    ...(config.COOKIE_SECRETS === undefined ? [] : ['COATCHECK_COOKIE_SECRETS']),
  ]
}

/** Answers how many sessions there are now. Throws an Error for the operator. */
export const restore = async (
  env: Env,
  { file, revokeTokens }: { readonly file: string; readonly revokeTokens: boolean },
): Promise<number> => {
  const config = configIn(env)
  const prepare = async (store: Store): Promise<number> => {
    if (revokeTokens) await drawAnew(store)
    return store.count()
  }
  return restoreStore(config.STORE, file, prepare, readEncryption(config))
}
