/** Puts the Redis store to the conformance suite, on a Redis of any kind. Its time can't be moved: it passes in earnest. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Store } from '../../../src/store/port.ts'
import { openRedisStore } from '../../../src/store/redis/store.ts'
import { conformance } from '../../conformance/index.ts'
import type { TlsFiles } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'

/** Opens a store and waits until it answers. */
export const openWhenReady = async (url: string, tls?: TlsFiles): Promise<Store> => {
  const store = openRedisStore({ url, ...(tls && { tlsFiles: { ca: tls.ca, cert: tls.cert, key: tls.key } }) })
  await until(
    () =>
      store.check().then(
        () => true,
        () => false,
      ),
    'the store answers',
  )
  return store
}

export const conforms = (t: Test, url: string, tls?: TlsFiles): Promise<void> =>
  conformance(t, { open: () => openWhenReady(url, tls), elapse: (ms) => delay(ms), replicas: 2 })
