/** Opens the store that a URL names, or looks at it without opening it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Examined } from './finding.ts'
import type { OnLives, Store } from './port.ts'
import type { Encryption } from './sealing/encryption.ts'
import { createMasterKeys, type MasterKey } from './sealing/master-keys.ts'
import type { TlsFiles } from './tls-files.ts'
import type { Transfer } from './transfer.ts'

export type { Examined, Finding, Level } from './finding.ts'
export type { MasterKey } from './sealing/master-keys.ts'
export { examineTlsFiles, type TlsFiles } from './tls-files.ts'

/** Told of what changes: a server is there, or is away and why. `server` is its address. */
export type OnState = (server: string, cause: string | undefined) => void

/** The keys, and what is done with them; `prepared`: nothing new is encrypted yet. */
export type EncryptionSettings = {
  readonly keys: readonly [MasterKey, ...MasterKey[]]
  readonly mode: 'prepared' | 'on' | 'required'
}

const toEncryption = ({ keys, mode }: EncryptionSettings): Encryption => ({
  keys: createMasterKeys(keys),
  required: mode === 'required',
  encrypts: mode !== 'prepared',
})

export type OpenOptions = {
  readonly url: string
  /** For a remote store: the URL as it is now, asked for at each new connection. It may throw. */
  readonly readUrl?: () => string
  readonly tlsFiles?: TlsFiles
  /** Called once when the URL or a file is at fault that was read again; what was read before stays in use. Holds no secret. */
  readonly onFault?: (text: string) => void
  /** Told once for each change of a server's state, with the cause if it is away. Holds no secret. */
  readonly onState?: OnState
  /** Told that a server is no part of the store any more. */
  readonly onGone?: (server: string) => void
  readonly onLives?: OnLives
  readonly encryption?: EncryptionSettings | undefined
  /** Of Redis: on how many replicas the writes of some namespaces have to be before they are told. */
  readonly copies?: { readonly needed: number; isFor(namespace: string): boolean } | undefined
}

/** `lmdb:<folder>`; everything else is Redis (see redis/url.ts). An adapter is loaded only if it is used. */
export const openStore = async (options: OpenOptions): Promise<Store> => {
  const { url, onLives, encryption: settings, ...others } = options
  const encryption = settings && toEncryption(settings)
  if (isLmdb(url)) {
    const { openLmdbStore } = await import('./lmdb/store.ts')
    return openLmdbStore({ path: lmdbFolder(url), ...(onLives && { onLives }), ...(encryption && { encryption }) })
  }
  const { openRedisStore } = await import('./redis/store.ts')
  return openRedisStore({ url, ...others, ...(onLives && { onLives }), ...(encryption && { encryption }) })
}

/** Opens a store as one end of a copy. One that is encrypted is refused. */
export const openTransfer = async (options: OpenOptions): Promise<Transfer> => {
  const { url, encryption: _, ...others } = options
  if (isLmdb(url)) {
    const { openLmdbTransfer } = await import('./lmdb/store.ts')
    return openLmdbTransfer({ path: lmdbFolder(url) })
  }
  const { openRedisTransfer } = await import('./redis/store.ts')
  return openRedisTransfer({ url, ...others })
}

export type ExamineOptions = Pick<OpenOptions, 'url' | 'readUrl' | 'tlsFiles'> & {
  /** This machine's time in ms. */
  readonly clock?: () => number
  /** On how many replicas of Redis the writes of some namespaces have to be; none if left out. */
  readonly copies?: number
  readonly encryption?: EncryptionSettings | undefined
}

/** Looks at a store and all its servers, for an operator. It changes nothing there and never rejects. */
export const examineStore = async ({
  url,
  readUrl = () => url,
  tlsFiles = {},
  clock = Date.now,
  copies = 0,
  encryption,
}: ExamineOptions): Promise<Examined> => {
  if (isLmdb(url)) {
    const { examineFolder } = await import('./lmdb/examine.ts')
    return examineFolder({ path: lmdbFolder(url), clock })
  }
  const { examineRedis } = await import('./redis/examine.ts')
  return examineRedis({ readUrl, tlsFiles, clock, copies, keys: encryption ? createMasterKeys(encryption.keys) : null })
}

export type FolderUse = 'open' | 'closed' | 'none'

/** Whether the folder of an embedded store holds one, and whether a process has it open. */
export const folderUse = async (url: string): Promise<FolderUse> => {
  const folder = lmdbFolder(url)
  if (!existsSync(join(folder, 'data.mdb'))) return 'none'
  const { findOwner } = await import('./lmdb/owner.ts')
  return (await findOwner(folder)) === undefined ? 'closed' : 'open'
}

/** Makes an embedded store of a backup; see `lmdb/restore.ts`. */
export const restoreStore = async <Result>(
  url: string,
  file: string,
  prepare: (store: Store) => Promise<Result>,
  settings?: EncryptionSettings,
): Promise<Result> => {
  const { restoreLmdbStore } = await import('./lmdb/restore.ts')
  return restoreLmdbStore({ file, path: lmdbFolder(url), prepare, encryption: settings && toEncryption(settings) })
}

export const isLmdb = (url: string): boolean => url.startsWith('lmdb:')

export const lmdbFolder = (url: string): string => url.slice('lmdb:'.length)

/** Whether the URL says that the store is reached by TLS. */
export const isTls = (url: string): boolean => /^rediss(\+|:)/.test(url)
