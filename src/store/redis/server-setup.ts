/**
 * How a server of Redis is set up, and what of it would lose, bloat or refuse sessions. `/readyz` asks the servers in use, the
 * doctor asks all. `CONFIG` is often not allowed, so what INFO tells, too, is taken from INFO.
 */
import type { Finding, Level } from '../finding.ts'

export const LISTPACK_VALUE = 1024
/** Beyond that part of its maxmemory a server is nearly full. */
const NEARLY_FULL = 0.85
const SETTINGS = ['appendfsync', 'hash-max-listpack-value', 'cluster-require-full-coverage'] as const

type Names = ReadonlyMap<string, string>

export type ServerSetup = {
  readonly info: Names
  /** Undefined if the user may not ask for settings. */
  readonly settings: Names | undefined
}

/** Sends a command, and answers in buffers. */
export type Ask = (command: string, ...args: string[]) => Promise<unknown>

const readInfo = (text: string): Names =>
  new Map([...text.matchAll(/^([^#:\r\n][^:\r\n]*):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]))

const readPairs = (flat: readonly Buffer[]): Names =>
  new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), String(flat[i + 1])] as const] : [])))

/** Rejects if the server does not answer an INFO. */
export const readSetup = async (ask: Ask): Promise<ServerSetup> => {
  const [info, settings] = await Promise.all([
    ask('info'),
    ask('config', 'GET', ...SETTINGS).catch(() => undefined) as Promise<Buffer[] | undefined>,
  ])
  return { info: readInfo(String(info)), settings: settings && readPairs(settings) }
}

/** Such as `Redis 7.2.4` or `Valkey 8.1.0`. */
export const engineOf = ({ info }: ServerSetup): string => {
  const valkey = info.get('valkey_version')
  return valkey === undefined ? `Redis ${info.get('redis_version') ?? '(no version)'}` : `Valkey ${valkey}`
}

type Check = {
  readonly check: string
  readonly level: Level
  /** What is found and what to do; undefined if all is well, or if it was not told. */
  judge(setup: ServerSetup): readonly [found: string, todo: string] | undefined
}

const CHECKS: readonly Check[] = [
  {
    check: 'redis-version',
    level: 'stops',
    judge({ info }) {
      const version = info.get('redis_version')
      if (version === undefined || Number.parseInt(version, 10) >= 7) return undefined
      return [`Redis is older than version 7 (${version}): nothing can be written.`, 'Upgrade it.']
    },
  },
  {
    check: 'redis-evicts',
    level: 'harms',
    judge({ info }) {
      const policy = info.get('maxmemory_policy')
      if (policy === undefined || policy === 'noeviction') return undefined
      const found = `Redis evicts (maxmemory-policy ${policy}): sessions that are alive will vanish.`
      return [found, 'Set maxmemory-policy noeviction.']
    },
  },
  {
    check: 'redis-persistence',
    level: 'harms',
    judge({ info }) {
      if (info.get('aof_enabled') !== '0') return undefined
      const found =
        'Redis keeps no append-only file: a restart loses the latest sessions, and brings back those that have ended.'
      return [found, 'Set appendonly yes and appendfsync everysec.']
    },
  },
  {
    check: 'redis-fsync',
    level: 'harms',
    judge({ info, settings }) {
      if (info.get('aof_enabled') !== '1' || settings?.get('appendfsync') !== 'no') return undefined
      const found = 'Redis leaves it to the system when its file is written (appendfsync no): a crash loses up to 30 s.'
      return [found, 'Set appendfsync everysec.']
    },
  },
  {
    check: 'redis-write-fault',
    level: 'harms',
    judge({ info }) {
      const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].filter(
        (name) => info.has(name) && info.get(name) !== 'ok',
      )
      if (failed.length === 0) return undefined
      return [`Redis could not write its files (${failed.join(', ')}).`, 'Give its disk room, and look at its log.']
    },
  },
  {
    check: 'redis-listpack',
    level: 'harms',
    judge({ settings }) {
      const value = settings?.get('hash-max-listpack-value')
      if (value === undefined || Number(value) >= LISTPACK_VALUE) return undefined
      const found = `hash-max-listpack-value of Redis is ${value}: a session takes twice the memory.`
      return [found, `Set hash-max-listpack-value ${LISTPACK_VALUE}.`]
    },
  },
  {
    check: 'redis-full-coverage',
    level: 'harms',
    judge({ settings, info }) {
      if (info.get('redis_mode') !== 'cluster' || settings?.get('cluster-require-full-coverage') !== 'yes')
        return undefined
      const found = 'cluster-require-full-coverage is yes: all nodes refuse all calls while one slot has no master.'
      return [found, 'Set cluster-require-full-coverage no.']
    },
  },
  {
    check: 'redis-nearly-full',
    level: 'harms',
    judge({ info }) {
      const [used, most] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))]
      if (!(most > 0) || !(used > most * NEARLY_FULL)) return undefined
      const found = `Redis uses ${Math.min(100, Math.round((100 * used) / most))} % of its maxmemory: at 100 % writes that need room get 507.`
      return [found, 'Give it more memory, or let sessions end sooner.']
    },
  },
  {
    check: 'redis-no-maxmemory',
    level: 'note',
    judge({ info }) {
      if (info.get('maxmemory') !== '0') return undefined
      const found = 'Redis has no maxmemory: when the machine has no memory left, the system may kill it.'
      return [found, 'Set maxmemory to half of what the machine has for it: its files are written by a copy of itself.']
    },
  },
  {
    check: 'redis-config-hidden',
    level: 'note',
    judge({ info, settings }) {
      if (settings !== undefined) return undefined
      const names = SETTINGS.filter((name) => info.get('redis_mode') === 'cluster' || !name.startsWith('cluster'))
      const found = `The user may not read settings: ${names.join(', ')} were not looked at.`
      return [found, `Look as an administrator: CONFIG GET ${names.join(' ')}.`]
    },
  },
]

/** What is wrong with the setup of a server. `where` is its address. */
export const judgeSetup = (where: string, setup: ServerSetup): Finding[] =>
  CHECKS.flatMap(({ check, level, judge }) => {
    const [found, todo] = judge(setup) ?? []
    return found === undefined || todo === undefined ? [] : [{ check, level, where, found, todo }]
  })
