/**
 * A real Redis of the test's own: on a free port, in a folder of its own, ended by its pid. `REDIS_SERVER` names the
 * program; `npm test` sets it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { Redis } from 'ioredis'
import { freePort } from '../../scripts/free-port.mjs'
import { until } from './until.ts'

export type RedisServer = {
  /** Where it really listens. */
  readonly port: number
  /** Under which port clients and other servers know it: that of a proxy of the test, or the real one. */
  readonly announced: number
  /** Straight to the server, past any proxy; with the password of the user `default`, if it has one. */
  readonly url: string
  readonly dir: string
  pid(): number
  /** SIGSTOP and SIGCONT: the kernel still takes connections, nobody answers. */
  freeze(): void
  thaw(): void
  /** SIGKILL, without saving. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Sends a command straight to the server, as one who may do everything. It rejects when no answer comes within a second. */
  call(command: string, ...args: CallArg[]): Promise<unknown>
  /** The same, and its answer is in buffers. */
  callBuffer(command: string, ...args: CallArg[]): Promise<unknown>
}

export type CallArg = string | number | Buffer

/** Files; `ca` signs the certificates of both sides. */
export type TlsFiles = {
  readonly cert: string
  readonly key: string
  readonly ca: string
  /** Whether clients must show a certificate of their own. */
  readonly clientAuth?: boolean
}

/** The files of a folder that `certifiedFolder` made. */
export const tlsIn = (folder: string, clientAuth = false): TlsFiles => ({
  cert: join(folder, 'cert.pem'),
  key: join(folder, 'key.pem'),
  ca: join(folder, 'cert.pem'),
  clientAuth,
})

/** What one server and a group of servers alike may be told. */
export type ServerOptions = {
  /** More of the configuration, as on the command line: `['--maxmemory', '1mb']`. */
  readonly args?: readonly string[]
  /** Speaks TLS and nothing else, also to other servers. */
  readonly tls?: TlsFiles
  /** Of the user `default`. */
  readonly password?: string
  /** Users, in the words of ACL SETUSER: `coatcheck on >a-password ~cc:* …`. */
  readonly acl?: readonly string[]
}

export { freePort }

/** The user as whom the helpers themselves, replicas and Sentinels come, where there are passwords or users. */
const STAFF = { username: 'staff-of-the-tests', password: randomBytes(16).toString('hex') } as const

const hasUsers = ({ password, acl }: ServerOptions): boolean => password !== undefined || acl !== undefined

/** As whom one comes who may do everything. */
export const staffOf = (options: ServerOptions): { username?: string; password?: string } =>
  hasUsers(options) ? STAFF : {}

const connection = ({ tls }: ServerOptions): ConnectionOptions =>
  tls === undefined
    ? {}
    : {
        ca: readFileSync(tls.ca),
        ...(tls.clientAuth ? { cert: readFileSync(tls.cert), key: readFileSync(tls.key) } : {}),
      }

