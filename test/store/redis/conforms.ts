/** Puts the Redis store to the conformance suite, on a Redis of any kind. Its time can't be moved: it passes in earnest. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Store } from '../../../src/store/port.ts'
import { openRedisStore } from '../../../src/store/redis/store.ts'
import type { Encryption } from '../../../src/store/sealing/encryption.ts'
import { conformance } from '../../conformance/index.ts'
import type { TlsFiles } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'

/** Opens a store and waits until it answers. */
export const openWhenReady = async (
  url: string,
  tls?: TlsFiles,
  encryption?: Encryption,
  deadlineMs?: number,
): Promise<Store> => {
  const tlsFiles = tls && { ca: tls.ca, cert: tls.cert, key: tls.key }
  const store = openRedisStore({ url, ...(tlsFiles && { tlsFiles }), ...(encryption && { encryption }) })
  let last: unknown
  const answers = () =>
    store.check().then(
      () => true,
      (error) => {
        last = error
        return false
      },
    )
  await until(answers, 'the store answers', deadlineMs).catch(async (error) => {
    await store.close()
    throw last ?? error
  })
  return store
}

export const conforms = (t: Test, url: string, tls?: TlsFiles, encryption?: Encryption): Promise<void> =>
  conformance(t, {
    open: () => openWhenReady(url, tls, encryption),
    elapse: (ms) => delay(ms),
    replicas: 2,
    hidesTexts: encryption !== undefined,
  })
