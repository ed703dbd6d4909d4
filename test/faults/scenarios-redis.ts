/** Faults of a Redis server. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort, type RedisServer } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'
import type { Scenario, Scene } from './scene.ts'

/** The server that has the first of the shared sessions: the one Redis, or a master of the group. */
const victim = ({ bench, load }: Scene): Promise<RedisServer> => bench.serverOf(load.shared[0] as string)

const ONE = ['redis'] as const
const ALL = ['redis', 'sentinel', 'cluster'] as const

const pings = (server: RedisServer): Promise<boolean> =>
  server.call('PING').then(
    () => true,
    () => false,
  )

/** Sets something, and sets it back. */
const configured = (
  name: string,
  setting: readonly [name: string, value: string, back: string],
  more: Partial<Scenario> = {},
): Scenario => ({
  name,
  on: ONE,
  lastsMs: 1200,
  ...more,
  async harm(scene) {
    const server = await victim(scene)
    const [key, value, back] = setting
    await server.call('CONFIG', 'SET', key, value)
    return async () => void (await server.call('CONFIG', 'SET', key, back))
  },
})

const killClients = (name: string, type: string): Scenario => ({
  name,
  on: ALL,
  lastsMs: 500,
  async harm(scene) {
    const server = await victim(scene)
    const kill = () => server.call('CLIENT', 'KILL', 'TYPE', type)
    await kill()
    return async () => void (await kill())
  },
})

const FILLERS = 20_000
const LOAD_DELAY_US = 40

export const REDIS_FAULTS: readonly Scenario[] = [
  {
    name: 'Redis is killed, and started with its data',
    on: ONE,
    quickOn: ONE,
    lastsMs: 1200,
    async harm(scene) {
      const server = await victim(scene)
      await server.kill()
      return async () => void (await server.start())
    },
  },
  {
    name: 'Redis is killed, and started empty',
    on: ONE,
    lastsMs: 300,
    losesMs: Number.POSITIVE_INFINITY,
    async harm(scene) {
      const server = await victim(scene)
      await server.kill()
      await rm(join(server.dir, 'appendonlydir'), { recursive: true })
      return async () => void (await server.start())
    },
  },
  {
    name: 'Redis is frozen and thawed',
    on: ONE,
    lastsMs: 2500,
    async harm(scene) {
      const server = await victim(scene)
      server.freeze()
      return async () => void server.thaw()
    },
  },
  {
    name: 'Redis is loading',
    on: ONE,
    lastsMs: 300,
    async harm(scene) {
      const server = await victim(scene)
      await server.call('EVAL', `for n = 1, ${FILLERS} do redis.call('SET', 'filler', n) end`, '0')
      await server.call('CONFIG', 'SET', 'key-load-delay', String(LOAD_DELAY_US))
      // It is answered when all is loaded, which takes longer than is waited for.
      const loaded = server.call('DEBUG', 'LOADAOF').catch(() => {})
      return async () => {
        await loaded
        await until(() => pings(server), 'Redis has loaded')
        const at = performance.now()
        await server.call('CONFIG', 'SET', 'key-load-delay', '0')
        return at
      }
    },
  },
  {
    name: 'Redis is busy with a script of somebody else',
    on: ONE,
    lastsMs: 1500,
    async harm(scene) {
      const server = await victim(scene)
      await server.call('CONFIG', 'SET', 'busy-reply-threshold', '50')
      const other = new Redis(server.port, { retryStrategy: () => null })
      other.on('error', () => {})
      const running = other.call('EVAL', 'while true do end', '0').catch(() => {})
      return async () => {
        await server.call('SCRIPT', 'KILL')
        await running
        other.disconnect()
        return undefined
      }
    },
  },
  configured('Redis is out of memory', ['maxmemory', '1mb', '0'], { mayBeFull: true }),
  {
    name: 'Redis has become a replica',
    on: ONE,
    lastsMs: 1200,
    async harm(scene) {
      const server = await victim(scene)
      await server.call('REPLICAOF', '127.0.0.1', await freePort())
      return async () => void (await server.call('REPLICAOF', 'NO', 'ONE'))
    },
  },
  {
    name: 'the password of Redis is another one for a while',
    on: ONE,
    lastsMs: 1200,
    async harm(scene) {
      const server = await victim(scene)
      await server.call('CONFIG', 'SET', 'requirepass', 'another')
      // Connections that are there stay, until they are made anew.
      for (const type of ['normal', 'pubsub']) await server.call('CLIENT', 'KILL', 'TYPE', type)
      return async () => void (await server.call('CONFIG', 'SET', 'requirepass', ''))
    },
  },
  killClients('the connections for changes are killed', 'pubsub'),
  killClients('the connections for commands are killed', 'normal'),
]
