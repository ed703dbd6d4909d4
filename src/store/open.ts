/** Opens the store that a URL names. */
import type { Store } from './port.ts'

/** Told of what changes: a server is there, or is away and why. `server` is its address. */
export type OnState = (server: string, cause: string | undefined) => void

export type OpenOptions = {
  readonly url: string
  /** Told once for each change of a server's state, with the cause if it is away. Holds no secret. */
  readonly onState?: OnState
}

/** `lmdb:<folder>`; everything else is Redis (see redis/url.ts). An adapter is loaded only if it is used. */
export const openStore = async ({ url, onState }: OpenOptions): Promise<Store> => {
  if (url.startsWith('lmdb:')) {
    const { openLmdbStore } = await import('./lmdb/store.ts')
    return openLmdbStore({ path: lmdbFolder(url) })
  }
  const { openRedisStore } = await import('./redis/store.ts')
  return openRedisStore({ url, ...(onState === undefined ? {} : { onState }) })
}

export const isLmdb = (url: string): boolean => url.startsWith('lmdb:')

export const lmdbFolder = (url: string): string => url.slice('lmdb:'.length)
