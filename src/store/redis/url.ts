/**
 * The store's URL for Redis, in one of these forms; `rediss…` in front means TLS:
 *
 *     redis://[user:password@]host[:port][/db]
 *     redis+sentinel://[user:password@]host[:port],host[:port]…/master-name[?sentinelUsername=…&sentinelPassword=…]
 *     redis+cluster://[user:password@]host[:port],host[:port]…
 */

export type RedisTarget = {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly tls: boolean
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number
  readonly master: string
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
}

const SENTINEL_PARAMETERS: readonly string[] = ['sentinelUsername', 'sentinelPassword']

const FORM = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/

/** Nothing in the URL is passed over. Throws an Error that says what is wrong, without quoting the URL: it may hold a password. */
export const parseRedisUrl = (url: string): RedisTarget => {
  const match = FORM.exec(url)
  if (!match) throw new Error('It is no redis://, rediss://, redis+sentinel:// or redis+cluster:// URL with a host.')
  const [, s, form, userinfo = '', hostList = '', path = '', query = ''] = match
  const kind = (form ?? 'single') as RedisTarget['kind']
  const colon = userinfo.indexOf(':')
  const username = colon < 0 ? userinfo : userinfo.slice(0, colon)
  const params = new URLSearchParams(query)
  const hosts = hostList.split(',').map((entry) => {
    const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(entry)
    if (!parts?.[1]) throw new Error('A host in it is not of the form host or host:port.')
    const port = parts[2] === undefined ? (kind === 'sentinel' ? 26379 : 6379) : Number(parts[2])
    if (port > 65535) throw new Error('A port in it is above 65535.')
    return { host: parts[1].replace(/^\[|\]$/g, ''), port }
  })
  if (kind === 'single' && hosts.length > 1) {
    throw new Error('It names several hosts: say redis+sentinel:// or redis+cluster://.')
  }
  if (kind === 'single' && path !== '' && !/^\d+$/.test(path)) throw new Error('Its database is not a number.')
  if (kind === 'sentinel' && path === '') throw new Error('The name of the Sentinel master is missing after the hosts.')
  if (kind === 'cluster' && path !== '' && path !== '0') throw new Error('A Cluster has no database but 0.')
  for (const [name, value] of params) {
    if (kind === 'sentinel' && SENTINEL_PARAMETERS.includes(name) && value !== '') continue
    const known = kind === 'sentinel' ? `only ${SENTINEL_PARAMETERS.join(' and ')}, with a value` : 'nothing'
    throw new Error(`After the question mark there may be ${known}.`)
  }
  return {
    kind,
    tls: s === 's',
    hosts,
    username: username === '' ? undefined : decodeURIComponent(username),
    password: colon < 0 ? undefined : decodeURIComponent(userinfo.slice(colon + 1)),
    db: kind === 'single' && path !== '' ? Number(path) : 0,
    master: kind === 'sentinel' ? decodeURIComponent(path) : '',
    sentinelUsername: params.get('sentinelUsername') ?? undefined,
    sentinelPassword: params.get('sentinelPassword') ?? undefined,
  }
}
