/** Opens the store that a URL names. */
import type { Store } from './port.ts'

export type OpenOptions = {
  readonly url: string
  /** Called when the connection to a remote store fails and when it is there again. Holds no secret. */
  readonly onConnection?: (event: 'ready' | 'error', detail: string) => void
}

/** `lmdb:<folder>`; everything else is Redis (see redis/url.ts). An adapter is loaded only if it is used. */
export const openStore = async ({ url, onConnection }: OpenOptions): Promise<Store> => {
  if (url.startsWith('lmdb:')) {
    const { openLmdbStore } = await import('./lmdb/store.ts')
    return openLmdbStore({ path: lmdbFolder(url) })
  }
  const { openRedisStore } = await import('./redis/store.ts')
  return openRedisStore({ url, ...(onConnection === undefined ? {} : { onConnection }) })
}

export const isLmdb = (url: string): boolean => url.startsWith('lmdb:')

export const lmdbFolder = (url: string): string => url.slice('lmdb:'.length)
