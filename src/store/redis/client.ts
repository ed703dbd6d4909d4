/**
 * Makes a client of ioredis for one connection. It sends each command once, queues none, and neither connects nor
 * reconnects by itself: `connection.ts` sees to that, and to the time that a command may take.
 */
import { Redis, type RedisOptions } from 'ioredis'

const CONNECT_MS = 1000

/** @param peculiar where to, and who is there: host and port or path, TLS, user and password */
export const createClient = (peculiar: RedisOptions, connectionName: string): Redis =>
  new Redis({
    ...peculiar,
    // The database is chosen by the greeting, which hears of it where there is no such database.
    db: 0,
    connectionName,
    connectTimeout: CONNECT_MS,
    lazyConnect: true,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableReadyCheck: false,
  })
