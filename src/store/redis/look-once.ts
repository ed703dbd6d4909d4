/** A look at a server over a connection of its own, which is closed after it. */
import type { Access, Address } from './access.ts'
import { createClient } from './client.ts'
import { type Say, Unfit } from './connection.ts'

export type LookOptions = {
  readonly role: 'redis' | 'sentinel'
  /** For all of it: connecting, asking, answering. */
  readonly withinMs: number
}

/** What ioredis keeps of the socket. */
type WithSocket = { readonly stream?: unknown }

/** Rejects with why nothing came of it: an error of the network or of Redis, or Unfit (see `causeOf`). */
export const lookOnce = async <T>(
  access: Access,
  address: Address,
  { role, withinMs }: LookOptions,
  look: (say: Say, socket: () => unknown) => Promise<T>,
): Promise<T> => {
  const client = createClient(access.connectionTo(address, role), 'coatcheck')
  let fault: unknown
  client.on('error', (error) => {
    fault ??= error
  })
  const giveUp = setTimeout(() => {
    fault ??= new Unfit('it does not answer')
    client.disconnect()
  }, withinMs)
  try {
    await client.connect()
    return await look(
      (command, ...args) => client.callBuffer(command, ...args),
      () => (client as WithSocket).stream,
    )
  } catch (error) {
    throw fault ?? error
  } finally {
    clearTimeout(giveUp)
    client.disconnect()
  }
}