/** One PING over a socket of its own: whether the server is up and has loaded its data. */
const answers = (port: number, options: ServerOptions): Promise<boolean> =>
  new Promise((resolve) => {
    const at = { port, host: '127.0.0.1' }
    const ping = (): boolean => socket.write('PING\r\n')
    const socket = options.tls ? connectTls({ ...at, ...connection(options) }, ping) : connect(at, ping)
    socket.setTimeout(200, () => socket.destroy())
    socket.once('data', (data) => {
      socket.destroy()
      resolve(/^(\+PONG|-NOAUTH)/.test(String(data)))
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })

const CALL_MS = 1000

/** Sends commands over one connection, which it makes anew when it is lost. */
const createStaff = (port: number, options: StartOptions) => {
  // A Sentinel has a password, and no users.
  const as = options.isSentinel ? { password: options.password } : staffOf(options)
  let client: Redis | undefined
  const connected = (): Redis => {
    if (client && client.status !== 'end' && client.status !== 'close') return client
    client = new Redis({
      ...{ host: '127.0.0.1', port, connectionName: 'tests', retryStrategy: () => null },
      ...{ commandTimeout: CALL_MS, connectTimeout: CALL_MS, enableReadyCheck: false, maxRetriesPerRequest: 0 },
      ...as,
      ...(options.tls ? { tls: connection(options) } : {}),
    })
    client.on('error', () => {})
    return client
  }
  return {
    call: async (command: string, ...args: CallArg[]): Promise<unknown> => connected().call(command, ...args),
    callBuffer: async (command: string, ...args: CallArg[]): Promise<unknown> =>
      connected().callBuffer(command, ...args),
    leave: () => client?.disconnect(),
  }
}

/** A text as one word of a configuration file. */
export const quoted = (text: string): string => JSON.stringify(text)

/** What the servers of all kinds have in their configuration. */
const commonLines = (port: number, dir: string, { tls }: ServerOptions): string[] => [
  ...['bind 127.0.0.1', `dir ${quoted(dir)}`, `logfile ${quoted(join(dir, 'log'))}`],
  ...(tls === undefined
    ? [`port ${port}`]
    : [
        ...['port 0', `tls-port ${port}`, `tls-cert-file ${quoted(tls.cert)}`, `tls-key-file ${quoted(tls.key)}`],
        ...[
          `tls-ca-cert-file ${quoted(tls.ca)}`,
          `tls-auth-clients ${tls.clientAuth ? 'yes' : 'no'}`,
          'tls-replication yes',
        ],
      ]),
]

/** A user's password in this form may be any text. */
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const usersFile = ({ password, acl = [] }: ServerOptions): string => {
  const everything = '~* &* +@all'
  const users = [
    `default on ${password === undefined ? 'nopass' : `#${sha256(password)}`} ${everything}`,
    `${STAFF.username} on >${STAFF.password} ${everything}`,
    ...acl.map((line) => line.replace(/^(acl setuser|user) /i, '')),
  ]
  const byName = new Map(users.map((line) => [line.split(' ')[0], line]))
  return [...byName.values()].map((line) => `user ${line}\n`).join('')
}

/** What keeps sessions has in its configuration. */
const storeLines = (dir: string, options: ServerOptions): string[] => [
  ...['save ""', 'appendonly yes', 'maxmemory-policy noeviction', 'hash-max-listpack-value 1024'],
  ...(hasUsers(options)
    ? [`aclfile ${quoted(join(dir, 'users.acl'))}`, `masteruser ${STAFF.username}`, `masterauth ${STAFF.password}`]
    : []),
]

export type StartOptions = ServerOptions & {
  readonly port?: number
  readonly announced?: number
  /** More of the configuration file. The server may rewrite that file; what stands in `args` it keeps. */
  readonly lines?: readonly string[]
  /** Put into its folder before it starts, by their names. */
  readonly files?: Readonly<Record<string, string>>
  /** A Sentinel, which keeps nothing and has no users. */
  readonly isSentinel?: boolean
}

export const startRedis = async (options: StartOptions = {}): Promise<RedisServer> => {
  const { args = [], lines = [], files = {}, isSentinel = false, password, tls } = options
  const port = options.port ?? (await freePort())
  const dir = await mkdtemp(join(tmpdir(), 'coatcheck-redis-'))
  const conf = join(dir, 'redis.conf')
  const staff = createStaff(port, options)
  let child: ChildProcess | undefined

  const all = [...commonLines(port, dir, options), ...(isSentinel ? [] : storeLines(dir, options)), ...lines]
  const written = { 'redis.conf': `${all.join('\n')}\n`, 'users.acl': usersFile(options), ...files }
  for (const [name, text] of Object.entries(written)) await writeFile(join(dir, name), text)

  const lastWords = async (): Promise<string> => {
    const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '')
    return `redis-server on port ${port} has ended: ${log.trimEnd().split('\n').slice(-5).join('\n')}`
  }

  const start = async (): Promise<void> => {
    const program = process.env.REDIS_SERVER ?? 'redis-server'
    const started = spawn(program, [conf, ...(isSentinel ? ['--sentinel'] : []), ...args], { stdio: 'ignore' })
    child = started
    let fault = ''
    started.once('error', (error) => {
      fault = `${program} did not start (${error.message}). Run the tests by npm test, which gets one.`
    })
    await until(async () => {
      if (fault !== '') throw new Error(fault)
      if (started.exitCode !== null || started.signalCode !== null) throw new Error(await lastWords())
      return answers(port, options)
    }, `redis-server on port ${port} answers`)
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    staff.leave()
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await exited
  }

  const user = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  const stop = async (): Promise<void> => {
    await end('SIGKILL')
    await rm(dir, { recursive: true, force: true })
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    port,
    announced: options.announced ?? port,
    dir,
    url: `redis${tls ? 's' : ''}://${user}127.0.0.1:${port}`,
    pid: () => child?.pid ?? 0,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    start,
    stop,
    call: staff.call,
    callBuffer: staff.callBuffer,
  }
}
