/**
 * The store's URL for Redis, in one of these forms; `rediss…` in front means TLS:
 *
 *     redis://[user:password@]host[:port][/db]
 *     redis+unix://[user:password@]/path/of/the/socket[?db=…]
 *     redis+sentinel://[user:password@]host[:port],host[:port]…/master-name[?sentinelUsername=…&sentinelPassword=…]
 *     redis+cluster://[user:password@]host[:port],host[:port]…
 *
 * The password may stand without a user: `:password@`. Users, passwords, the master's name and the socket's path may be
 * percent-encoded. A plus sign means itself.
 */
import { isIPv6 } from 'node:net'

/** Where the store is. */
export type RedisPlace = {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly tls: boolean
  /** Empty if `path` names a unix socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly path: string | undefined
  readonly db: number
  readonly master: string
}

/** Who the service is there. */
export type RedisCredentials = {
  readonly username: string | undefined
  readonly password: string | undefined
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
}

export type RedisTarget = RedisPlace & RedisCredentials

type Form = RedisPlace['kind'] | 'unix'

const PARAMETERS: Readonly<Record<Form, readonly string[]>> = {
  single: [],
  cluster: [],
  sentinel: ['sentinelUsername', 'sentinelPassword'],
  unix: ['db'],
}

const URL_FORM = /^redis(s?)(?:\+(sentinel|cluster|unix))?:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/

const HOST_FORM = /^(?:\[([^\]]+)\]|([A-Za-z0-9_][A-Za-z0-9._-]*))(?::(\d{1,5}))?$/

/** What the kernel has room for. */
const LONGEST_PATH_BYTES = 107

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('A % in it does not begin a percent-encoded character: write the % itself as %25.')
  }
}

const readUserinfo = (userinfo: string | undefined): Pick<RedisCredentials, 'username' | 'password'> => {
  if (userinfo === undefined) return { username: undefined, password: undefined }
  const [, username = '', password = ''] = /^([^:]*):(.*)$/.exec(userinfo) ?? []
  // An empty password is more likely a variable that was not set than a user who needs none; and such a user takes any.
  if (password === '') throw new Error('It has no password before the @: write user:password@ or :password@.')
  return { username: username === '' ? undefined : decode(username), password: decode(password) }
}

const readHosts = (list: string, defaultPort: number): RedisPlace['hosts'] =>
  list.split(',').map((entry) => {
    const [, ipv6, name, digits] = HOST_FORM.exec(entry) ?? []
    const host = ipv6 ?? name
    if (host === undefined) throw new Error('A host in it is not of the form host or host:port.')
    if (ipv6 !== undefined && !isIPv6(ipv6)) throw new Error('What stands between [ and ] in it is no IPv6 address.')
    const port = digits === undefined ? defaultPort : Number(digits)
    if (port < 1 || port > 65535) throw new Error('A port in it is not between 1 and 65535.')
    return { host, port }
  })

const readParameters = (form: Form, query: string): ReadonlyMap<string, string> => {
  const known = PARAMETERS[form]
  const read = new Map<string, string>()
  if (query === '') return read
  for (const part of query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=(.+)$/.exec(part) ?? []
    if (!known.includes(name) || read.has(name)) {
      const allowed = known.length === 0 ? 'nothing' : `only ${known.join(' and ')}, each once and with a value`
      throw new Error(`After the question mark there may be ${allowed}.`)
    }
    read.set(name, decode(value))
  }
  return read
}

const readDatabase = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error('Its database is not a number.')
  return Number(text)
}

const readSocket = (path: string): string => {
  const socket = `/${decode(path)}`
  if (socket === '/') throw new Error('The path of the socket is missing.')
  if (Buffer.byteLength(socket) > LONGEST_PATH_BYTES || socket.includes('\0')) {
    throw new Error(`The path in it is longer than ${LONGEST_PATH_BYTES} bytes, or none: no socket can be there.`)
  }
  return socket
}

type Parts = {
  readonly form: Form
  readonly tls: boolean
  readonly authority: string
  readonly path: string
  readonly parameters: ReadonlyMap<string, string>
}

const readPlace = ({ form, tls, authority, path, parameters }: Parts): RedisPlace => {
  if (form === 'unix') {
    if (tls) throw new Error('A socket of this machine needs no TLS: say redis+unix://.')
    if (authority !== '')
      throw new Error('Before the path of the socket there may only be user:password@, with / in it as %2F.')
    const db = readDatabase(parameters.get('db') ?? '0')
    return { kind: 'single', tls, hosts: [], path: readSocket(path), db, master: '' }
  }
  const hosts = readHosts(authority, form === 'sentinel' ? 26379 : 6379)
  const place = { kind: form, tls, hosts, path: undefined, db: 0, master: '' }
  if (form === 'sentinel') {
    if (path === '') throw new Error('The name of the Sentinel master is missing after the hosts.')
    if (path.includes('/')) throw new Error('After the name of the Sentinel master there may be no other slash.')
    return { ...place, master: decode(path) }
  }
  if (form === 'cluster') {
    if (path !== '' && path !== '0') throw new Error('A Cluster has no database but 0.')
    return place
  }
  if (hosts.length > 1) throw new Error('It names several hosts: say redis+sentinel:// or redis+cluster://.')
  return { ...place, db: path === '' ? 0 : readDatabase(path) }
}

/** Nothing in the URL is passed over. Throws an Error that says what is wrong, without quoting the URL: it may hold a password. */
export const parseRedisUrl = (url: string): RedisTarget => {
  if (/[\s\p{Cc}#]/u.test(url))
    throw new Error('It has a space, a line break or a # in it: write them as %20, %0A, %23.')
  const [, s, kind = 'single', authority, path = '', query = ''] = URL_FORM.exec(url) ?? []
  if (authority === undefined) {
    throw new Error(
      'It begins with none of redis://, rediss://, redis+unix://, redis+sentinel:// and redis+cluster://.',
    )
  }
  const form = kind as Form
  const [, userinfo, place = ''] = /^(?:([^@]*)@)?([^@]*)$/.exec(authority) ?? []
  // A slash or an @ in a password ends it, and the rest is taken for something else.
  if (authority.split('@').length > 2 || (form !== 'unix' && path.includes('@')) || query.includes('@')) {
    throw new Error('It has an @ too many. In users and passwords write @ / ? : as %40 %2F %3F %3A.')
  }
  const parameters = readParameters(form, query)
  const sentinelUsername = parameters.get('sentinelUsername')
  const sentinelPassword = parameters.get('sentinelPassword')
  if (sentinelUsername !== undefined && sentinelPassword === undefined) {
    throw new Error('It has a sentinelUsername without a sentinelPassword.')
  }
  return {
    ...readPlace({ form, tls: s === 's', authority: place, path, parameters }),
    ...readUserinfo(userinfo),
    sentinelUsername,
    sentinelPassword,
  }
}
