/** One connection to Redis as the store makes it: `createAccess` says how, and ioredis does it once. */
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import type { Access, Address } from '../../src/store/redis/access.ts'

export type Tried = {
  readonly client: Redis
  /** Why it is no connection; empty if it is one. */
  readonly fault: string
}

/** Connects once, and waits for how it goes. */
export const connectOnce = async (
  t: Test,
  access: Access,
  { to = access.addresses[0], role = 'redis' }: { to?: Address | undefined; role?: 'redis' | 'sentinel' } = {},
): Promise<Tried> => {
  if (to === undefined) throw new Error('The URL has no address.')
  const client = new Redis({ ...access.connectionTo(to, role), lazyConnect: true, retryStrategy: () => null })
  t.teardown(() => client.disconnect())
  let fault = ''
  client.on('error', (error: NodeJS.ErrnoException) => {
    fault ||= error.code ?? error.message
  })
  await client.connect().catch((error: Error) => {
    fault ||= error.message
  })
  return { client, fault }
}

/** Whether it takes a command. */
export const connects = async (t: Test, access: Access, to?: Address): Promise<boolean> => {
  const { client, fault } = await connectOnce(t, access, { to })
  return fault === '' && (await client.ping()) === 'PONG'
}
